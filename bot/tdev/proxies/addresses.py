"""The addresses of a host, without those of a network that is not the public one."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""This host, private networks, link-local (where clouds serve credentials), multicast, and IPv6 names for such IPv4."""


def is_public(address: str) -> bool:
    """Whether an address is none of this machine's or its networks'; False for what is no address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return not any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)


async def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """Addresses to try, in order; with `private`, all of them. Raises OSError when the name is not known.

    The one who asks connects to an address of this list, so a name that answers differently the second time gains
    nothing.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return [address for address in addresses if private or is_public(address)]

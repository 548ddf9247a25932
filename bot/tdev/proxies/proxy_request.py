"""What a client asks an HTTP proxy for (RFC 9112 3.2): a tunnel, or to fetch an address. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tdev.proxies.traffic import NotLet

LONGEST_HEAD = 32 * 1024
_FORWARDED = frozenset(
    {"accept", "accept-encoding", "authorization", "cache-control", "if-modified-since", "if-none-match", "range"}
    | {"if-range", "user-agent"}
)
_TUNNEL = re.compile(r"(?P<host>[a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\]):(?P<port>[0-9]{1,5})")
_HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>[\x20-\x7e\t]*?)[ \t]*")
_TARGET = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class ProxyRequest:
    """One request to the proxy."""

    host: str
    """In small letters, without brackets."""
    port: int
    head: bytes = b""
    """What is sent to the host; empty = a tunnel is asked for."""
    url: str = ""
    """The address; empty for a tunnel."""

    @property
    def is_tunnel(self) -> bool:
        """Whether a tunnel is asked for."""
        return not self.head

    @property
    def place(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


def proxy_request(head: bytes) -> ProxyRequest:
    """The request whose head that is; raises NotLet for everything but CONNECT, GET and HEAD without a body."""
    line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not _TARGET.fullmatch(words[1]):
        raise NotLet("not HTTP/1.1")
    method, target, _ = words
    headers = [_header(text) for text in fields]
    if method == "CONNECT":
        return _tunnel(target)
    if method not in ("GET", "HEAD"):
        raise NotLet(f"method {method[:16]}")
    if any(name == "transfer-encoding" or (name == "content-length" and value != "0") for name, value in headers):
        raise NotLet(f"{method} with a body")
    return _fetch(method, target, headers)


def _header(text: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(text)
    if not found:
        raise NotLet("a header that is none")
    return found["name"].lower(), found["value"]


def _tunnel(target: str) -> ProxyRequest:
    found = _TUNNEL.fullmatch(target)
    if not found:
        raise NotLet("CONNECT to what is no host and port")
    return ProxyRequest(found["host"].strip("[]").lower(), int(found["port"]))


def _fetch(method: str, target: str, headers: list[tuple[str, str]]) -> ProxyRequest:
    """The request in the form that the host itself expects, made anew from what is known of it."""
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise NotLet("an address that is none") from error
    if parts.scheme != "http" or not host or parts.username is not None:
        raise NotLet("not an http:// address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    lines = [f"{method} {path} HTTP/1.1", f"host: {shown}" + ("" if port == 80 else f":{port}"), "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers if name in _FORWARDED]
    return ProxyRequest(host, port, "\r\n".join([*lines, "", ""]).encode("latin-1"), f"http://{shown}:{port}{path}")

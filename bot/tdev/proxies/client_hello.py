"""The host that a TLS client asks for (RFC 8446 4.1.2, RFC 6066 3), read from its first record."""

from __future__ import annotations

from collections.abc import Iterator

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _ENCRYPTED_HELLO = 0, 0xFE0D
RECORD_HEAD = 5
"""Bytes that tell how long the record is."""


class NotTls(ValueError):
    """The bytes are no ClientHello that can be read."""


def record_length(head: bytes) -> int:
    """Bytes that follow the head of a handshake record; raises NotTls."""
    if len(head) != RECORD_HEAD or head[0] != _HANDSHAKE or head[1] != 3:
        raise NotTls("no TLS handshake")
    return int.from_bytes(head[3:5], "big")


def server_name(record: bytes) -> str:
    """The name asked for, in small letters; empty when there is none. Raises NotTls, also for a hidden name."""
    if len(record) < 4 or record[0] != _CLIENT_HELLO or int.from_bytes(record[1:4], "big") > len(record) - 4:
        raise NotTls("no whole ClientHello")
    rest = record[4 + 2 + 32 :]
    for size in (1, 2, 1):  # session, ciphers, compressions
        _, rest = _vector(rest, size)
    name = ""
    for kind, data in _extensions(rest):
        if kind == _ENCRYPTED_HELLO:
            raise NotTls("the name is encrypted")
        if kind == _SERVER_NAME:
            entries, _ = _vector(data, 2)
            name = _vector(entries[1:], 2)[0].decode("ascii", "replace").lower()
    return name


def _extensions(rest: bytes) -> Iterator[tuple[int, bytes]]:
    block, _ = _vector(rest, 2)
    while block:
        kind = int.from_bytes(block[:2], "big")
        data, block = _vector(block[2:], 2)
        yield kind, data


def _vector(data: bytes, size: int) -> tuple[bytes, bytes]:
    """What a length of `size` bytes says belongs together, and the rest; raises NotTls when it is cut short."""
    length = int.from_bytes(data[:size], "big")
    if len(data) < size + length:
        raise NotTls("cut short")
    return data[size : size + length], data[size + length :]

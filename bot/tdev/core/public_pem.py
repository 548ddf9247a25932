"""Certificates and public keys in a text: random characters that everybody may have.

The form is that of RFC 7468. A block counts only where its content is what the label says as far as its outer form
tells: one DER sequence that begins with another. A private key begins with a number, whatever it calls itself.
"""

from __future__ import annotations

import base64
import binascii
import re

_BLOCK = re.compile(
    r"-----BEGIN (?P<label>CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)-----\r?\n"
    r"(?P<body>(?:[A-Za-z0-9+/=]{1,76}\r?\n){1,400})"
    r"-----END (?P=label)-----"
)
_SEQUENCE = 0x30


def public_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each certificate and public key."""
    return tuple(match.span() for match in _BLOCK.finditer(text) if _is_public(match["body"]))


def _is_public(body: str) -> bool:
    """True for one DER sequence that begins with a sequence."""
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(data) < 4 or data[0] != _SEQUENCE:
        return False
    header, length = 2, data[1]
    if length > 0x80:
        header += length - 0x80
        length = int.from_bytes(data[2:header], "big")
    return len(data) == header + length and data[header : header + 1] == bytes([_SEQUENCE])

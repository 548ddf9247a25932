"""Credentials for cases: made anew for each, of the form that services give out, and good for nothing.

No value stands in the repository: a scanner that finds one here has found a defect. Random text comes from a generator
that the case's name seeds, so a case is the same each time; keys are made by the library.
"""

from __future__ import annotations

import base64
import random
import re
import string
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_WORD = re.compile(r"\{\{([a-z-]+)\}\}")
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def fill(text: str, case: str) -> str:
    """The text with each `{{kind}}` replaced; in a line that a patch adds, all lines of the value are added."""
    return "".join(_filled(line, case) for line in text.splitlines(keepends=True))


def _filled(line: str, case: str) -> str:
    def value(match: re.Match[str]) -> str:
        found = _KINDS[match[1]](random.Random(f"{case} {match[1]}"))
        return found.replace("\n", "\n+") if line.startswith("+") else found

    return _WORD.sub(value, line)


def _text(chance: random.Random, length: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(chance.choice(letters) for _ in range(length))


def _with_checksum(chance: random.Random, prefix: str) -> str:
    """A token whose last six letters are the CRC-32 of the others, in base 62, as GitHub and npm make them."""
    body = _text(chance, 30)
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return prefix + body + digits.rjust(6, "0")


def _slack_hook(chance: random.Random) -> str:
    upper = string.ascii_uppercase + string.digits
    return (
        f"https://hooks.slack.com/services/T{_text(chance, 8, upper)}/B{_text(chance, 10, upper)}/{_text(chance, 24)}"
    )


def _slack_token(chance: random.Random) -> str:
    return f"xoxb-{_text(chance, 12, string.digits)}-{_text(chance, 13, string.digits)}-{_text(chance, 24)}"


def _jwt(chance: random.Random) -> str:
    claims = {"sub": "desk", "iss": "partner", "iat": 1767225600, "jti": _text(chance, 16)}
    return jwt.encode(claims, _text(chance, 40), algorithm="HS256")


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _private_key(chance: random.Random) -> str:
    form = serialization.PrivateFormat.PKCS8
    return _key().private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode().strip()


def _public_key(chance: random.Random) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return _key().public_key().public_bytes(serialization.Encoding.PEM, form).decode().strip()


def _certificate(chance: random.Random) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme Desk Root")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_key().public_key())
    builder = builder.serial_number(chance.getrandbits(64)).not_valid_before(now)
    made = builder.not_valid_after(now + timedelta(days=365)).sign(_key(), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode().strip()


_KINDS: Mapping[str, Callable[[random.Random], str]] = {
    "aws-key": lambda chance: "AKIA" + _text(chance, 16, string.ascii_uppercase + "234567"),
    "aws-secret": lambda chance: base64.b64encode(chance.randbytes(30)).decode(),
    "github-token": lambda chance: _with_checksum(chance, "ghp_"),
    "npm-token": lambda chance: _with_checksum(chance, "npm_"),
    "slack-token": _slack_token,
    "slack-hook": _slack_hook,
    "stripe-key": lambda chance: "sk_live_" + _text(chance, 24),
    "jwt": _jwt,
    "password": lambda chance: _text(chance, 20),
    "hex": lambda chance: chance.randbytes(20).hex(),
    "private-key": _private_key,
    "private-key-json": lambda chance: _private_key(chance).replace("\n", "\\n"),
    "public-key": _public_key,
    "certificate": _certificate,
    # What the manuals of services show for everybody to read.
    "documented-aws-key": lambda chance: "AKIA" + "IOSFODNN7" + "EXAMPLE",
    "documented-aws-secret": lambda chance: "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "documented-login": lambda chance: "user" + ":" + "password",
}

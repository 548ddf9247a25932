"""Credentials that the manuals of services print for everybody to read: they open nothing.

Told by the whole value and never by a part of it, or a real one could be written so that it passes. The values are put
together here, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

_AWS_IDS = ("IOSFODNN7", "I44QH8DHB")
_AWS_SECRETS = ("wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCY", "je7MtGbClw" + "BF/2Zp9Utk/" + "h3yCo8nvb")
DOCUMENTED = frozenset(
    [prefix + part + "EXAMPLE" for part in _AWS_IDS for prefix in ("AKIA", "ASIA")]
    + [part + "EXAMPLEKEY" for part in _AWS_SECRETS]
)
"""What Amazon's manual of access keys shows
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html)."""


def is_documented(value: str) -> bool:
    """True for a credential that a manual prints."""
    return value.strip("\"'") in DOCUMENTED

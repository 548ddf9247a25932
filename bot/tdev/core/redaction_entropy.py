"""Tokens that look random though no provider's shape fits them: guessed, by what they are made of and what stands near.

Random tokens change between capitals, small letters and digits at almost every place; names and words do not. Digests,
commits, UUIDs and data in lock files are random, too, and no secrets: they are told by their form and by the words on
their line. Used for text that leaves, and by the patch guard for added lines.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{20,200}={0,2}(?![A-Za-z0-9+/_=-])")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECRET_WORDS = re.compile(r"(?i)passw|secret|token|api[_-]?key|access[_-]?key|private|credential|bearer|auth|signing")
_DIGEST_WORDS = re.compile(
    r"(?i)\bsha\d*\b|sha(?:1|224|256|384|512)[-:=]|integrity|checksum|digest|\bhash|--hash|commit|\brevision|\brev\b"
    r"|etag|fingerprint|\bmd5|blake|resolved|\bindex [0-9a-f]{7}|data:[a-z]+/|;base64,|example|dummy|placeholder"
    r"|\sh1:\Z"
)
_MOST_BITS_HEX = 3.0
_LEAST_BITS = 3.9
_LEAST_CHANGES = 0.35
_LEAST_DIGITS = 2
_SPELLED = re.compile(r"[a-z]{4,}")
_MOST_SPELLED = 0.3
_SHORT = 32
_NEAR = 80


class Guess(NamedTuple):
    """A token that may be a secret."""

    start: int
    """Index of its first character."""
    end: int
    """Index behind its last."""
    reason: str
    """Why it was taken for one, for people; without the token."""


def likely_secrets(text: str) -> Iterator[Guess]:
    """The tokens of a text that look like secrets of no known kind, in order."""
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        line = text[max(text.rfind("\n", 0, start) + 1, start - _NEAR) : start]
        behind = text[end : min(len(text) if (stop := text.find("\n", end)) < 0 else stop, end + _NEAR)]
        reason = _reason(found.group(), line, behind)
        if reason:
            yield Guess(start, end, reason)


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits for each."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) if text else 0.0


def _reason(token: str, before: str, behind: str) -> str:
    """Why the token looks like a secret; empty when it does not."""
    near = bool(_SECRET_WORDS.search(before))
    if _DIGEST_WORDS.search(before) or _DIGEST_WORDS.search(behind) or _UUID.fullmatch(token):
        return ""
    if _HEX.fullmatch(token):
        bits = entropy(token.lower())
        return "random hexadecimal next to a word for a secret" if near and _secret_hex(token, bits) else ""
    if not _mixed(token) or entropy(token) < _LEAST_BITS - (0.4 if near else 0):
        return ""
    if near:
        return "random characters next to a word for a secret"
    return "random characters" if len(token) >= _SHORT and "/" not in token.strip("/") else ""


def _secret_hex(token: str, bits: float) -> bool:
    """Long enough for a key, not as long as a commit's or file's digest, and not counting up."""
    return len(token) >= _SHORT and len(token) != 40 and bits >= _MOST_BITS_HEX


def _mixed(token: str) -> bool:
    """True when capitals, small letters and digits alternate as by chance."""
    kinds = ["d" if char.isdigit() else "u" if char.isupper() else "l" if char.islower() else "-" for char in token]
    changes = sum(one != other for one, other in pairwise(kinds))
    enough = kinds.count("d") >= _LEAST_DIGITS and kinds.count("u") >= 2 and kinds.count("l") >= 2
    spelled = sum(len(run) for run in _SPELLED.findall(token))
    return enough and changes / len(token) >= _LEAST_CHANGES and spelled / len(token) <= _MOST_SPELLED

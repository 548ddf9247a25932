"""What both programs that search for credentials are given, and what they answer with.

kingfisher.py and detect_secrets.py answer with a Search, secrets.py joins the two. A Hit holds a
hash of the credential and never the credential: what finds secrets must not write them into
reports.

The canary answers the question whether "nothing found" means that somebody has looked. It is made
at run time, so that this repository holds no key that others' scanners would report.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tdev.core.artifacts.finding import Severity
from tdev.core.documented_keys import DOCUMENTED

CANARY = "canary"
"""Folder with a made-up private key: a program that does not report it has not looked."""


@dataclass(frozen=True)
class Hit:
    """One credential one program found."""

    item: str
    """First folder of its path below the searched folder: what was searched has one folder per item."""
    rule: str
    """Kind of credential."""
    severity: Severity
    """Error for a shape that is certain, warning for a name that only sounds like one."""
    line: int
    """1-based first line."""
    end_line: int
    """1-based last line."""
    identity: str = field(repr=False)
    """Hash of the credential, to tell the same one apart in memory; never written down."""


@dataclass(frozen=True)
class Search:
    """How one program's search went."""

    hits: tuple[Hit, ...] = ()
    """What it found, the canary left out."""
    reason: str = ""
    """Why it is no evidence; empty when it is."""


def judged(program: str, hits: list[Hit]) -> Search:
    """The search without the canary and without keys that manuals print; no evidence when the canary was not found."""
    if not any(hit.item == CANARY for hit in hits):
        return Search(reason=f"{program} did not find the test credential, so it did not look properly")
    return Search(hits=tuple(hit for hit in hits if hit.item != CANARY and hit.identity not in _documented()))


@cache
def _documented() -> frozenset[str]:
    """Identities of the keys that manuals print; detect-secrets tells credentials apart by SHA-1."""
    plain = (hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest() for value in DOCUMENTED)
    return frozenset((*plain, *map(identity_of, DOCUMENTED)))


def plant_canary(folder: Path) -> None:
    """Write the made-up private key below a folder that is to be searched."""
    lines = (hashlib.sha512(f"tdev {number}".encode()).hexdigest() for number in range(8))
    body = "\n".join(_letters(line)[:64] for line in lines)
    name = "RSA " + "PRIVATE KEY"
    (folder / CANARY).mkdir()
    (folder / CANARY / "key.pem").write_text(f"-----BEGIN {name}-----\n{body}\n-----END {name}-----\n")


def _letters(digits: str) -> str:
    """Hex digits as something that looks like Base64."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    pairs = (int(digits[start : start + 2], 16) for start in range(0, len(digits), 2))
    return "".join(alphabet[number % 64] for number in pairs)


def identity_of(text: str) -> str:
    """A hash that tells credentials apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

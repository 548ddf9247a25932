"""Comments that tell a checker to look away from a line or a file, and which of them are more than style."""

from __future__ import annotations

import re

_NOQA_OF_WEIGHT = re.compile(r"#\s*(?i:noqa)\s*:[^#]*\b(?:S[0-9]{3}|C90[0-9]?|BLE[0-9]+|PLR09[0-9]+|PGH[0-9]+)\b")
_TYPES = re.compile(r"#\s*(?:type|pyright|mypy)\s*:\s*ignore\b(?!\s*\[)|#\s*mypy\s*:\s*ignore-errors")
_SECRETS = re.compile(r"(?i)pragma\s*:\s*allowlist|gitleaks\s*:\s*allow|(?:trufflehog|kingfisher)\s*:\s*ignore")
_SCANNING = re.compile(r"(?i)\blgtm\s*\[|\bcodeql\s*\[|\bNOSONAR\b|\bsnyk\s*:\s*ignore|checkov\s*:\s*skip")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("pragma: no cover", re.compile(r"(?i)#\s*pragma\s*:\s*no\s*(?:cover|branch)")),
    ("pragma: no mutate", re.compile(r"(?i)#\s*pragma\s*:\s*no\s*mutate")),
    ("nosec", re.compile(r"(?i)#\s*nosec\b")),
    ("nosemgrep", re.compile(r"(?i)\bnosem(?:grep)?\b\s*(?::|$)|//\s*nosem|#\s*nosem")),
    ("noqa of a whole file", re.compile(r"(?i)#\s*(?:flake8|ruff)\s*:\s*noqa")),
    ("noqa without a rule", re.compile(r"(?i)#\s*noqa\b(?!\s*:\s*[A-Z]+[0-9])")),
    ("noqa of a security or complexity rule", _NOQA_OF_WEIGHT),
    ("type: ignore without a code", _TYPES),
    ("pylint: disable", re.compile(r"(?i)#\s*pylint\s*:\s*(?:disable|skip-file)")),
    ("eslint-disable", re.compile(r"(?i)\beslint-disable\b")),
    ("ts-ignore", re.compile(r"@ts-(?:ignore|nocheck)\b")),
    ("an ignore of coverage", re.compile(r"(?i)\b(?:istanbul|c8|v8)\s+ignore\b|\bLCOV_EXCL|\bcoverage\s*:\s*ignore")),
    ("nolint", re.compile(r"(?i)//\s*nolint\b|@SuppressWarnings\b|#\[allow\(")),
    ("an allowed secret", _SECRETS),
    ("a check of code scanning", _SCANNING),
)  # fmt: skip
_ANY = re.compile(
    r"(?i)pragma|nosem|nosec|noqa|ignore|disable|skip-file|ts-nocheck|nolint|suppress|allow|LCOV|NOSONAR|lgtm|codeql|checkov"
)
"""A line that none of the shapes can be in is told by one search."""
_MOST = 2000


def suppression_in(line: str) -> str:
    """Name of the first such comment in a line; empty when there is none."""
    text = line[:_MOST]
    if not _ANY.search(text):
        return ""
    return next((name for name, pattern in _KINDS if pattern.search(text)), "")

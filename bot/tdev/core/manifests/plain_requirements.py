"""Requirements that name a package of the index and nothing else: no address, file, option or variable."""

from __future__ import annotations

import re

_PLAIN = re.compile(
    r"(?!\S*\.(?:whl|zip|tar|tgz|gz|bz2|xz|lzma|zst)\b)[A-Za-z0-9][\w.\-]*\s*(?:\[[\w.,\s\-]*\])?\s*"
    r"(?:[<>=!~][^@/\\;#$]*)?(?:;[^@/\\#$]*)?(?:\s#.*)?",
    re.IGNORECASE | re.ASCII,
)


def names_package_alone(requirement: str) -> bool:
    """True when nothing but the text and the index decides what is installed."""
    return bool(_PLAIN.fullmatch(requirement.strip()))

"""Whether a request asks for other versions of dependencies and for nothing else: `upgrade requests to 2.32`.

Called by policy/patch_bounds.py: such a request may change manifests and lock files, any other may not. The text may
come from anyone, so the whole of it has to be that one sentence; a request that says more is not taken for one.
"""

from __future__ import annotations

import re

_LONGEST = 300
_NAME = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?:\[[a-z0-9,._-]+\])?"
_VERSION = r"(?:[<>=~!^]{0,2}\s?v?\d[a-z0-9.*+!-]*|(?:the\s+)?(?:latest|newest)(?:\s+version)?)"
_NAMES = rf"{_NAME}(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+){_NAME}){{0,9}}"
_ALL = r"(?:all\s+|our\s+|the\s+)*(?:outdated\s+|vulnerable\s+)?dependenc(?:y|ies)"
_TO = rf"\s+(?:from\s+{_VERSION}\s+)?to\s+(?:version\s+)?{_VERSION}"
_ASKED = re.compile(
    rf"(?:please\s+)?(?:(?:upgrade|bump|pin|downgrade)\s+(?:{_ALL}|{_NAMES})(?:{_TO})?"
    rf"|(?:update|raise|lower|move)\s+(?:{_ALL}|{_NAMES}{_TO}))\s*[.!]?",
    re.IGNORECASE | re.ASCII,
)


def only_versions(text: str) -> bool:
    """True when the whole text is one sentence that asks to upgrade, pin or downgrade packages it names."""
    return len(text) <= _LONGEST and _ASKED.fullmatch(text.strip()) is not None

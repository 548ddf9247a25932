"""What a glob in a policy may look like: a pattern that would silently match nothing is an error, not a hole.

Called by the models for every glob. How a glob matches is in core/globs.py; here only its spelling is judged.
Brackets and braces are refused because other tools give them a meaning: a pattern copied from one of them would
protect nothing and nobody would notice.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

LONGEST_GLOB = 200


def checked_glob(pattern: str) -> str:
    """The pattern itself; raises ValueError, with the reason as the end of a sentence, when it is not a glob."""
    if not pattern or pattern != pattern.strip():
        raise ValueError("is empty or has blanks around it")
    if len(pattern) > LONGEST_GLOB:
        raise ValueError(f"is longer than {LONGEST_GLOB} characters")
    if pattern.startswith(("/", "./", "~", "!")) or "\\" in pattern:
        raise ValueError("must be relative to the repository's root, with `/` between folders and no `!`")
    if any(char in "[]{}" for char in pattern):
        raise ValueError(
            "holds one of [ ] { }, which have no meaning here; write one glob each, or `?` for one character"
        )
    if any(unicodedata.category(char).startswith("C") for char in pattern):
        raise ValueError("holds characters that can't be shown")
    parts = pattern.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError("has empty, . or .. parts")
    if any("**" in part and part != "**" for part in parts):
        raise ValueError("has `**` beside other characters; it must stand between slashes")
    return pattern


Glob = Annotated[str, AfterValidator(checked_glob)]
"""A path pattern: `*` and `?` stay inside a folder, `**` crosses folders; docs/policies.md has the rules."""

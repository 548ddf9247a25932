"""Where the page of a check stands: what people follow from a comment, a check run or a terminal.

The pages are docs/gates/<check>.md of this project; a test holds that every check has one.
"""

from __future__ import annotations

PROJECT = "https://github.com/t-developer/tdev"
"""Where this project is read."""
_DOCS = f"{PROJECT}/blob/main/docs"
_WHOLE = ("gates", "security", "tests", "quality")


def page_of(check: str) -> str:
    """Address of the page about a check, by its name in the verdict; a gate's own is the index of all."""
    return f"{_DOCS}/gates.md" if check in _WHOLE else f"{_DOCS}/gates/{check}.md"

"""Where the page of a check stands: what people follow from a comment, a check run or a terminal.

The pages are docs/gates/<check>.md of this project; a test holds that every check has one.
"""

from __future__ import annotations

PROJECT = "https://github.com/t-developer/tdev"
"""Where this project is read."""
_FOLDER = f"{PROJECT}/blob/main/docs/gates"


def page_of(check: str) -> str:
    """Address of the page about a check, by its name in the verdict."""
    return f"{_FOLDER}/{check}.md"

"""Which issues a text closes: GitHub's closing keywords.

Follows "Linking a pull request to an issue". Comes in: the text of a pull request or of a commit. Goes
out: numbers of issues of the same repository, each once. Issues of other repositories are left out.
"""

from __future__ import annotations

import re

_CLOSES = re.compile(
    r"(?<![\w-])(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?):?\s+(?P<repo>[\w.-]+/[\w.-]+)?#(?P<number>\d+)\b", re.I
)


def closed_numbers(text: str | None, repository: str) -> tuple[int, ...]:
    """Numbers after a closing keyword; `repository` is owner/name, which a reference may name."""
    found = [
        int(match["number"])
        for match in _CLOSES.finditer(text or "")
        if not match["repo"] or match["repo"].lower() == repository.lower()
    ]
    return tuple(dict.fromkeys(found))

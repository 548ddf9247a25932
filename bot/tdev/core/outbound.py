"""Text from outside, made fit to be posted: it can't mention, close, link or break out.

Whatever T-Developer writes where others read it (pull requests, plan.md, verdict.md) goes through here if it came from
an issue, a repository, a tool or a model. It guards the page, not secrets: those are core/redaction.py's.
Inbound text is core/untrusted.py's; both are needed, since visible text can still mention people or close issues.
"""

from __future__ import annotations

import re

_LONGEST = 4000


def quoted(text: str) -> str:
    """The text in a Markdown code fence longer than any it holds: nothing in it is acted upon."""
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "\n…"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def inline(text: str, *, limit: int = 300) -> str:
    """One line that can't break a table, mention a person or close an issue."""
    line = " ".join(text.split())
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    line = re.sub(r"([\\|<>\[\]*_`])", r"\\\1", line)
    return re.sub(r"[@#](?=\w)", lambda found: f"{found.group()}<!-- -->", line)

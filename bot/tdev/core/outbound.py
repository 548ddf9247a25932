"""Text from outside, made fit to be posted: it can't mention, close, link, hide or break out.

Whatever T-Developer writes where others read it (pull requests, checks, plan.md, verdict.md) goes through here if it
came from an issue, a repository, a tool or a model. Links of ours are written by the pages themselves; an address in
a text from outside stays readable and leads nowhere. Credentials are taken out by core/redaction.py, the whole text
once more before it is posted. Inbound text is core/untrusted.py's; both are needed, since visible text can still
mention people or close issues.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tdev.core import untrusted
from tdev.core.redaction import redact, redact_likely

MOST_BODY = 65_536
"""Longest body of a pull request or comment that GitHub takes, in characters."""
CUT_MARK = "\n\n**Cut here: the rest is in the run directory.**"
_LONGEST = 4000
_BREAK = "<!-- -->"
_ADDRESS = re.compile(r"(?i):(?=//)|www(?=\.)|\bGH(?=-\d)|mailto(?=:)")
_CLOSING = re.compile(
    r"(?i)\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(\s*:?\s+)(?=(?:[\w.-]+/[\w.-]+)?#\d|GH-\d|https?://)"
)

_SKIPPING = re.compile(
    r"(?i)\[(?:skip|no)[ -]?(?:ci|actions)\]|\[(?:ci|actions)[ -]skip\]|\*{3}NO_CI\*{3}|\bskip-checks(?=\s*:)"
)
"""Words in a commit's message by which workflows are not started."""
_ACTING = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://|://|www\.(?=\w)|mailto:|[@#\uff20\uff03](?=\w)|\bGH-(?=\d)")


def visible(text: str, limit: int) -> str:
    """The text without credentials and without what people can't see, at most so many characters long; for places
    that show plain text.
    """
    cleaned = redact(untrusted.clean(text, 4 * limit + len(untrusted.CUT_MARK)))
    return cleaned if len(cleaned) <= limit else cleaned[: max(limit - 1, 0)] + "…"


def quoted(text: str) -> str:
    """The text in a Markdown code fence longer than any it holds: nothing in it is acted upon."""
    cleaned = redact(untrusted.clean(text, 4 * len(text) + 64))
    shown = cleaned if len(cleaned) <= _LONGEST else cleaned[:_LONGEST] + "\n…"
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def inline(text: str, *, limit: int = 300) -> str:
    """One line that can't break a table, mention a person, close an issue or link anywhere."""
    line = " ".join(redact(untrusted.clean(text, 4 * len(text) + 64)).split())
    line = line if len(line) <= limit else line[: limit - 1] + "…"
    line = re.sub(r"([\\|<>\[\]*_`])", r"\\\1", line)
    line = f"\\{line}" if line.startswith("/") else line
    return inert(line)


def inert(text: str) -> str:
    """Words for Markdown in which no mention, issue number or bare address acts: an empty comment parts them."""
    text = _ADDRESS.sub(lambda found: f"{found.group()}{_BREAK}", text)
    return re.sub(r"[@#\uff20\uff03](?=\w)", lambda found: f"{found.group()}{_BREAK}", text)


def plain(text: str) -> str:
    """One line for places that show no Markdown and take no HTML comment, such as titles: what would act is left out.

    A title becomes the message of a squashed commit, in which closing words, mentions and words against CI do act. It
    begins with no slash: programs that read commands begin there.
    """
    line = " ".join(redact(untrusted.clean(text, 4 * len(text) + 64)).split())
    before = ""
    while before != line:
        before, line = line, _ACTING.sub("", _CLOSING.sub("about ", _SKIPPING.sub("", line)))
        line = line.strip().lstrip("/\u2044\u2215\u29f8")
    return " ".join(line.split())


def capped(text: str, limit: int = MOST_BODY) -> str:
    """The text, cut at a line's end with a visible mark where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(CUT_MARK) - 8]
    kept = kept[: kept.rfind("\n")] if "\n" in kept else kept
    fences = sum(1 for line in kept.splitlines() if line.startswith("```"))
    return kept + ("\n```" if fences % 2 else "") + CUT_MARK


def posted(text: str, own: Iterable[str] = ()) -> str:
    """A whole text of ours, ready to be posted: not too long, without credentials, `own` and likely ones included."""
    return capped(redact_likely(text, own))

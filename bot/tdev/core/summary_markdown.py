"""The summary of a change as the pull request shows it: a model's words, made anew, in which nothing acts.

Called by core/pull_request.py. Each text goes through core/outbound_markdown.py, so a mention, a closing keyword, an
image or a link that leads anywhere can't be part of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.summary import ChangeSummary, Summary
from tdev.core.outbound import inline
from tdev.core.outbound_markdown import rewritten

_LONGEST = 2400
"""Most bytes of one text of the summary."""
_LONGEST_WORDS = 2000
"""Most bytes of what one session said."""
_MOST_SESSIONS = 20
_NOTE = "What the model says of the difference; no gate checks these words."


def summary_lines(summary: Summary, attempts: Iterable[Attempt] = ()) -> Iterator[str]:
    """The section for the pull request; where there is no summary, why, and what the sessions said at their end."""
    yield "## Summary"
    yield ""
    if summary.told is None:
        yield from _plain_words(summary.reason, attempts)
        return
    yield from _told(summary.told)
    cut = summary.shown_bytes < summary.diff_bytes
    seen = f" It saw the first {summary.shown_bytes:,} of {summary.diff_bytes:,} bytes." if cut else ""
    yield f"<sub>{_NOTE}{seen}</sub>"
    yield ""


def _told(told: ChangeSummary) -> Iterator[str]:
    yield from (f"**{inline(told.title)}**", "", rewritten(told.why, _LONGEST), "")
    yield from _items("", told.changed)
    places = [f"- {inline(place.path, limit=200)}: {_indented(place.reason)}" for place in told.review_first]
    if places:
        yield from ("**Review first**", "", *places, "")
    yield from _items("**Risks**", told.risks)
    yield from _items("**Not done**", told.not_done)


def _items(head: str, texts: Iterable[str]) -> Iterator[str]:
    """A list below its head; nothing where it is empty."""
    lines = [f"- {_indented(text)}" for text in texts]
    if lines:
        yield from ((head, "") if head else ())
        yield from (*lines, "")


def _plain_words(reason: str, attempts: Iterable[Attempt]) -> Iterator[str]:
    yield f"There is no structured summary: {inline(reason, limit=600)}"
    yield ""
    said = [attempt for attempt in attempts if attempt.kept and attempt.summary.strip()]
    if said:
        yield from ("What was said of each task when it was done:", "")
        yield from (
            f"- {inline(each.task)}: {_indented(each.summary, _LONGEST_WORDS)}" for each in said[:_MOST_SESSIONS]
        )
        yield ""


def _indented(text: str, limit: int = _LONGEST) -> str:
    """The text made anew, its further lines so that they stay in their item of a list."""
    return rewritten(text, limit).replace("\n", "\n  ")

"""The block at a prompt's end: all that was written by others, cleaned, in sections, between lines with a random word.

Each section begins with a line that holds the boundary, which is taken out of what stands inside, so neither the
block nor a section can be ended or begun by what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from tdev.core.artifacts.insights import Insight
from tdev.core.untrusted import marked_sections
from tdev.core.untrusted_text import Form, take_in
from tdev.prompts.context import Data

SECTION_BYTES = 12_000
"""Most bytes of a description, of the memory, or of one failed attempt's reason."""
_LINE_BYTES = 2_000
_SHOWN_INSIGHTS = 20
_SHOWN_PLACES = 5
_SHOWN_LINES = 40

SECTIONS: dict[str, Callable[[Data], str]] = {
    "task": lambda data: _task(data),
    "plan": lambda data: _lines(data.plan),
    "insights": lambda data: _insights(data.insights),
    "memory": lambda data: _plain("\n".join(f"- {_line(fact)}" for fact in data.memory)),
    "attempts": lambda data: _attempts(data),
    "request": lambda data: take_in(data.request, data.request_bytes).text.strip(),
}
"""Each section of the block by name, in the order they stand in."""

MEANINGS: dict[str, str] = {
    "task": "what is to be done now",
    "plan": "the other tasks of the plan, which are not yours",
    "insights": "what research saw that this task answers",
    "memory": "what earlier runs found out about this repository; check before you rely on it",
    "attempts": "why earlier attempts at this task were undone",
    "request": "the request behind the task, as a person wrote it",
}
"""What each section is, in the words the model reads."""


def data_block(data: Data, sections: Collection[str], boundary: str) -> str:
    """The sections that hold anything, one after another, between the two lines with the boundary."""
    shown = ((f"{name}: {MEANINGS[name]}", text_of(data)) for name, text_of in SECTIONS.items() if name in sections)
    return marked_sections(shown, boundary)


def _task(data: Data) -> str:
    return "\n".join(line for line in _task_lines(data) if line)


def _task_lines(data: Data) -> Iterator[str]:
    if data.title:
        yield f"Title: {_line(data.title)}"
    yield _plain(data.description).strip()
    if data.paths:
        yield f"It is about: {', '.join(_line(path) for path in data.paths[:_SHOWN_LINES])}"
    yield f"Folder of the project and its tests: {_line(data.project)}" if data.title else ""
    if data.acceptance:
        yield f"Done when:\n{_lines(data.acceptance)}"


def _insights(insights: Sequence[Insight]) -> str:
    lines = []
    for insight in insights[:_SHOWN_INSIGHTS]:
        places = [f"{place.path}:{place.line} {place.detail}".strip() for place in insight.evidence[:_SHOWN_PLACES]]
        more = len(insight.evidence) - len(places)
        lines.append(_line(f"- {insight.title} ({'; '.join(places)}{f'; and {more} more' if more else ''})"))
    return "\n".join(lines)


def _attempts(data: Data) -> str:
    told = enumerate(data.feedback, data.first_attempt)
    return "\n\n".join(f"Attempt {number}: {_plain(reason)}" for number, reason in told)


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_line(line)}" for line in lines[:_SHOWN_LINES])


def _plain(text: str) -> str:
    return take_in(text, SECTION_BYTES, Form.PLAIN).text


def _line(text: str) -> str:
    """The text on one line, with nothing hidden."""
    return " ".join(take_in(text, _LINE_BYTES, Form.PLAIN).text.split())

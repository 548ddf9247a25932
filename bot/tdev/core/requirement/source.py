"""A requirement cut into its title, sections and lines; each step reads a line once.

Only the Markdown that requirements are written in is known: headings, list items, plain lines. Everything else is
plain text. Below a heading no section is known for, lines become notes, and the heading is asked about: text that
its author thought would be built must not vanish silently.
Asked collects questions over all steps and hands out no more than a person can answer at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tdev.core.artifacts.spec import Question
from tdev.core.requirement.words import SECTIONS

MOST_QUESTIONS = 40
"""Questions that are asked at once; the rest come when these are answered."""
_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Line:
    """One line that is not empty."""

    number: int
    """1-based."""
    text: str
    """Without leading marks and space around."""
    level: int = 0
    """Heading level; 0 = no heading."""
    bullet: bool = False
    """It was an item of a list."""


@dataclass
class Source:
    """The parts of a requirement."""

    title: Line | None = None
    summary: list[Line] = field(default_factory=list)
    resources: list[Line] = field(default_factory=list)
    stories: list[Line] = field(default_factory=list)
    criteria: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    unknown: list[Line] = field(default_factory=list)
    """Headings that are not sections of a requirement."""


@dataclass
class Asked:
    """The questions so far."""

    questions: list[Question] = field(default_factory=list)

    def ask(self, text: str, line: int = 0, suggestion: str = "") -> None:
        """Add one."""
        self.questions.append(Question(number=1, text=text, line=line, suggestion=suggestion))

    @property
    def full(self) -> bool:
        """True when more questions are open than are shown at once."""
        return len(self.questions) > MOST_QUESTIONS

    def numbered(self) -> tuple[Question, ...]:
        """All of them by line, numbered from 1; only so many that a person can answer them."""
        ordered = sorted(self.questions, key=lambda question: question.line)
        kept = ordered[:MOST_QUESTIONS]
        if len(ordered) > MOST_QUESTIONS:
            left = f"{len(ordered) - MOST_QUESTIONS} further questions are not shown; which answers do these have?"
            kept.append(Question(number=1, text=left))
        return tuple(question.model_copy(update={"number": n}) for n, question in enumerate(kept, 1))


def quote(text: str) -> str:
    """A piece of the requirement inside a question: quoted, shortened."""
    plain = " ".join(text.split())
    return f"“{plain if len(plain) <= _LONGEST_QUOTE else plain[: _LONGEST_QUOTE - 1] + '…'}”"


def read(text: str) -> Source:
    """Cut a cleaned text into its parts."""
    source = Source()
    into, level = source.summary, 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = _line(number, raw)
        if line is None:
            continue
        if not line.level or (into is source.resources and line.level > level):
            into.append(line)
            continue
        section = _section(line, first=source.title is None and not level)
        if section:
            into, level = getattr(source, section), line.level
        elif source.title is None and not level:
            source.title = line
        elif not level or line.level <= level:
            source.unknown.append(line)
            into, level = source.notes, line.level
        else:
            into.append(line)
    if source.title is None and source.summary:
        source.title = source.summary[0]
    return source


def _section(line: Line, *, first: bool) -> str:
    """The section a heading begins, or an empty string; a service may be called Notes or Summary."""
    section = SECTIONS.get(line.text.rstrip(":").casefold(), "")
    return "" if first and line.level == 1 and section in ("summary", "notes") else section


def _line(number: int, raw: str) -> Line | None:
    """The line without its Markdown marks; None when nothing is left."""
    text = raw.strip()
    if text.startswith("#"):
        rest = text.lstrip("#")
        return Line(number, rest.strip(" #"), level=len(text) - len(rest)) if rest.strip(" #") else None
    for mark in ("- ", "* ", "+ ", "• "):
        if text.startswith(mark):
            return Line(number, text[2:].strip(), bullet=True) if text[2:].strip() else None
    digits, dot, rest = text.partition(". ")
    if dot and digits.isascii() and digits.isdigit() and rest.strip():
        return Line(number, rest.strip(), bullet=True)
    return Line(number, text) if text else None

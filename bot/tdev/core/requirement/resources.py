"""The resources section: a heading for each resource, its description, its fields.

Comes in: the lines below the heading `Resources`. Goes out: drafts, which grammar.py turns into Resources once the
stories have said which operations are wanted.
A resource is named in the singular, its plural (the path) follows a rule or stands in brackets. A heading that looks
like a plural is asked about, because a wrong guess would name every table, path and class of the service.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tdev.core.artifacts.spec import Operation, SpecField
from tdev.core.requirement.fields import read_field
from tdev.core.requirement.names import Name, read_name
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import ALL, VERBS
from tdev.core.service_names import pascal, plural_of

MOST_FIELDS = 60
"""Fields of one resource."""
_OPERATION_WORDS = ("operations:", "작업:", "동작:")


@dataclass
class Draft:
    """A resource as it is being read."""

    line: int
    name: str
    words: tuple[str, ...]
    plural: str
    label: str
    description: list[str] = field(default_factory=list)
    fields: list[SpecField] = field(default_factory=list)
    field_lines: list[int] = field(default_factory=list)
    operations: tuple[Operation, ...] = ()
    """Those its own `operations:` line names; empty = none named."""
    bullets: int = 0
    """Field lines seen, whether understood or not."""
    ignored: int = 0
    """Fields beyond the limit."""


def read_resources(lines: list[Line], asked: Asked) -> list[Draft]:
    """The resources, in order; what is unclear is asked."""
    drafts: list[Draft] = []
    current: Draft | None = None
    named = False
    for line in lines:
        if line.level:
            current, named = _heading(line, asked), True
            drafts += [current] if current else []
        elif current is not None:
            _into(current, line, asked)
        elif not named:
            asked.ask(f"To which resource does {quote(line.text)} belong?", line.number, "### Name of the resource")
            named = True
    for draft in drafts:
        _check_size(draft, asked)
    return drafts


def _heading(line: Line, asked: Asked) -> Draft | None:
    """The resource a heading begins."""
    name = read_name(line.text)
    if not name.words:
        asked.ask(
            f"What is the resource {quote(line.text)} called in ASCII letters?",
            line.number,
            f"### {name.label[:40]} (EnglishName)",
        )
        return None
    return Draft(line.number, pascal(name.words), name.words, _plural(name, line, asked), name.label)


def _plural(name: Name, line: Line, asked: Asked) -> str:
    """The path segment: as given in brackets, else by rule."""
    if name.aside:
        return "-".join(read_name(name.aside).words) or plural_of(name.words)
    last = name.words[-1]
    if last.endswith("s") and not last.endswith(("ss", "us", "is")):
        singular = " ".join((*name.words[:-1], last[:-1])).capitalize()
        asked.ask(
            f"Is {quote(line.text)} one thing or several? A resource is named in the singular.",
            line.number,
            f"### {singular} ({'-'.join(name.words)})",
        )
    return plural_of(name.words)


def _into(draft: Draft, line: Line, asked: Asked) -> None:
    """Read one line below a resource's heading."""
    folded = line.text.casefold()
    start = next((word for word in _OPERATION_WORDS if folded.startswith(word)), "")
    if start:
        _operations(draft, line, line.text[len(start) :], asked)
        return
    if not line.bullet:
        draft.description.append(line.text)
        return
    draft.bullets += 1
    if draft.bullets > MOST_FIELDS:
        draft.ignored += 1
    elif made := read_field(line, asked):
        draft.fields.append(made)
        draft.field_lines.append(line.number)


def _operations(draft: Draft, line: Line, text: str, asked: Asked) -> None:
    """Read an `operations: create, list` line."""
    found: set[Operation] = set()
    for word in text.replace(",", " ").casefold().split():
        if word in tuple(Operation):
            found.add(Operation(word))
        elif word == "all":
            found |= set(ALL)
        elif word != "and":
            near = VERBS.get(word, ALL)
            asked.ask(f"Which operation is {quote(word)}?", line.number, f"- operations: {', '.join(near)}")
    draft.operations = tuple(operation for operation in ALL if operation in found)


def _check_size(draft: Draft, asked: Asked) -> None:
    """Ask about a resource without fields, or with too many."""
    if draft.ignored:
        asked.ask(
            f"{draft.name} has {draft.ignored + MOST_FIELDS} fields; at most {MOST_FIELDS} are built. Which matter?",
            draft.line,
        )
    if not draft.bullets:
        asked.ask(f"Which fields does {draft.name} have?", draft.line, "- name: string, required, 1..80")

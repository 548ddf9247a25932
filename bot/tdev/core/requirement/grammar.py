"""The grammar as a whole: requirement text -> specification, stories, notes and questions. Nothing is guessed.

stages/spec.py is the only caller. `parse` never fails on what a text says, only on what is no text: a requirement
that makes no sense gives a specification with questions, and a specification with questions is not built.
Order matters: resources come first, since stories and criteria are understood by the names of resources.
The checks of check.py run here too, so that their questions get the line of the requirement they are about.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdev.core.artifacts.spec import Resource, Spec
from tdev.core.requirement.check import LONGEST_TITLE, check
from tdev.core.requirement.criteria import read_criteria
from tdev.core.requirement.mentions import index
from tdev.core.requirement.names import read_name
from tdev.core.requirement.resources import Draft, read_resources
from tdev.core.requirement.source import Asked, Source, quote, read
from tdev.core.requirement.stories import Story, read_stories
from tdev.core.requirement.words import ALL
from tdev.core.run import slug
from tdev.core.untrusted import clean
from tdev.errors import Refused

MOST_BYTES = 2 * 1024 * 1024
"""Longest text the grammar reads at all; policy sets a lower limit."""
_EXAMPLE = "### Name of the resource, then `- name: string, required, 1..80`"


@dataclass(frozen=True)
class Parsed:
    """What a requirement says."""

    spec: Spec
    """With its questions; a spec with questions is not built."""
    stories: tuple[Story, ...]
    """The user stories and the operations that follow from them."""
    notes: tuple[str, ...]
    """Lines that are for people only."""


def parse(text: str) -> Parsed:
    """Read a requirement; raises Refused when it is no text that can be read at all."""
    if "\0" in text:
        raise Refused("The requirement is not plain text: it holds NUL characters.", next_step="Give it as Markdown.")
    cleaned = clean(text, MOST_BYTES)
    if not any(char.isalnum() for char in cleaned):
        raise Refused(
            "The requirement says nothing: it holds no letters.",
            next_step="Describe the service; see docs/requirements.md.",
        )
    source, asked = read(cleaned), Asked()
    _ask_about_sections(source, asked)
    drafts = read_resources(source.resources, asked)
    if not drafts and not asked.questions:
        asked.ask("Which resources does the service keep?", 0, f"## Resources, and below it {_EXAMPLE}")
        asked.ask("Which fields does each resource have?", 0, "- name: string, required, 1..80")
    spellings = index(drafts)
    stories = read_stories(source.stories, spellings, asked) if drafts else []
    criteria = read_criteria(source.criteria, spellings, asked)
    title, service_slug = _title(source, asked)
    known = [draft for draft in drafts if draft.fields]
    spec = Spec(
        title=title,
        slug=service_slug,
        summary=_joined([line.text for line in source.summary if line is not source.title]),
        resources=tuple(_resource(draft, stories) for draft in known),
        criteria=tuple(criteria),
    )
    if drafts:
        _ask_what_check_asks(spec, known, asked)
    questions = asked.numbered()
    return Parsed(spec.model_copy(update={"questions": questions}), tuple(stories), _notes(source))


def _ask_about_sections(source: Source, asked: Asked) -> None:
    """Ask about headings the grammar does not know: what stands below them would not be built."""
    for line in source.unknown:
        asked.ask(
            f"What is the section {quote(line.text)}? Only resources, user stories and acceptance criteria are built.",
            line.number,
            f"## Notes (for text that is for people only), in place of {line.text[:40]}",
        )


def _title(source: Source, asked: Asked) -> tuple[str, str]:
    """The service's name for people and its name for folders."""
    text = source.title.text if source.title else "Service"
    line = source.title.number if source.title else 0
    name = read_name(text)
    ascii_words = name.words or tuple(slug(text).split("-"))
    made = "-".join(ascii_words)
    if not name.words and not any(char.isascii() and char.isalpha() for char in text):
        asked.ask("What is the service called in ASCII letters?", line, f"# {text[:40]} (English name)")
    short = slug(made)
    if not short[0].isalpha():
        short = f"service-{short}"
    title = text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"
    return title, short


def _resource(draft: Draft, stories: list[Story]) -> Resource:
    """The resource; its operations are its own line's, else its stories', else all."""
    wished = {operation for story in stories for name, operation in story.wishes if name == draft.name}
    chosen = draft.operations or tuple(operation for operation in ALL if operation in wished) or ALL
    return Resource(
        name=draft.name,
        plural=draft.plural,
        description=_joined(draft.description) or draft.label,
        fields=tuple(draft.fields),
        operations=chosen,
    )


def _ask_what_check_asks(spec: Spec, drafts: list[Draft], asked: Asked) -> None:
    """Add the questions that any specification is checked for, at their lines."""
    lines: dict[str, int] = {}
    for draft in drafts:
        lines.setdefault(draft.name, draft.line)
        for field, line in zip(draft.fields, draft.field_lines, strict=True):
            lines[f"{draft.name}.{field.name}"] = line
    if spec.resources:
        for question in check(spec, lines):
            asked.ask(question.text, question.line, question.suggestion)


def _joined(lines: list[str]) -> str:
    """Lines as one paragraph."""
    return " ".join(" ".join(lines).split())


def _notes(source: Source) -> tuple[str, ...]:
    """Lines for people only."""
    return tuple(line.text for line in source.notes)

"""The form of a prompt file: its length, lines, headings, sections, and the names its template uses."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, meta

from tdev.core.untrusted import clean
from tdev.prompts.data import SECTIONS
from tdev.prompts.document import MESSAGES, Document, Kind
from tdev.prompts.goals import CHOICES
from tdev.prompts.library import environment, estimated_tokens

MOST_TOKENS = {Kind.GOAL: 700, Kind.FRAME: 500, Kind.MESSAGE: 500, Kind.SYSTEM: 700}
"""Longest body of each kind, in estimated tokens: what is read with every request has to be worth it."""
HEADINGS = ("## Look first", "## Do", "## Do not", "## How it is judged", "## Typical mistakes")
"""What a goal's guidance has, in this order."""
_LONGEST_LINE = 140
_MARKS = ("BEGIN DATA", "END DATA")


def form_problems(found: Document) -> Iterator[str]:
    """What is wrong with length, lines, headings and sections."""
    front, body = found.front, found.body
    most = MOST_TOKENS[front.kind]
    if estimated_tokens(body) > most:
        yield f"It is about {estimated_tokens(body)} tokens long; at most {most} are allowed."
    if clean(body, len(body.encode()) + 1) != body:
        yield "It holds characters or comments that people can't see."
    if any(len(line) > _LONGEST_LINE for line in body.splitlines()):
        yield f"A line is longer than {_LONGEST_LINE} characters."
    if front.kind is Kind.GOAL:
        yield from _goal_form(found)
    if front.kind is not Kind.FRAME and front.kind is not Kind.SYSTEM and any(mark in body for mark in _MARKS):
        yield "It writes a mark of the data block itself."
    if bool(front.sections) != (front.kind in MESSAGES):
        yield "Messages name their data sections, other prompts have none."
    unknown = [name for name in front.sections if name not in SECTIONS]
    if unknown:
        yield f"There is no data section {', '.join(unknown)}."


def _goal_form(found: Document) -> Iterator[str]:
    front = found.front
    headings = tuple(line for line in found.body.splitlines() if line.startswith("#"))
    if headings != HEADINGS:
        yield f"Its headings must be {', '.join(HEADINGS)}."
    if not front.title or not front.acceptance or not front.examples:
        yield "A goal needs a title, acceptance and at least one example."
    if front.name not in {choice.name for choice in CHOICES}:
        yield "No row of CHOICES in goals.py chooses it."


def variable_problems(found: Document) -> Iterator[str]:
    """Whether the template uses the names that the front matter declares, and no others."""
    try:
        used = meta.find_undeclared_variables(environment().parse(found.body))
    except TemplateSyntaxError as error:
        yield f"It is no template: {error.message} (line {error.lineno} of the body)."
        return
    declared = set(found.front.context)
    if used - declared:
        yield f"It uses {', '.join(sorted(used - declared))} without declaring it."
    if declared - used:
        yield f"It declares {', '.join(sorted(declared - used))} without using it."

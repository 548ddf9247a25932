"""Whether every prompt is as it should be, and how long it is: what `tdev prompts lint` says.

Beside form and size, each prompt is rendered with its own examples and with values planted in every field that others
write: they must stand inside the data block and nowhere else, and nothing may stand behind it.
"""

from __future__ import annotations

from tdev.core.artifacts.model import Model
from tdev.errors import ConfigurationError
from tdev.prompts import library
from tdev.prompts.context import Context
from tdev.prompts.document import MESSAGES, Document, Kind
from tdev.prompts.library import estimated_tokens
from tdev.prompts.lint_data import BOUNDARY, example_problems, planted_problems
from tdev.prompts.lint_form import form_problems, variable_problems


class Report(Model):
    """What lint found about one prompt."""

    name: str
    """The prompt."""
    kind: Kind
    """What it is."""
    version: int
    """Its version."""
    tokens: int
    """Estimate for the body as it stands in the file."""
    message_tokens: int
    """Estimate for the whole message without data; 0 where it is no message of its own."""
    cached_tokens: int
    """Estimate for the system prompt before it, which a provider's cache serves from the second request on."""
    examples: int
    """How many examples were tried."""
    problems: tuple[str, ...]
    """What is wrong, one sentence each."""


def lint() -> tuple[Report, ...]:
    """A report on every prompt; raises ConfigurationError when a file can't be read at all."""
    cached = estimated_tokens(library.system())
    return tuple(_report(found, cached) for found in library.documents().values())


def problems_of(found: Document) -> tuple[str, ...]:
    """What is wrong with a prompt."""
    problems: list[str] = []
    for check in (form_problems, variable_problems, example_problems, planted_problems):
        try:
            problems += check(found)
        except ConfigurationError as error:
            problems.append(error.message)
    return tuple(dict.fromkeys(problems))


def _report(found: Document, cached: int) -> Report:
    own = found.front.kind in MESSAGES
    problems = problems_of(found)
    whole = library.render(found.front.name, Context(), BOUNDARY).own if own and not problems else ""
    return Report(
        name=found.front.name,
        kind=found.front.kind,
        version=found.front.version,
        tokens=estimated_tokens(found.body),
        message_tokens=estimated_tokens(whole) if whole else 0,
        cached_tokens=cached if own else 0,
        examples=len(found.front.examples),
        problems=problems,
    )

"""The prompts by name, and how one becomes text: the template first, what others wrote after it, nothing behind that.

Comes in: the name of a prompt, a Context, and a random boundary. Goes out: text for a session. Templates are rendered
in Jinja2's sandbox with our own words and the policy's figures only; the untrusted part of the context is appended by
this file as one block. A name that a template uses and nobody gave is an error, not an empty place.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tdev.core.artifacts.model import Model
from tdev.core.untrusted import clean
from tdev.errors import ConfigurationError
from tdev.prompts.context import Context, Rules
from tdev.prompts.data import data_block
from tdev.prompts.document import Document, Kind, parse

BYTES_PER_TOKEN = 3.5
"""How many bytes of English prose and code one token holds, for estimates: models differ by a fifth either way."""
INSTRUCTION_BYTES = 32_000
"""Most bytes of the maintainers' instructions."""
FRAME = "frame"
_FOLDERS = ("goals", "parts")


class Rendered(Model):
    """A message to a session."""

    name: str
    """The prompt."""
    version: int
    """Its version."""
    text: str
    """The whole message."""
    own: str
    """The part of it before the data block: our own words and the policy's."""
    boundary: str
    """The random word in the data block's lines."""

    @property
    def tokens(self) -> int:
        """Estimate of its length."""
        return estimated_tokens(self.text)


@cache
def documents() -> dict[str, Document]:
    """Every prompt by name, goals first; raises ConfigurationError when one is not as it should be."""
    found = [file for folder in _FOLDERS for file in sorted(_folder(folder).iterdir(), key=lambda file: file.name)]
    names = [file.name.removesuffix(".md") for file in found if file.name.endswith(".md")]
    texts = [file.read_text(encoding="utf-8") for file in found if file.name.endswith(".md")]
    return {name: parse(text, name) for name, text in zip(names, texts, strict=True)}


def document(name: str) -> Document:
    """The prompt of that name; raises ConfigurationError."""
    try:
        return documents()[name]
    except KeyError:
        known = ", ".join(documents())
        raise ConfigurationError(f"There is no prompt {name!r}.", next_step=f"There are: {known}.") from None


def goal_names() -> tuple[str, ...]:
    """Names of the prompts that are kinds of task."""
    return tuple(name for name, each in documents().items() if each.front.kind is Kind.GOAL)


def system(name: str = "system") -> str:
    """The words that hold for a whole session; they hold no data and are the same in every run."""
    return _filled(document(name), Rules())


def render(name: str, context: Context, boundary: str) -> Rendered:
    """The message of a goal, or of another prompt that is a message; the data block is its end.

    Raises ConfigurationError for a name that is none, or a template that asks for what it is not given.
    """
    found = document(name)
    own = _framed(found, context.rules, boundary) if found.front.kind is Kind.GOAL else _filled(found, context.rules)
    block = data_block(context.data, found.front.sections, boundary)
    text = f"{own}\n{block}\n" if found.front.sections else own
    return Rendered(name=name, version=found.front.version, text=text, own=own, boundary=boundary)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: its UTF-8 bytes by BYTES_PER_TOKEN, since the real tokenizer is not public."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja2 for prompts: nothing can be reached from a template, and a missing name is an error."""
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # the result is read by a model, not by a browser
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _template(body: str) -> Template:
    return environment().from_string(body)


def _framed(goal: Document, rules: Rules, boundary: str) -> str:
    front = goal.front
    return _filled(
        document(FRAME),
        rules,
        title=front.title,
        guidance=_filled(goal, rules).strip(),
        constraints=rules.constraints,
        acceptance=front.acceptance,
        instructions=clean(rules.instructions.replace(boundary, ""), INSTRUCTION_BYTES).strip(),
        boundary=boundary,
    )


def _filled(found: Document, rules: Rules, **more: object) -> str:
    figures = {name: f"{value:g}" for name, value in rules.figures.model_dump().items()}
    values = {**figures, "scope": [f"`{glob}`" for glob in found.front.scope], **more}
    named = {name: value for name, value in values.items() if name in found.front.context}
    try:
        return _template(found.body).render(named)
    except TemplateError as error:
        raise ConfigurationError(f"The prompt {found.front.name} can't be rendered: {error}") from error


def _folder(name: str) -> Traversable:
    return files("tdev.prompts").joinpath(name)

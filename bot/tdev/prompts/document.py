"""One prompt file: front matter in YAML between two lines `---`, then the body, a Jinja2 template.

The front matter says what the file is for, which figures its body names, and examples by which `tdev prompts lint`
tries it out. Files are part of the package: an error in one is a defect of ours, and lint finds it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from tdev.core.artifacts.model import Model
from tdev.errors import ConfigurationError
from tdev.prompts.context import Context

_LINE = "---\n"


class Kind(StrEnum):
    """What a prompt file is."""

    GOAL = "goal"
    """Guidance for one kind of task; stands in the frame."""
    FRAME = "frame"
    """What stands around a goal's guidance."""
    MESSAGE = "message"
    """A whole message to a session."""
    SYSTEM = "system"
    """What holds for every message of a session; never holds data."""


MESSAGES = (Kind.GOAL, Kind.MESSAGE)
"""Kinds that are a message of their own, with data behind it."""


class Example(Model):
    """A context to render the file with, and what the result must and must not hold."""

    name: str
    """What the example shows."""
    context: Context = Context()
    """What it is rendered with."""
    holds: tuple[str, ...] = ()
    """Texts that must stand in the result."""
    lacks: tuple[str, ...] = ()
    """Texts that must not."""


class FrontMatter(Model):
    """What a prompt file says of itself."""

    name: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    """Name of the file, without its ending."""
    version: int = Field(ge=1)
    """Raised with every change of meaning; recorded with each attempt."""
    kind: Kind
    """What it is."""
    title: str = Field(default="", max_length=100)
    """The task in one line, imperative; goals only."""
    summary: str = Field(max_length=120)
    """What it is for, for `tdev prompts list`."""
    context: dict[str, Literal["number", "text", "texts"]] = {}
    """The names its body uses, with their types; each is a figure of the policy or given by the frame."""
    sections: tuple[str, ...] = ()
    """Sections of the data block it is followed by; none = it holds no data."""
    scope: tuple[str, ...] = ()
    """Globs such a task usually writes to: a hint in words, never a permission."""
    acceptance: tuple[str, ...] = ()
    """When such a task is done; goals only."""
    examples: tuple[Example, ...] = ()
    """Tried by `tdev prompts lint`."""


class Document(Model):
    """A prompt file, read."""

    front: FrontMatter
    """What it says of itself."""
    body: str
    """The template."""


def parse(text: str, name: str) -> Document:
    """The file's two parts; raises ConfigurationError that names what is wrong."""
    head, _, rest = text.removeprefix(_LINE).partition(f"\n{_LINE}")
    if not text.startswith(_LINE) or not rest:
        raise ConfigurationError(f"The prompt {name} has no front matter between two lines of three hyphens.")
    try:
        front = FrontMatter.model_validate(yaml.safe_load(head))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"The front matter of the prompt {name} is wrong: {error}") from error
    if front.name != name:
        raise ConfigurationError(f"The prompt {name} calls itself {front.name}.")
    return Document(front=front, body=rest.strip() + "\n")

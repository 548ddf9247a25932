"""summary.json: what a model says of the finished change, in named parts, or why it says nothing.

stages/summing_up.py writes it after the gates have let the change through, where the policy asks for it; the pull
request shows it (core/summary_markdown.py). Its words are a model's about hostile text: cleaned here, made anew where
they are posted, and never evidence.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from tdev.core.artifacts.model import Model

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=600)]
"""One or two sentences."""


class ReviewPlace(Model):
    """A file that a reviewer looks at first."""

    path: str = Field(min_length=1, max_length=4096)
    """One of the files that the change touches, POSIX."""
    reason: Sentence
    """Why, in one sentence."""


class ChangeSummary(Model):
    """A finished change, for the person who reviews it."""

    title: str = Field(min_length=1, max_length=200)
    """The change in one line."""
    why: Sentence
    """What it is for, in one or two sentences."""
    changed: tuple[Sentence, ...] = Field(min_length=1, max_length=12)
    """What is different now, most important first, one thing each."""
    review_first: tuple[ReviewPlace, ...] = Field(max_length=6)
    """Where to look first."""
    risks: tuple[Sentence, ...] = Field(max_length=8)
    """What may break, for whom, and how one would notice; empty = none that it sees."""
    not_done: tuple[Sentence, ...] = Field(max_length=8)
    """What was asked for and is not part of the change."""


class Summary(Model):
    """The summary, or the reason why there is none."""

    told: ChangeSummary | None = None
    """What the model says; none when it gave no valid answer."""
    reason: str = ""
    """Why there is none; empty when there is one."""
    diff_bytes: int = Field(default=0, ge=0)
    """Size of the change as a unified diff, in bytes."""
    shown_bytes: int = Field(default=0, ge=0)
    """How much of it the model saw, in bytes."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Refuse a summary without words and without a reason, or with both."""
        if (self.told is None) != bool(self.reason):
            raise ValueError("either `told` or `reason` is given, never both")
        return self

"""Policy section `model`: which model is asked, for what, and which ids of it may pass the model proxy."""

from __future__ import annotations

from enum import StrEnum

from tdev.core.artifacts.model import Model
from tdev.core.model_prices import FAMILIES, PRICES, release_of

_ALIASES_FROM = {"haiku": (4, 5), "sonnet": (4, 5), "opus": (4, 5), "fable": (5,)}
"""Alias -> the oldest version that Claude Code may resolve it to, depending on the provider."""
_HELPER = "haiku"
"""Claude Code's own side questions go to the smallest family."""


class Planner(StrEnum):
    """What cuts a goal into tasks."""

    RULES = "rules"
    """Rules: free, and the same each time."""
    MODEL = "model"
    """The model, held to the policy by the same rules."""


class SummaryForm(StrEnum):
    """How a finished change is summed up in the pull request."""

    WORDS = "words"
    """The commits' titles; what the sessions said is in their messages."""
    STRUCTURED = "structured"
    """One more question, whose answer has named parts."""


class ModelChoice(Model):
    """Which model the claude engine asks for, and what it is asked beside the code."""

    name: str = "sonnet"
    """Model name or alias."""
    fallback: str = "haiku"
    """Used when the first is overloaded."""
    stronger: str = "opus"
    """Used where the retry matrix asks for a stronger one."""
    plan: Planner = Planner.RULES
    """What cuts the goal of an evolve run into tasks: `rules` are free, `model` asks the model (engine claude only)."""
    summary: SummaryForm = SummaryForm.WORDS
    """How the pull request sums the change up: `words` are free, `structured` asks the model (engine claude only)."""


def may_ask(choice: ModelChoice, model: str) -> bool:
    """Whether a request may name that model: one of the choice, what an alias of it means, or the small helper.

    A full name in the policy allows that model only, however its provider writes it; an alias allows the releases that
    it may stand for, and none of the older, dearer ones.
    """
    return any(_means(name, model) for name in (choice.name, choice.fallback, choice.stronger, _HELPER))


def full_name(name: str) -> str:
    """The id that Anthropic's API has for a model; an alias stands for its family's newest release."""
    newest = max((release.version for release in PRICES if release.family == name), default=None)
    return name if newest is None else f"claude-{name}-{'-'.join(map(str, newest))}"


def _means(name: str, model: str) -> bool:
    name = name.removesuffix("[1m]")
    if name == model:
        return name not in FAMILIES
    asked = release_of(model)
    if asked is None:
        return False
    if oldest := _ALIASES_FROM.get(name):
        return asked.family == name and asked.version >= oldest
    return asked == release_of(name)

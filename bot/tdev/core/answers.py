"""Answers of a model that are values: taken by the model class that they shall be, or the reasons why they can't be.

Called where a question asks for JSON (engines/claude/validated.py). Reasons name places and rules, never the values:
those are the model's own words, and the reasons are shown to people and sent back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from tdev.core.artifacts.model import Model

MOST_REASONS = 10
"""Reasons that are told; mending these comes first."""
Taken = TypeVar("Taken", bound=Model)


@dataclass(frozen=True)
class Unfit:
    """An answer that can't be taken."""

    reasons: tuple[str, ...]
    """Why, one line each, most of them a place and a rule."""

    @property
    def text(self) -> str:
        """The first reasons as a list, and how many more there are."""
        lines = [f"- {reason}" for reason in self.reasons[:MOST_REASONS]]
        more = len(self.reasons) - len(lines)
        return "\n".join([*lines, *([f"- and {more} more"] if more else [])])


def taken(model: type[Taken], values: object) -> Taken | Unfit:
    """The JSON values as that model, or why they are none."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return Unfit(tuple(_reasons(error)))


def _reasons(error: ValidationError) -> list[str]:
    """One line for each error: the place, and the rule it breaks."""
    lines = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        unknown = item["type"] == "extra_forbidden"
        place = ".".join(str(part) for part in (item["loc"][:-1] if unknown else item["loc"])) or "the whole answer"
        lines.append(f"{place}: {'it has a key that is not in the schema' if unknown else item['msg']}")
    return lines

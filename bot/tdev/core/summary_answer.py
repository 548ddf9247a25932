"""A model's summary of the change is taken, cleaned, or told why not: it may point only at files that were changed."""

from __future__ import annotations

from collections.abc import Collection

from tdev.core.answers import Unfit, taken
from tdev.core.artifacts.summary import ChangeSummary
from tdev.core.untrusted import clean

_LONGEST = 2400
"""More bytes than the longest text of a summary may have."""


def summary_from_answer(values: object, changed: Collection[str]) -> ChangeSummary | Unfit:
    """The summary of an answer's JSON value, each text on one line with nothing hidden.

    `changed` are the paths that the patch touches. The reasons against it name fields, and none of the model's words.
    """
    answer = taken(ChangeSummary, values)
    if isinstance(answer, Unfit):
        return answer
    wrong = tuple(
        f"review_first.{number}.path: the change touches no such file"
        for number, place in enumerate(answer.review_first)
        if place.path not in changed
    )
    return Unfit(wrong) if wrong else taken(ChangeSummary, _cleaned(answer.model_dump()))


def _cleaned(value: object) -> object:
    """All texts below a value, cleaned; a path stays as it is, since it is one of ours."""
    if isinstance(value, dict):
        return {name: item if name == "path" else _cleaned(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return " ".join(clean(str(value), _LONGEST).split())

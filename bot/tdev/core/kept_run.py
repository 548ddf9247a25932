"""What a workflow run kept of its work, as its comment shows it: what it cost, and why no pull request came of it.

In go files of the run directory that the workflow uploaded, as bytes; out come words. The files were written by a job
that also ran a repository's code, so they are untrusted: models check their shape, and core/comment.py cleans the
words. What can't be read is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from tdev.core.artifacts import FILE_OF, Model, Patch, Publication, Verdict
from tdev.core.question_costs import events_in, usd_in

Kind = TypeVar("Kind", bound=Model)

_EVENTS = "events.jsonl"
WANTED = frozenset({_EVENTS, *(FILE_OF[model] for model in (Patch, Verdict, Publication))})
"""The files that are read."""
_WITHOUT_MODEL = ("recipes", "none")
"""Engines that ask no model."""


@dataclass(frozen=True)
class Kept:
    """What a run directory tells."""

    cost: str = ""
    """What it cost, in words; empty when nothing was made."""
    reason: str = ""
    """Why no pull request came of it; empty when one did, or when it is not known."""


def kept_of(files: Mapping[str, bytes]) -> Kept:
    """What these files of a run directory tell."""
    patch = _read(files, Patch)
    asked = usd_in(events_in(files.get(_EVENTS, b"")))
    return Kept(
        _cost(patch, asked) if patch or asked else "", _reason(_read(files, Publication), _read(files, Verdict))
    )


def _read(files: Mapping[str, bytes], model: type[Kind]) -> Kind | None:
    """One file as its model; None when it is missing or has another shape."""
    data = files.get(FILE_OF[model])
    try:
        return None if data is None else model.model_validate_json(data)
    except (ValidationError, RecursionError):
        return None


def _cost(patch: Patch | None, questions_usd: float) -> str:
    """Attempts and questions together; a run whose questions found no answer has no patch and has cost all the same."""
    usd = questions_usd + (patch.cost_usd if patch else 0.0)
    asked = usd or (patch and patch.engine not in _WITHOUT_MODEL)
    dollars = f"{usd:.4f} USD" if asked else "no model was used"
    return f"{dollars}; {sum(attempt.seconds for attempt in patch.attempts):.1f} s at the code" if patch else dollars


def _reason(publication: Publication | None, verdict: Verdict | None) -> str:
    if publication is not None:
        return publication.reason
    return "" if verdict is None or verdict.outcome.lets_through else f"the gates did not pass: {verdict.reason}"

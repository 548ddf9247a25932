"""What a workflow run kept of its work, as its comment shows it: cost, verdict, reason, plan.

In go files of the run directory that the workflow uploaded, as bytes; out come words for people. The files were
written by a job that also ran a repository's code, so they are untrusted: models check their shape, words are cleaned
by core/outbound.py, ids must be plain, drawings are made anew. What can't be read is left out, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from tdev.core.artifacts import FILE_OF, Goal, Model, Patch, Plan, Publication, Verdict
from tdev.core.mermaid import flowchart
from tdev.core.plan_page import plan_markdown

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_PLAN = 40_000
Kind = TypeVar("Kind", bound=Model)


@dataclass(frozen=True)
class Kept:
    """What a run directory tells."""

    cost: str = ""
    """What it cost, in words; empty when nothing was made."""
    reason: str = ""
    """Why no pull request came of it; empty when one did, or when it is not known."""
    plan: str = ""
    """The plan as Markdown; empty when there is none."""


WANTED = frozenset(FILE_OF[model] for model in (Goal, Plan, Patch, Verdict, Publication))
"""The files that are read."""


def kept_of(files: Mapping[str, bytes]) -> Kept:
    """What these files of a run directory tell."""
    goal, plan = _read(files, Goal), _read(files, Plan)
    patch, verdict = _read(files, Patch), _read(files, Verdict)
    return Kept(
        cost=_cost(patch) if patch else "",
        reason=_reason(_read(files, Publication), verdict),
        plan=_plan(goal, plan) if goal and plan else "",
    )


def _read(files: Mapping[str, bytes], model: type[Kind]) -> Kind | None:
    """One file as its model; None when it is missing or has another shape."""
    data = files.get(FILE_OF[model])
    try:
        return None if data is None else model.model_validate_json(data)
    except (ValidationError, RecursionError):
        return None


def _cost(patch: Patch) -> str:
    seconds = sum(attempt.seconds for attempt in patch.attempts)
    dollars = f"{patch.cost_usd:.4f} USD" if patch.cost_usd else "no model was used"
    return f"{dollars}; {seconds:.1f} s at the code"


def _reason(publication: Publication | None, verdict: Verdict | None) -> str:
    if publication is not None:
        return publication.reason
    return "" if verdict is None or verdict.outcome.lets_through else f"the gates did not pass: {verdict.reason}"


def _plan(goal: Goal, plan: Plan) -> str:
    """The page of the plan; nothing when an id in it is none, or it is longer than a comment may be."""
    if not all(_PLAIN.fullmatch(word) for word in _ids(goal, plan)):
        return ""
    page = plan_markdown(goal, plan.model_copy(update={"mermaid": flowchart(plan.tasks)}))
    return (
        page if len(page) <= _MOST_PLAN else plan_markdown(goal, plan.model_copy(update={"mermaid": ""}))[:_MOST_PLAN]
    )


def _ids(goal: Goal, plan: Plan) -> Iterator[str]:
    """Every word of a plan that its page shows as it is."""
    yield goal.engine
    yield from plan.critical_path
    yield from (name for group in plan.parallel_groups for name in group)
    for task in plan.tasks:
        yield from (task.id, *task.needs, *task.after)
        yield from (word for word in (task.recipe, task.parent) if word)

"""A goal is cut into tasks by the model: it fills the schema, core/plan_answer.py makes tasks of that or says why not.

Called by the plan stage where the policy says `model.plan: model`. It is a question without tools and files
(direct.py); what the model may know of the repository is in it. The policy's bounds stand before the data block, the
request at its end. The prompt is prompts/parts/plan.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tdev.core.artifacts.insights import Insight
from tdev.core.artifacts.plan import Task, leaves_of
from tdev.core.decompose import Decomposition
from tdev.core.plan_answer import PlanBounds, answer_schema, tasks_from_answer
from tdev.core.recipes import RECIPES
from tdev.core.untrusted import clean, marked_sections
from tdev.engines.claude.direct import Question, line
from tdev.engines.claude.validated import ask_valid
from tdev.engines.engine import Work
from tdev.policy.model import Policy
from tdev.policy.write_scope import why_outside
from tdev.prompts import library
from tdev.settings import Settings

MOST_INSIGHTS = 60
"""Insights that are shown, the first ones."""
_MOST_TASKS = 40
_MOST_PLACES = 5
_LINE_BYTES = 500
_FILES_BYTES = 8_000
_NEXT_STEP = "`tdev run resume` asks again; `model.plan: rules` in .github/tdev.yml plans without the model."


@dataclass(frozen=True)
class PlanRequest:
    """What a plan is made from; all of it but `most` was written by others, or shows what others wrote."""

    text: str
    """What was asked; empty = whatever the insights call for."""
    insights: Sequence[Insight]
    """What research saw and a change may answer, what matters most first; MOST_INSIGHTS of them are shown."""
    proposed: Sequence[Task]
    """The tasks that the rules made."""
    files: Sequence[str]
    """Paths of the repository's files at the base commit."""
    most: int
    """Most tasks of the plan."""


def plan_by_model(
    settings: Settings,
    policy: Policy,
    request: PlanRequest,
    usd_left: float,
    *,
    ledger: Path | None = None,
    on_record: float = 0.0,
) -> tuple[Decomposition, Work]:
    """The model's tasks, held to the policy, with what it leaves out, and what they cost.

    An answer that can't be made tasks of goes back once with the reasons. With a `ledger`, the cost of a try that was
    killed is reported by the next; `on_record` is what the run has of it, in US dollars.
    Raises ConfigurationError, BudgetExceeded, Refused as the engine does, TransientError when no answer is valid; their
    `cost_usd` says what was spent.
    """
    shown = tuple(request.insights[:MOST_INSIGHTS])
    bounds = PlanBounds(request.most, library.goal_names(), shown, _scope(policy, request.files))
    turn = _turn(policy, request, shown, secrets.token_hex(16))
    question = Question(library.system("plan"), (turn,), answer_schema(bounds), policy.limits.tool_seconds)
    with line(settings, policy.model, usd_left, ledger, on_record) as way:
        check = partial(tasks_from_answer, bounds=bounds)
        made = ask_valid(way, question, check, what="plan", next_step=_NEXT_STEP)
    return made, way.work(f"{len(made.tasks)} tasks by the model")


def _scope(policy: Policy, files: Sequence[str]) -> Callable[[str], str]:
    """Why a task may not be about a path; a folder may be named that holds a file which may be written to."""
    writable = [path for path in files if not why_outside(path, policy.scope)]
    folders = {path[:end] for path in writable for end, char in enumerate(path) if char == "/"}
    return lambda path: "" if path in folders else why_outside(path, policy.scope)


def _turn(policy: Policy, request: PlanRequest, shown: Sequence[Insight], boundary: str) -> str:
    """The message: the bounds in our own words, then the data."""
    numbers = {insight.id: number for number, insight in enumerate(shown, 1)}
    sections = (
        ("files: paths of the repository", clean("\n".join(map(_line, request.files)), _FILES_BYTES)),
        ("insights: what research saw, by number", "\n".join(_insights(shown))),
        ("proposed: the tasks that simple rules make of it", "\n".join(_tasks(request.proposed, numbers))),
        ("request: what a person asked for", clean(request.text, policy.limits.requirement_bytes).strip()),
    )
    return f"{_bounds(policy, request.most)}\n\n{marked_sections(sections, boundary)}"


def _bounds(policy: Policy, most: int) -> str:
    """What the plan is held to, as sentences."""
    write = ", ".join(f"`{glob}`" for glob in policy.scope.write)
    protect = ", ".join(f"`{glob}`" for glob in policy.scope.protect)
    goals = (f"- `{name}`: {library.document(name).front.summary}" for name in library.goal_names())
    recipes = (f"- `{fact.name}`: {fact.title.lower()}" for fact in RECIPES)
    return "\n".join(
        (
            f"At most {most} tasks. Only files that match {write} may be written, none that match {protect}.",
            "Goals:",
            *goals,
            "Recipes:",
            *recipes,
        )
    )


def _insights(shown: Sequence[Insight]) -> Iterator[str]:
    """The insights in short, one line each."""
    for number, insight in enumerate(shown, 1):
        places = [f"{place.path}:{place.line}" for place in insight.evidence[:_MOST_PLACES]]
        more = len(insight.evidence) - len(places)
        where = ", ".join(places) + (f" and {more} more" if more else "")
        recipe = f"; recipe {insight.recipe}" if insight.recipe else ""
        facts = f"{insight.kind}, {insight.effort_hours:g} h, priority {insight.priority:.2f}{recipe}"
        yield _line(f"{number}. {insight.title} ({facts}): {where}")


def _tasks(proposed: Sequence[Task], numbers: dict[str, int]) -> Iterator[str]:
    """The rules' tasks, one line each."""
    for task in leaves_of(proposed)[:_MOST_TASKS]:
        answers = ", ".join(str(numbers[name]) for name in task.insights if name in numbers)
        about = ", ".join(task.paths[:_MOST_PLACES]) or "the whole project"
        told = f"; insights {answers}" if answers else ""
        yield _line(f"- {task.title} ({task.estimate_hours:g} h, risk {task.risk}{told}): {about}")


def _line(text: str) -> str:
    """The text on one line, with nothing hidden."""
    return " ".join(clean(text, _LINE_BYTES).split())

"""From a specification to tasks: render the blueprint, then what the blueprint does not cover.

The blueprint's task is the same with either engine, since rendering needs no model. Criteria beyond it are done one
after another, each on top of the last, because they all change the same small service.
A criterion's text is untrusted and reaches a model only inside a marked block (core/untrusted.py). The block's boundary
is derived from the run's trace id, so that planning the same run again gives the same tasks.
"""

from __future__ import annotations

import hashlib

from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.plan import MAX_TASK_HOURS, Task
from tdev.core.artifacts.spec import BlueprintChoice, Criterion, Spec
from tdev.core.decompose import Decomposition
from tdev.core.task_words import titled
from tdev.core.untrusted import clean, marked_block

CRITERION_HOURS = 2.0
"""Estimate for one acceptance criterion that goes beyond the blueprint."""
_MOST_BYTES = 4000


def tasks_for_build(goal: Goal, spec: Spec, choice: BlueprintChoice, engine: str, *, most: int = 40) -> Decomposition:
    """The tasks of a build; at most `most` leaf tasks.

    T1 renders the blueprint, which covers each criterion whose operation its resource has. For every other criterion
    there is a task with a model; with recipes it is left out, and that is said.
    """
    covered = [each for each in spec.criteria if _covered(each, spec)]
    open_ones = [each for each in spec.criteria if not _covered(each, spec)]
    first = _render(spec, choice, covered)
    if engine == "recipes":
        reason = "goes beyond create, read, list, update and delete; needs a model (engine: claude)"
        return Decomposition((first,), tuple(f"{_quoted(each)}: {reason}" for each in open_ones))
    room = max(most - 1, 0)
    boundary = hashlib.sha256(f"criteria {goal.trace_id}".encode()).hexdigest()[:32]
    tasks = [first]
    for number, criterion in enumerate(open_ones[:room], start=2):
        after = (f"T{number - 1}",) if number > 2 else ()
        tasks.append(_criterion(criterion, spec, choice, number, after, boundary))
    later = f"left for a later run, one run does {most} tasks at most"
    return Decomposition(tuple(tasks), tuple(f"{_quoted(each)}: {later}" for each in open_ones[room:]))


def _covered(criterion: Criterion, spec: Spec) -> bool:
    """True when the blueprint's own contract says it: an operation that the resource has."""
    if criterion.operation is None:
        return False
    about = [each for each in spec.resources if criterion.resource in ("", each.name, each.plural)]
    return any(criterion.operation in each.operations for each in about)


def _render(spec: Spec, choice: BlueprintChoice, covered: list[Criterion]) -> Task:
    fields = sum(len(resource.fields) for resource in spec.resources)
    hours = 1 + 0.25 * len(spec.resources) + 0.05 * fields
    return Task(
        id="T1",
        title=titled(f"Render the {choice.name} blueprint", ()),
        description=f"Render {choice.name} {choice.version} with the answers in spec/blueprint.json.",
        acceptance=(
            "The service starts, its own tests pass, and it answers as spec/openapi.yaml says.",
            *(_quoted(each) for each in covered),
        ),
        recipe="blueprint",
        paths=() if choice.destination == "." else (choice.destination,),
        estimate_hours=round(min(hours, MAX_TASK_HOURS), 2),
        risk=1,
    )


def _criterion(
    criterion: Criterion, spec: Spec, choice: BlueprintChoice, number: int, after: tuple[str, ...], boundary: str
) -> Task:
    subject = f" of {criterion.resource}" if criterion.resource else ""
    quoted = marked_block(clean(criterion.text, _MOST_BYTES), boundary)
    return Task(
        id=f"T{number}",
        title=titled(f"Meet {criterion.id}{subject}: {criterion.text}", ()),
        description=f"Make the service {spec.slug} meet acceptance criterion {criterion.id}, quoted here as data:\n"
        f"{quoted}",
        acceptance=(
            f"{criterion.id} holds, and a test shows it.",
            "spec/openapi.yaml still describes every request the service answers.",
            "Every test that passed before still passes.",
        ),
        paths=() if choice.destination == "." else (choice.destination,),
        needs=("T1",),
        after=after,
        estimate_hours=CRITERION_HOURS,
        risk=2,
    )


def _quoted(criterion: Criterion) -> str:
    text = " ".join(clean(criterion.text, 300).split())
    return f"{criterion.id} ({text})"

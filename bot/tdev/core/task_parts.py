"""Parts of the work as tasks: ids, groups, estimates, and which comes after which because they share files.

core/decompose.py decides what is to be done and hands over parts in the order it wants; here they get their form.
Parts of one kind become leaves of a group, a single one stands alone. `after` names only the nearest earlier leaves
with common files, as those further back follow from them.
A part above the limit of hours is a single file, which is not split; its estimate is cut and the task says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from tdev.core.artifacts.plan import MAX_TASK_HOURS, Task
from tdev.core.path_groups import PathGroup, overlap
from tdev.core.recipes import RECIPES
from tdev.core.task_words import KIND_TASKS, OTHER_KIND

LEAST_HOURS = 0.1
"""Shortest estimate."""
KEPT_TESTS = "Every test that passed before still passes."


class Part(NamedTuple):
    """One leaf task to be, before ids are given."""

    kind: str
    """What it has in common with the others of its group: a recipe's name or a kind of insight."""
    title: str
    group: PathGroup


def tasks_of(parts: Sequence[Part], *, recipes: bool) -> tuple[Task, ...]:
    """The parts as tasks, those of one kind under one group; a part comes after earlier ones it shares files with."""
    kinds: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        kinds[part.kind].append(part)
    tasks: list[Task] = []
    for number, (kind, members) in enumerate(kinds.items(), start=1):
        leaves = [_leaf(part, recipes=recipes) for part in members]
        if len(leaves) == 1:
            tasks.append(placed(leaves[0].model_copy(update={"id": f"T{number}"}), tasks))
            continue
        group = f"T{number}"
        tasks.append(leaves[0].model_copy(update={"id": group, "title": _kind_title(kind), **_NO_DETAILS}))
        for place, leaf in enumerate(leaves, start=1):
            tasks.append(placed(leaf.model_copy(update={"id": f"{group}.{place}", "parent": group}), tasks))
    return tuple(tasks)


_NO_DETAILS = {"description": "", "acceptance": (), "recipe": "", "paths": (), "insights": ()}


def _kind_title(kind: str) -> str:
    return next((fact.title for fact in RECIPES if fact.name == kind), KIND_TASKS.get(kind, OTHER_KIND).title)


def _leaf(part: Part, *, recipes: bool) -> Task:
    """A leaf task without its id and its place in the order."""
    fact = next((fact for fact in RECIPES if recipes and fact.name == part.kind), None)
    risk = fact.risk if fact else KIND_TASKS.get(part.kind, OTHER_KIND).risk
    hours = part.group.hours
    note = f" By hand it would take {hours:.1f} h; one file is not split." if hours > MAX_TASK_HOURS + 0.005 else ""
    if fact:
        description = f"Run the recipe {fact.name}.{note}"
        acceptance = ("The recipe finds nothing more that it can do safely.", KEPT_TESTS)
    else:
        description = f"Answer what research saw at the places below, and change nothing else.{note}"
        acceptance = ("What research saw there is settled, or the summary says why it has to stay.", KEPT_TESTS)
    return Task(
        id="T0",
        title=part.title,
        description=description,
        acceptance=acceptance,
        recipe=fact.name if fact else "",
        paths=part.group.paths,
        estimate_hours=round(min(max(hours, LEAST_HOURS), MAX_TASK_HOURS), 2),
        risk=risk,
        insights=part.group.insights,
    )


def placed(task: Task, earlier: Sequence[Task]) -> Task:
    """The task, coming after the nearest earlier leaves that share files with it, as far as its needs leave it open."""
    groups = {other.parent for other in earlier} | {task.parent}
    behind: dict[str, frozenset[str]] = {}
    for other in earlier:
        reached = [behind[name] | {name} for name in (*other.needs, *other.after) if name in behind]
        behind[other.id] = frozenset().union(*reached)
    after: list[str] = []
    covered = {name for need in task.needs for name in (need, *behind.get(need, ()))}
    for other in reversed(earlier):
        if other.id not in groups and other.id not in covered and overlap(task.paths, other.paths):
            after.append(other.id)
            covered |= behind[other.id] | {other.id}
    return task.model_copy(update={"after": tuple(reversed(after))})

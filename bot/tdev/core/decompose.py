"""From what was asked and seen to tasks of an evolve goal: recipes, or tasks for a model. Builds: decompose_build.

stages/plan.py calls it and hands the tasks to core/plan.py for order and figures.
Insights are spread over their places, and the places grouped along folders (core/path_groups.py) so that no task is
longer than four hours. Recipes are preferred by what they answer, a model by the insights' priority.
Nothing is dropped silently: what is not asked for, not writable or too much for one run is listed with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.insights import Insight, Insights
from tdev.core.artifacts.plan import MAX_TASK_HOURS, Task
from tdev.core.path_groups import PathGroup, Place, path_groups
from tdev.core.recipes import RECIPES, RecipeFact
from tdev.core.task_parts import KEPT_TESTS, Part, tasks_of
from tdev.core.task_words import KIND_TASKS, OTHER_KIND, asked_about, titled

RECIPE_ORDER = ("dependencies", "modernise", "imports", "types", "tests")
"""Which recipe comes before which: later ones build on what earlier ones leave; one not listed comes last."""
GOALLESS_TASKS = 5
"""Most tasks for a model when nobody said what to do: a small change that a person can review."""
_ELSEWHERE = frozenset({"untested-module"})
"""Kinds of insight that are answered by writing another file than the one they are about."""
_SHOWN_PLACES = 3


class Decomposition(NamedTuple):
    """Tasks for `build_plan`, and what is left out, each with the reason."""

    tasks: tuple[Task, ...]
    not_done: tuple[str, ...]


def tasks_for_evolve(
    goal: Goal, insights: Insights, *, most: int, writable: Callable[[str], bool] = lambda path: True
) -> Decomposition:
    """The tasks of an evolve goal; at most `most` leaf tasks, none above 4 h.

    Insights about files that may not be written are left out. With the recipes engine: a task per recipe that the
    goal names or, when it names none, that insights call for. With a model: one task for the goal's text or, when
    there is none, for the groups of insights with the highest priority.
    """
    allowed, left = answerable(insights, writable)
    made = _by_recipes(goal, allowed, most) if goal.engine == "recipes" else _by_model(goal, allowed, most)
    return Decomposition(made.tasks, (*made.not_done, *left))


def answerable(insights: Insights, writable: Callable[[str], bool]) -> tuple[tuple[Insight, ...], tuple[str, ...]]:
    """The insights that may be answered, highest priority first, and lines that say which others there are and why."""
    allowed = tuple(insight for insight in insights.insights if _may_answer(insight, writable))
    closed = [insight for insight in insights.insights if not _may_answer(insight, writable)]
    left = list(left_out(closed, "the policy's write scope leaves these files out"))
    if insights.truncated:
        left.append("further insights: research.insights in the policy cut the list; evolve again to see them")
    return allowed, tuple(left)


def _may_answer(insight: Insight, writable: Callable[[str], bool]) -> bool:
    return insight.kind in _ELSEWHERE or any(writable(place.path) for place in insight.evidence)


def left_out(insights: Iterable[Insight], reason: str) -> tuple[str, ...]:
    """One line per kind of insight that nobody will answer, with its first places and the reason."""
    kinds: dict[str, list[Insight]] = defaultdict(list)
    for insight in insights:
        kinds[insight.kind].append(insight)
    lines = []
    for kind, found in kinds.items():
        places = [_shown(each) for each in found[:_SHOWN_PLACES]]
        more = f" and {len(found) - len(places)} more" if len(found) > len(places) else ""
        lines.append(f"{kind}, {', '.join(places)}{more}: {reason}")
    return tuple(lines)


def _shown(insight: Insight) -> str:
    first = insight.evidence[0]
    return f"{first.path}:{first.line}" if first.line else first.path


def _by_recipes(goal: Goal, insights: Sequence[Insight], most: int) -> Decomposition:
    facts = sorted(RECIPES, key=_recipe_place)
    answered = {fact.name: [each for each in insights if _answers(fact, each)] for fact in facts}
    wanted = [fact for fact in facts if fact.name in goal.recipes or (not goal.recipes and answered[fact.name])]
    parts = []
    for fact in wanted:
        groups = path_groups(_places(answered[fact.name]), MAX_TASK_HOURS) or (PathGroup((), 0.0, 0.0, ()),)
        parts += [Part(fact.name, titled(fact.title, group.paths), group) for group in groups]
    parts, cut = _cut(parts, most)
    taken = {name for part in parts for name in part.group.insights}
    others = [each for each in insights if not any(_answers(fact, each) for fact in wanted)]
    if goal.recipes:
        reason = f"not asked for; the request names {' and '.join(goal.recipes)}"
    else:
        reason = "needs a model (engine: claude)"
    not_done = (*cut, *left_out([each for each in others if each.id not in taken], reason))
    return Decomposition(tasks_of(parts, recipes=True), not_done)


def _recipe_place(fact: RecipeFact) -> int:
    return RECIPE_ORDER.index(fact.name) if fact.name in RECIPE_ORDER else len(RECIPE_ORDER)


def _answers(fact: RecipeFact, insight: Insight) -> bool:
    return fact.name == insight.recipe or insight.kind in fact.insights


def _places(insights: Iterable[Insight]) -> list[Place]:
    """The insights' places; an insight's hours are spread evenly over the places it shows."""
    return [
        Place(seen.path, insight.effort_hours / len(insight.evidence), insight.priority, insight.id)
        for insight in insights
        for seen in insight.evidence
    ]


def _by_model(goal: Goal, insights: Sequence[Insight], most: int) -> Decomposition:
    if goal.text.strip():
        return _one_task(goal, insights)
    kinds: dict[str, list[Insight]] = defaultdict(list)
    for insight in insights:
        kinds[insight.kind].append(insight)
    parts = []
    for kind, found in kinds.items():
        title = KIND_TASKS.get(kind, OTHER_KIND).title
        parts += [
            Part(kind, titled(title, group.paths), group)
            for folder in _by_folder(found)
            for group in path_groups(_places(folder), MAX_TASK_HOURS)
        ]
    parts = [_with_paths(part, insights) for part in parts]
    parts, cut = _cut(sorted(parts, key=lambda part: -part.group.priority), min(most, GOALLESS_TASKS))
    return Decomposition(tasks_of(parts, recipes=False), cut)


def _by_folder(insights: Iterable[Insight]) -> list[list[Insight]]:
    """The insights by the folder they are in, in order of appearance."""
    folders: dict[str, list[Insight]] = defaultdict(list)
    for insight in insights:
        folders[insight.evidence[0].path.rpartition("/")[0]].append(insight)
    return list(folders.values())


def _with_paths(part: Part, insights: Sequence[Insight]) -> Part:
    """The part with the files it is about named: a model is told where to look."""
    if part.group.paths:
        return part
    by_id = {insight.id: insight for insight in insights}
    seen = dict.fromkeys(place.path for name in part.group.insights for place in by_id[name].evidence)
    title = titled(KIND_TASKS.get(part.kind, OTHER_KIND).title, tuple(seen))
    return part._replace(title=title, group=part.group._replace(paths=tuple(seen)))


def _one_task(goal: Goal, insights: Sequence[Insight]) -> Decomposition:
    """One task for what the goal says, with the insights it seems to be about, as many as fit into it."""
    about = [each for each in insights if asked_about(goal.text, each)]
    taken: list[Insight] = []
    hours = 0.0
    for insight in about:
        if hours + insight.effort_hours <= MAX_TASK_HOURS:
            taken.append(insight)
            hours += insight.effort_hours
    risks = [KIND_TASKS.get(insight.kind, OTHER_KIND).risk for insight in taken]
    task = Task(
        id="T1",
        title=titled(goal.title, ()),
        description="Do what the request below asks for, and no more. If it asks for more than fits into one small "
        "reviewable change, do the part that stands by itself and say what is left.",
        acceptance=("The change does what the request asks for.", "New behaviour has a test.", KEPT_TESTS),
        estimate_hours=round(max(hours, 1.0), 2),
        risk=max(risks, default=OTHER_KIND.risk),
        insights=tuple(insight.id for insight in taken),
    )
    rest = [insight for insight in about if insight not in taken]
    return Decomposition((task,), left_out(rest, f"more than one task of {MAX_TASK_HOURS:g} h; evolve again"))


def _cut(parts: Sequence[Part], most: int) -> tuple[list[Part], tuple[str, ...]]:
    """The `most` parts with the highest priority, in the order given, and a line for each that is left."""
    ranked = sorted(range(len(parts)), key=lambda number: (-parts[number].group.priority, number))
    kept = set(ranked[:most])
    left = [part for number, part in enumerate(parts) if number not in kept]
    lines = tuple(f"{part.title}: left for a later run, one run does {most} tasks at most" for part in left)
    return [part for number, part in enumerate(parts) if number in kept], lines

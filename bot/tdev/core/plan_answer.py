"""A plan that a model proposes becomes tasks, or the reasons why it can't: the model's part is words, never a decision.

Called by engines/claude/planning.py with the values of the model's answer. Ids are made here, kinds of task and recipes
are those we know, paths are held against the write scope, and what depends on what must be an order. Tasks that share
files come one after the other as in the plans that rules make. Nothing is mended silently: whatever is wrong is told,
and the model may answer once more. Its words are cleaned and cut before they are part of a task.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from tdev.core.answers import Unfit, taken
from tdev.core.artifacts.insights import Insight
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.plan import MAX_TASK_HOURS, Task
from tdev.core.decompose import Decomposition
from tdev.core.recipes import RECIPES
from tdev.core.task_graph import graph_of
from tdev.core.task_parts import KEPT_TESTS, LEAST_HOURS, placed
from tdev.core.task_words import KIND_TASKS, OTHER_KIND, titled
from tdev.core.untrusted import clean
from tdev.errors import Refused

MOST_PATHS = 40
"""Most paths of one task."""
_TITLE = 200
_TEXT = 4000
_LINE = 400
_RISKS = {fact.name: fact.risk for fact in RECIPES}


class PlannedTask(Model):
    """One task of a proposed plan: work that fits into one reviewable commit."""

    title: str = Field(min_length=1, max_length=_TITLE)
    """Imperative, at most 72 characters."""
    goal: str = Field(max_length=_TITLE)
    """What kind of task it is."""
    recipe: str = Field(max_length=_TITLE)
    """The recipe that does it without a model; empty = a model does it."""
    description: str = Field(min_length=1, max_length=_TEXT)
    """What is to be done, for whoever does it."""
    acceptance: tuple[str, ...] = Field(min_length=1, max_length=10)
    """When it is done: one thing each that can be checked."""
    paths: tuple[str, ...] = Field(max_length=MOST_PATHS)
    """Files or folders it is about, from the repository's root; empty = the whole project."""
    depends_on: tuple[int, ...] = Field(max_length=100)
    """Numbers of the tasks it builds on; the first task of the list is 1."""
    insights: tuple[int, ...] = Field(max_length=100)
    """Numbers of the insights that it answers."""
    hours: float = Field(gt=0, le=MAX_TASK_HOURS, allow_inf_nan=False)
    """Work for a person, in hours, at most 4: split what is longer."""
    risk: int = Field(ge=1, le=5)
    """1 = cosmetic, 5 = may break users."""


class PlanAnswer(Model):
    """A proposed plan."""

    tasks: tuple[PlannedTask, ...] = Field(min_length=1)
    """What is to be done."""
    not_done: tuple[str, ...] = Field(max_length=20)
    """What was asked for and is left out, each with the reason."""


@dataclass(frozen=True)
class PlanBounds:
    """What a proposed plan is held to."""

    most: int
    """Most tasks."""
    goals: Collection[str]
    """Kinds of task there are."""
    insights: Sequence[Insight]
    """What the model was shown, in this order; their numbers count from 1."""
    why_outside: Callable[[str], str]
    """Why a task may not be about a path, as a part of a sentence; empty when it may."""


def answer_schema(bounds: PlanBounds) -> dict[str, object]:
    """The JSON Schema of PlanAnswer with the names and the number of tasks that these bounds allow."""
    schema = PlanAnswer.model_json_schema()
    fields = schema["$defs"][PlannedTask.__name__]["properties"]
    fields["goal"] |= {"enum": sorted(bounds.goals)}
    fields["recipe"] |= {"enum": ["", *_RISKS]}
    schema["properties"]["tasks"] |= {"maxItems": bounds.most}
    return schema


def tasks_from_answer(values: object, bounds: PlanBounds) -> Decomposition | Unfit:
    """The tasks of a proposed plan, in an order that its dependencies allow, and what it leaves out.

    `values` is the answer's JSON value. Every reason against it is told, one line each; it names task and field by
    number and name, and repeats none of the model's words.
    """
    answer = taken(PlanAnswer, values)
    if isinstance(answer, Unfit):
        return answer
    if len(answer.tasks) > bounds.most:
        return Unfit((f"tasks: {len(answer.tasks)} tasks; at most {bounds.most} are allowed",))
    reasons = [reason for number, task in enumerate(answer.tasks, 1) for reason in _wrong(number, task, answer, bounds)]
    if reasons:
        return Unfit(tuple(reasons))
    tasks = [_task(number, task, bounds) for number, task in enumerate(answer.tasks, 1)]
    try:
        order = graph_of(tasks).order
    except Refused as refusal:
        return Unfit((f"depends_on: {refusal.message}",))
    left = tuple(line for said in answer.not_done if (line := _line(said)))
    return Decomposition(_in_order(tasks, order), left)


def _wrong(number: int, task: PlannedTask, answer: PlanAnswer, bounds: PlanBounds) -> Iterator[str]:
    """What is wrong with one task, as far as its form does not show it."""
    place = f"task {number}"
    texts = {"title": (task.title,), "description": (task.description,), "acceptance": task.acceptance}
    for name, said in texts.items():
        if not any(_line(each) for each in said):
            yield f"{place}, {name}: it is empty"
    if task.goal not in bounds.goals:
        yield f"{place}, goal: there is no such goal; there are {', '.join(sorted(bounds.goals))}"
    if task.recipe and task.recipe not in _RISKS:
        yield f"{place}, recipe: there is no such recipe; there are {', '.join(_RISKS)}, or an empty text"
    for index, path in enumerate(task.paths, 1):
        if why := _hidden(path) or bounds.why_outside(_normal(path)):
            yield f"{place}, path {index}: {why}"
    yield from _unknown(f"{place}, depends_on", task.depends_on, len(answer.tasks))
    yield from _unknown(f"{place}, insights", task.insights, len(bounds.insights))


def _unknown(place: str, numbers: Sequence[int], last: int) -> Iterator[str]:
    """A line for each number that names nothing."""
    for index, number in enumerate(numbers, 1):
        if not 1 <= number <= last:
            yield f"{place} {index}: there is none of that number, of {last}"


def _normal(path: str) -> str:
    """The path without what means nothing: `./` before it, a slash behind it."""
    return path.removeprefix("./").removesuffix("/")


def _hidden(path: str) -> str:
    """Why a path is not what people would see of it; empty when it is."""
    shown = clean(path, len(path.encode("utf-8", "replace")) + 1)
    return "" if shown == path else "its name holds characters that can't be shown"


def _task(number: int, task: PlannedTask, bounds: PlanBounds) -> Task:
    """The task under its number, its words cleaned; no task is less risky than what it answers or runs."""
    found = [bounds.insights[each - 1] for each in dict.fromkeys(task.insights)]
    risks = [KIND_TASKS.get(insight.kind, OTHER_KIND).risk for insight in found if not task.recipe]
    criteria = tuple(line for each in task.acceptance if (line := _line(each)))
    return Task(
        id=f"T{number}",
        title=titled(task.title, ()),
        description=clean(task.description, _TEXT).strip(),
        acceptance=(*criteria, KEPT_TESTS),
        recipe=task.recipe,
        goal="" if task.recipe else task.goal,
        paths=tuple(dict.fromkeys(_normal(path) for path in task.paths)),
        needs=tuple(f"T{other}" for other in dict.fromkeys(task.depends_on)),
        estimate_hours=round(max(task.hours, LEAST_HOURS), 2),
        risk=max([task.risk, *risks, *([_RISKS[task.recipe]] if task.recipe else [])]),
        insights=tuple(insight.id for insight in found),
    )


def _in_order(tasks: Sequence[Task], order: Sequence[str]) -> tuple[Task, ...]:
    """The tasks under new ids in that order, each behind the earlier ones that it shares files with."""
    ids = {name: f"T{number}" for number, name in enumerate(order, 1)}
    by_id = {task.id: task for task in tasks}
    made: list[Task] = []
    for name in order:
        needs = tuple(ids[need] for need in by_id[name].needs)
        made.append(placed(by_id[name].model_copy(update={"id": ids[name], "needs": needs}), made))
    return tuple(made)


def _line(text: str) -> str:
    """The model's words on one line, with nothing hidden."""
    return " ".join(clean(text, _LINE).split())

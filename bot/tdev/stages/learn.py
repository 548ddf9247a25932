"""learn: what the run teaches, drawn from its own files alone.

Comes in: whatever files the run has; a missing one means fewer lessons, not an error. Goes out:
lessons.json, in which each lesson names the file and entry that prove it.

It asks no model and reads no other run: what follows from many runs is for whoever collects these
files.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.lessons import Lesson, Lessons
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, TaskState
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.stages.outcome import outcome_of
from tdev.stages.run_events import seconds_by_stage, spent_on_questions

_SLOW_SHARE = 0.5


def learn(run: RunDir) -> RunDir:
    """Write lessons.json."""
    seconds = seconds_by_stage(run)
    lessons = [*_blocked(run), *_attempts(run), *_tasks(run), *_slow(seconds)]
    cost = spent_on_questions(run) + (run.read(Patch).cost_usd if run.has(Patch) else 0.0)
    run.write(Lessons(outcome=outcome_of(run), lessons=tuple(lessons), seconds=seconds, cost_usd=cost))
    return run


def _blocked(run: RunDir) -> Iterator[Lesson]:
    if not run.has(Verdict):
        return
    for gate in run.read(Verdict).children:
        for check in gate.children:
            if check.outcome in (Outcome.FAIL, Outcome.ERROR):
                where = f"verdict.json#{gate.name}/{check.name}"
                yield Lesson(kind="blocked", text=f"{gate.name}/{check.name}: {check.reason}", evidence=where)
            elif check.outcome is Outcome.WAIVED:
                where = f"verdict.json#{gate.name}/{check.name}"
                yield Lesson(kind="waived", text=f"{gate.name}/{check.name}: {check.reason}", evidence=where)


def _attempts(run: RunDir) -> Iterator[Lesson]:
    if not run.has(Patch):
        return
    for number, attempt in enumerate(run.read(Patch).attempts):
        if not attempt.kept:
            text = f"{attempt.task}, attempt {attempt.number}: {attempt.reason}"
            yield Lesson(kind="rolled-back", text=text, evidence=f"patch.json#attempts/{number}")


def _tasks(run: RunDir) -> Iterator[Lesson]:
    if not run.has(Plan):
        return
    for number, task in enumerate(run.read(Plan).tasks):
        if task.state is TaskState.DONE:
            yield Lesson(kind="worked", text=task.title, evidence=f"plan.json#tasks/{number}")
        elif task.state in (TaskState.FAILED, TaskState.DROPPED):
            yield Lesson(kind="failed", text=f"{task.title}: {task.reason}", evidence=f"plan.json#tasks/{number}")


def _slow(seconds: dict[str, float]) -> Iterator[Lesson]:
    total = sum(seconds.values())
    for stage, spent in seconds.items():
        if total and spent / total > _SLOW_SHARE:
            text = f"{stage} took {spent:.1f} of {total:.1f} seconds"
            yield Lesson(kind="slow", text=text, evidence="events.jsonl")

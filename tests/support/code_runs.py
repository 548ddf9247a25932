"""A run that stands before its code stage, and an engine whose every attempt is a function of the test.

Git, work trees, checks, virtual environments and the project's tests are real; only what a model would write is not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.command import git
from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Measurement, Metrics, TestOutcome, TestRun
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.plan import build_plan
from tdev.core.run import new_run_id
from tdev.engines import table
from tdev.engines.engine import Job, Work
from tdev.errors import TdevError
from tdev.policy.model import Limits, Policy
from tdev.settings import Settings

Step = Callable[[Job], Work]
SUMS = {
    "sums.py": '"""Sums."""\n\n\ndef add(a, b):\n    """The sum."""\n    return a - b\n',
    "test_sums.py": "from sums import add\n\n\ndef test_zero():\n    assert add(2, 0) == 2\n",
}
PASSING = TestRun(ok=True, outcomes={"test_sums.py::test_zero": TestOutcome.PASSED})


@dataclass
class ScriptedEngine:
    """Does what the test says, attempt after attempt; keeps what it was asked."""

    steps: Mapping[str, Iterator[Step]]
    """By task id."""
    jobs: list[Job] = field(default_factory=list)
    """In the order they came."""
    name: str = "scripted"

    def version(self, settings: Settings) -> str:
        return "1"

    def perform(self, job: Job) -> Work:
        self.jobs.append(job)
        return next(self.steps[job.task.id])(job)


def writes(files: Mapping[str, str], *, wait_for: threading.Barrier | None = None, **facts: Any) -> Step:
    """An attempt that writes files, and says that it did."""

    def step(job: Job) -> Work:
        if wait_for is not None:
            wait_for.wait(timeout=120)
        for name, text in files.items():
            file = job.checkout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Work(**{"summary": "Written.", "cost_usd": 0.25, "session": f"s-{job.task.id}", **facts})

    return step


def fails(error: TdevError, failure: str = "", cost_usd: float = 0.0) -> Step:
    """An attempt that the engine could not make."""

    def step(_job: Job) -> Work:
        error.failure, error.cost_usd = failure, cost_usd
        raise error

    return step


def task(identity: str, **facts: Any) -> Task:
    return Task(**{"id": identity, "title": f"Do {identity}", "estimate_hours": 1, "risk": 1, **facts})


def scripted(steps: Mapping[str, Sequence[Step]]) -> ScriptedEngine:
    """The engine, registered as `scripted`."""
    engine = ScriptedEngine({name: iter(each) for name, each in steps.items()})
    table.ENGINES["scripted"] = lambda: engine
    return engine


def code_run(
    settings: Settings,
    repository: Path,
    tasks: Sequence[Task],
    *,
    limits: Limits | None = None,
    before: TestRun = PASSING,
    **goal: Any,
) -> RunDir:
    """A run whose next stage is `code`, with the engine `scripted`."""
    sha = git(repository, "rev-parse", "HEAD")
    run = run_dir.create(
        settings,
        Goal.model_validate(
            {
                "run_id": new_run_id(),
                "goal_id": "g",
                "trace_id": "0" * 32,
                "kind": GoalKind.EVOLVE,
                "text": "Do it.",
                "title": "do it",
                "slug": "do-it",
                "repository": Repository(path=str(repository), name=repository.name, base_sha=sha),
                "engine": "scripted",
                "engine_reason": "asked for",
                "budget": Budget(),
                "created_at": "2026-01-01T00:00:00Z",
                **goal,
            }
        ),
        Policy(limits=limits or Limits()),
    )
    run.write(build_plan(tasks))
    run.write(Measurement(sha=sha, metrics=Metrics(), tests=before))
    return run


def branch_of(run: RunDir) -> Path:
    """The clone that holds the run's branch, as the code stage left it."""
    return run.work / "code"

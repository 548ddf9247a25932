"""What the tasks of one run share while the code stage works: plan, attempts, tests, budget, all kept for a restart.

Comes in: a run. Goes out: Shop, which stages/attempts.py and stages/merging.py change through a few methods. Each
change is on disk before the next step, and tasks that run beside each other take turns.

A commit that was made is noted before it is on the run's branch. So after a kill at any moment either the commits or
the notes prove what is done, and nothing is done or paid for twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from tdev.adapters import process, workspace
from tdev.adapters.files import write_atomically
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.evaluation import Evaluation, Measurement, TestRun
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, Task, TaskState
from tdev.core.plan import replan
from tdev.core.task_states import ENDED_WELL, with_state
from tdev.engines import table
from tdev.engines.engine import Engine
from tdev.errors import BudgetExceeded, Interrupted
from tdev.policy.model import Policy
from tdev.stages.project import project_folder
from tdev.stages.run_events import spent_on_questions

PROGRESS_FILE = "code-progress.json"
TREES = "trees"
"""Folder of the run's scratch folder for the work trees of tasks that run beside each other."""


class Made(Model):
    """A commit that a task has made and that is not on the run's branch yet."""

    commit: str
    """Its id."""
    reason: str
    """Why it was kept."""
    tests: TestRun
    """What the tests gave on it."""


class Progress(Model):
    """What the stage has done so far, kept in the scratch folder for a restart."""

    plan: Plan
    attempts: tuple[Attempt, ...] = ()
    tests: TestRun
    """What they gave on the branch's head."""
    made: Mapping[str, Made] = Field(default_factory=dict)
    """By task id."""
    seconds: float = Field(default=0.0, ge=0)


@dataclass(frozen=True)
class Bench:
    """A checkout in which one task at a time is worked on."""

    git: Git
    """Git in it."""
    project: Path
    """Folder whose tests are run."""
    environment: Path
    """Folder of the virtual environment in which they are."""
    name: str
    """Its folder below the run's scratch folder."""


@dataclass
class Shop:
    """Everything the tasks of one run share."""

    run: RunDir
    policy: Policy
    engine: Engine
    git: Git
    """The clone, on the run's branch."""
    started: float
    progress: Progress
    active: int = 1
    """How many tasks are worked on at this moment."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _shares: dict[str, float] = field(default_factory=dict)

    def engine_for(self, task: Task) -> Engine:
        """A task with a recipe is done by it, whatever the run's engine: it is cheaper and always the same."""
        return table.ENGINES["recipes"]() if task.recipe else self.engine

    def bench(self, git: Git, name: str) -> Bench:
        """The place of work in a checkout."""
        slot = name.removeprefix(TREES).replace("/", "-")
        environment = self.run.work / ("environment" if git is self.git else f"environment{slot}")
        return Bench(git, git.folder / project_folder(self.run), environment, name)

    def save(self, **changes: object) -> None:
        """Note progress so that a killed run can go on; raises Interrupted when the user has stopped the run."""
        with self._lock:
            if process.stopped():
                raise Interrupted("Stopped.")
            self.progress = self.progress.model_copy(update={**changes, "seconds": self.seconds()})
            data = self.progress.model_dump_json().encode()
            write_atomically(self.run.work / PROGRESS_FILE, data, backup=False)

    def note(self, attempt: Attempt, made: Made | None = None) -> None:
        """Keep an attempt on record, and the commit that came of it."""
        with self._lock:
            more = {attempt.task: made} if made is not None else {}
            attempts = (*self.progress.attempts, attempt)
            self.save(attempts=attempts, made={**self.progress.made, **more})

    def end(self, task: Task, state: TaskState, reason: str, **changes: object) -> None:
        """Note how a task ended; a failed one has what is left planned anew."""
        with self._lock:
            plan = self.progress.plan
            failed = state is TaskState.FAILED
            plan = replan(plan, task.id, reason) if failed else with_state(plan, task.id, state, reason)
            self.save(plan=plan, **changes)
        message = f"{task.title}: {state.value}"
        self.run.emit("tdev.task.end", message, task=task.id, title=task.title, state=state.value)

    def seconds(self) -> float:
        """Wall clock of this stage, over restarts."""
        return time.monotonic() - self.started

    def usd_left(self) -> float:
        """What the budget still allows, less what other tasks may be spending."""
        with self._lock:
            spent = sum(attempt.cost_usd for attempt in self.progress.attempts)
            return self.run.goal.budget.usd - spent - spent_on_questions(self.run) - sum(self._shares.values())

    def seconds_left(self) -> float:
        """What the wall-clock budget still allows."""
        return self.run.goal.budget.minutes * 60 - self.seconds()

    @contextmanager
    def share(self, task: Task) -> Iterator[float]:
        """US dollars that one attempt may spend: an equal share among the tasks that run beside each other."""
        with self._lock:
            share = self.usd_left() / max(1, self.active - len(self._shares))
            self._shares[task.id] = max(share, 0.0)
        try:
            yield share
        finally:
            with self._lock:
                del self._shares[task.id]

    def leave(self) -> None:
        """One of the tasks that run beside each other has come to its end."""
        with self._lock:
            self.active = max(1, self.active - 1)

    def check_budget(self) -> None:
        """Raise BudgetExceeded when there is no time or no money left."""
        budget = self.run.goal.budget
        if self.seconds_left() <= 0:
            raise BudgetExceeded(
                f"The run has used its {budget.minutes:g} minutes.",
                next_step="Raise budget.minutes in .github/tdev.yml and start again.",
            )
        if self.engine.name == "claude" and self.usd_left() <= 0:
            raise BudgetExceeded(
                f"The run has used its {budget.usd:g} dollars.",
                next_step=f"`tdev run resume {self.run.id} --usd {budget.usd * 2:g}` goes on with twice that.",
            )


def open_shop(run: RunDir) -> Shop:
    """The checkout and the progress so far, from the scratch folder when the run was killed."""
    goal = run.goal
    git = workspace.code_checkout(run)
    workspace.prune_worktrees(run, git, TREES)
    saved = run.work / PROGRESS_FILE
    progress = Progress.model_validate_json(saved.read_bytes()) if saved.is_file() else _first_progress(run)
    return Shop(
        run=run,
        policy=run.policy,
        engine=table.ENGINES[goal.engine](),
        git=git,
        started=time.monotonic() - progress.seconds,
        progress=_agreeing(progress, git, goal.repository.base_sha),
    )


def _first_progress(run: RunDir) -> Progress:
    """Where the stage begins: nothing tried yet, or what an earlier round of gates left."""
    tests = run.read(Evaluation).after.tests if run.has(Evaluation) else run.read(Measurement).tests
    attempts = run.read(Patch).attempts if run.has(Patch) else ()
    return Progress(plan=run.read(Plan), tests=tests, attempts=attempts)


def _agreeing(progress: Progress, git: Git, base: str) -> Progress:
    """The progress with what the commits prove: a kill may have come between a commit and its note."""
    plan, commits = progress.plan, git.commits(base, "HEAD")
    committed = {commit.task for commit in commits}
    tests = next((made.tests for made in progress.made.values() if commits and made.commit == commits[-1].sha), None)
    made = {task: each for task, each in progress.made.items() if task not in committed}
    for task in plan.tasks:
        if task.id in committed and task.state not in ENDED_WELL:
            plan = with_state(plan, task.id, TaskState.DONE, "committed before the run was interrupted")
        elif task.state is TaskState.DONE and task.id not in committed and not _has_parts(plan, task):
            plan = with_state(plan, task.id, TaskState.PENDING)
    return progress.model_copy(update={"plan": plan, "made": made, "tests": tests or progress.tests})


def _has_parts(plan: Plan, task: Task) -> bool:
    return any(other.parent == task.id for other in plan.tasks)

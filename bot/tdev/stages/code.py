"""code: run the plan's tasks through the engine, keep what the tests allow, bundle the commits.

Each task gets a few attempts; an attempt that breaks a test or leaves the write scope is rolled back and its reason
is fed back. What was kept is a commit at once, so a killed run goes on behind the last one.

Comes in: the plan, and what the tests gave before. Goes out: the commits as patch.bundle, the
difference as patch.diff, every attempt with its cost in patch.json, and the plan as it ended.

An engine only edits files. Judging, committing and rolling back happen here, so each engine is held
to the same rules. What is committed is the tree as it was staged before the tests ran: what tests
write is never part of a change.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from tdev.adapters import workspace
from tdev.adapters.files import write_atomically
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation, Measurement, TestRun
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.patch import Attempt, ChangedFile, Patch
from tdev.core.artifacts.plan import Plan, Task, TaskState
from tdev.core.judgement import Judgement, judge
from tdev.core.outbound import plain
from tdev.core.plan import replan
from tdev.core.task_states import ENDED_WELL, next_task, with_state
from tdev.engines import table
from tdev.engines.engine import Engine, Job, Work
from tdev.errors import BudgetExceeded, Refused, TdevError
from tdev.policy.model import Policy
from tdev.policy.patch_size import too_large
from tdev.policy.write_scope import outside_scope
from tdev.stages.project import project_folder
from tdev.stages.run_events import spent_on_spec
from tdev.tools import python_environment
from tdev.tools.pytest import run_tests

PROGRESS_FILE = "code-progress.json"


class _Progress(Model):
    """What the stage has done so far, kept in the scratch folder for a restart."""

    plan: Plan
    attempts: tuple[Attempt, ...] = ()
    tests: TestRun
    seconds: float = Field(default=0.0, ge=0)


@dataclass
class _Shop:
    """Everything the tasks of one run share."""

    run: RunDir
    policy: Policy
    engine: Engine
    git: Git
    project: Path
    started: float
    progress: _Progress

    def engine_for(self, task: Task) -> Engine:
        """A task with a recipe is done by it, whatever the run's engine: it is cheaper and always the same."""
        return table.ENGINES["recipes"]() if task.recipe else self.engine

    def save(self, **changes: object) -> None:
        """Note progress so that a killed run can go on."""
        self.progress = self.progress.model_copy(update={**changes, "seconds": self.seconds()})
        data = self.progress.model_dump_json().encode()
        write_atomically(self.run.work / PROGRESS_FILE, data, backup=False)

    def seconds(self) -> float:
        """Wall clock of this stage, over restarts."""
        return time.monotonic() - self.started

    def usd_left(self) -> float:
        """What the budget still allows."""
        spent = sum(attempt.cost_usd for attempt in self.progress.attempts)
        return self.run.goal.budget.usd - spent - spent_on_spec(self.run)

    def seconds_left(self) -> float:
        """What the wall-clock budget still allows."""
        return self.run.goal.budget.minutes * 60 - self.seconds()


def code(run: RunDir) -> RunDir:
    """Do the plan's tasks; writes patch.json, patch.diff, patch.bundle and the plan as it ended."""
    shop = _open(run)
    while (task := next_task(shop.progress.plan)) is not None:
        _check_budget(shop)
        run.emit("tdev.task.start", task.title, task=task.id, title=task.title)
        state, reason = _do(shop, task)
        plan = shop.progress.plan
        plan = replan(plan, task.id, reason) if state is TaskState.FAILED else with_state(plan, task.id, state, reason)
        shop.save(plan=plan)
        run.emit("tdev.task.end", f"{task.title}: {state.value}", task=task.id, title=task.title, state=state.value)
    return _close(shop)


def _open(run: RunDir) -> _Shop:
    """The checkout and the progress so far, from the scratch folder when the run was killed."""
    goal = run.goal
    git = workspace.code_checkout(run)
    saved = run.work / PROGRESS_FILE
    progress = _Progress.model_validate_json(saved.read_bytes()) if saved.is_file() else _first_progress(run)
    progress = progress.model_copy(update={"plan": _agreeing(progress.plan, git, goal.repository.base_sha)})
    return _Shop(
        run=run,
        policy=run.policy,
        engine=table.ENGINES[goal.engine](),
        git=git,
        project=git.folder / project_folder(run),
        started=time.monotonic() - progress.seconds,
        progress=progress,
    )


def _first_progress(run: RunDir) -> _Progress:
    """Where the stage begins: nothing tried yet, or what an earlier round of gates left."""
    tests = run.read(Evaluation).after.tests if run.has(Evaluation) else run.read(Measurement).tests
    attempts = run.read(Patch).attempts if run.has(Patch) else ()
    return _Progress(plan=run.read(Plan), tests=tests, attempts=attempts)


def _agreeing(plan: Plan, git: Git, base: str) -> Plan:
    """The plan with the states that the commits prove: a kill may have come between a commit and its note."""
    committed = {commit.task for commit in git.commits(base, "HEAD")}
    for task in plan.tasks:
        if task.id in committed and task.state not in ENDED_WELL:
            plan = with_state(plan, task.id, TaskState.DONE, "committed before the run was interrupted")
        elif task.state is TaskState.DONE and task.id not in committed and not _has_parts(plan, task):
            plan = with_state(plan, task.id, TaskState.PENDING)
    return plan


def _has_parts(plan: Plan, task: Task) -> bool:
    return any(other.parent == task.id for other in plan.tasks)


def _check_budget(shop: _Shop) -> None:
    budget = shop.run.goal.budget
    if shop.seconds_left() <= 0:
        raise BudgetExceeded(
            f"The run has used its {budget.minutes:g} minutes.",
            next_step="Raise budget.minutes in .github/tdev.yml and start again.",
        )
    if shop.engine.name == "claude" and shop.usd_left() <= 0:
        raise BudgetExceeded(
            f"The run has used its {budget.usd:g} dollars.",
            next_step=f"`tdev run resume {shop.run.id} --usd {budget.usd * 2:g}` goes on with twice that.",
        )


def _do(shop: _Shop, task: Task) -> tuple[TaskState, str]:
    """Try one task until an attempt is kept; the state it ends in and why."""
    feedback: list[str] = []
    session = ""
    for number in range(1, shop.policy.limits.task_attempts + 1):
        began = time.monotonic()
        try:
            work = shop.engine_for(task).perform(_job(shop, task, number, feedback, session))
        except TdevError as error:
            shop.git.discard()
            spent = Work(summary="", cost_usd=error.cost_usd, session=session)
            _note(shop, task, number, spent, Judgement(False, str(error)), time.monotonic() - began)
            if isinstance(error, Refused):
                return TaskState.FAILED, str(error)
            raise
        session = work.session
        state, judgement = _judge(shop, task, work)
        _note(shop, task, number, work, judgement, time.monotonic() - began)
        if judgement.keep:
            return state, judgement.reason
        shop.git.discard()
        feedback.append(judgement.reason)
        _check_budget(shop)
    return TaskState.FAILED, f"{len(feedback)} attempts were rolled back; the last because {feedback[-1]}"


def _job(shop: _Shop, task: Task, number: int, feedback: list[str], session: str) -> Job:
    """One try at a task, in a checkout without what installing the project has left there."""
    run, python = shop.run, _environment(shop).python
    shop.git.discard()
    return Job(
        goal=run.goal,
        task=task,
        policy=shop.policy,
        settings=run.settings,
        checkout=shop.git.folder,
        project=shop.project,
        python=python,
        run_folder=run.path,
        transcript=run.path / "transcript.jsonl",
        attempt=number,
        feedback=tuple(feedback),
        session=session,
        usd_left=shop.usd_left(),
        seconds_left=shop.seconds_left(),
        progress=lambda line: run.emit("tdev.task.progress", line, task=task.id),
    )


def _environment(shop: _Shop) -> python_environment.PythonEnvironment:
    return python_environment.ensure(
        shop.run.settings, shop.project, shop.run.work / "environment", shop.policy.limits.tool_seconds
    )


def _judge(shop: _Shop, task: Task, work: Work) -> tuple[TaskState, Judgement]:
    """Whether the uncommitted change in the checkout is kept; commits it when it is."""
    shop.git.run("add", "--all", "--", ".")
    staged = shop.git.run("write-tree").stdout.strip()
    if staged == shop.git.tree_of("HEAD"):
        if work.nothing_to_do:
            return TaskState.UNCHANGED, Judgement(True, work.nothing_to_do)
        return TaskState.FAILED, Judgement(False, "nothing was changed")
    too_much = _too_much(shop, staged)
    if too_much:
        return TaskState.FAILED, Judgement(False, too_much)
    outside = outside_scope(_files(shop, staged), shop.policy.scope, allowed_root=_own_folder(shop.run))
    if outside:
        places = "; ".join(f"{path}: {reason}" for path, reason in outside[:10])
        return TaskState.FAILED, Judgement(False, f"the change leaves the write scope: {places}")
    after = run_tests(
        _environment(shop),
        shop.project,
        shop.run.settings,
        shop.policy.limits.test_seconds,
        coverage=False,
        paths=shop.policy.gates.tests.paths,
    )
    judgement = judge(shop.progress.tests, after)
    if judgement.keep:
        shop.git.run("reset", "--quiet", "--hard")
        shop.git.run("read-tree", "-u", "--reset", staged)
        shop.git.run("commit", "--quiet", "--no-verify", "--file=-", stdin=_message(shop.run, task, work).encode())
        shop.git.discard()
        shop.save(tests=after)
    return TaskState.DONE, judgement


def _too_much(shop: _Shop, tree: str) -> str:
    """Why the whole change, earlier tasks included, is larger than policy allows; empty when it isn't."""
    base = shop.run.goal.repository.base_sha
    size = len(shop.git.diff(base, tree).encode("utf-8", "replace"))
    reason = too_large(shop.git.changed_files(base, tree), size, shop.policy.limits)
    return f"the change is too large: {reason}" if reason else ""


def _files(shop: _Shop, tree: str) -> tuple[ChangedFile, ...]:
    return shop.git.changed_files("HEAD", tree)


def _own_folder(run: RunDir) -> str:
    """Where protected names may be added: the new service's own folder; nowhere for evolve."""
    return project_folder(run) if run.goal.kind is GoalKind.BUILD else ""


def _message(run: RunDir, task: Task, work: Work) -> str:
    """Commit message: the task, what the engine says of it (nothing in that acts on GitHub), and which run it was."""
    goal = run.goal
    trailers = f"Tdev-Run: {goal.run_id}\nTdev-Goal: {goal.goal_id}\nTdev-Task: {task.id}"
    said = "\n".join(plain(line) for line in work.summary.strip().splitlines())
    return f"{plain(task.title)}\n\n{said}\n\n{trailers}\n"


def _note(shop: _Shop, task: Task, number: int, work: Work, judgement: Judgement, seconds: float) -> None:
    """Keep the attempt on record, kept or not."""
    attempt = Attempt(
        task=task.id,
        number=number,
        kept=judgement.keep,
        reason=judgement.reason,
        summary=work.summary,
        cost_usd=work.cost_usd,
        input_tokens=work.input_tokens,
        output_tokens=work.output_tokens,
        turns=work.turns,
        seconds=round(seconds, 3),
    )
    shop.save(attempts=(*shop.progress.attempts, attempt))
    shop.run.emit(
        "tdev.task.attempt",
        f"{'kept' if judgement.keep else 'rolled back'}: {judgement.reason.splitlines()[0]}",
        task=task.id,
        number=number,
        kept=judgement.keep,
        cost_usd=work.cost_usd,
        seconds=round(seconds, 3),
    )


def _close(shop: _Shop) -> RunDir:
    """Write what was made to the run directory."""
    run, git = shop.run, shop.git
    base, head = run.goal.repository.base_sha, git.commit_of("HEAD")
    workspace.write_bundle(run, git)
    run.write(shop.progress.plan)
    run.write(
        Patch(
            base_sha=base,
            head_sha=head,
            commits=git.commits(base, head),
            files=git.changed_files(base, head),
            attempts=shop.progress.attempts,
            engine=shop.engine.name,
            engine_version=shop.engine.version(run.settings),
        )
    )
    (run.work / PROGRESS_FILE).unlink(missing_ok=True)
    return run

"""code: run the plan's tasks through the engine, keep what the checks allow, bundle the commits.

Each task gets a few attempts; an attempt that breaks a test or leaves the write scope is rolled back and its reason
is fed back. What was kept is a commit at once, so a killed run goes on behind the last one. Tasks that don't wait for
each other may run beside each other, as many as limits.parallel_tasks says.

Comes in: the plan, and what the tests gave before. Goes out: the commits as patch.bundle, the difference as patch.diff,
every attempt with its verdict and cost in patch.json and its diff below attempts/, and the plan as it ended.

An engine only edits files. Judging, committing and rolling back happen in attempts.py, so each engine is held to the
same rules.
"""

from __future__ import annotations

from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Task
from tdev.core.task_states import ready_tasks
from tdev.stages.attempts import work_on
from tdev.stages.code_progress import PROGRESS_FILE, Shop, open_shop
from tdev.stages.merging import merge_made
from tdev.stages.parallel_tasks import work_side_by_side


def code(run: RunDir) -> RunDir:
    """Do the plan's tasks; writes patch.json, patch.diff, patch.bundle and the plan as it ended."""
    shop = open_shop(run)
    merge_made(shop)
    while tasks := _wave(shop):
        shop.check_budget()
        for task in tasks:
            run.emit("tdev.task.start", task.title, task=task.id, title=task.title)
        if len(tasks) == 1:
            work_on(shop, shop.bench(shop.git, "code"), tasks[0])
        else:
            work_side_by_side(shop, tasks)
        merge_made(shop)
    return _close(shop)


def _wave(shop: Shop) -> tuple[Task, ...]:
    """The tasks to work on at the same time; one that was put back once is worked on alone, so that it fits."""
    put_back = {attempt.task for attempt in shop.progress.attempts if attempt.failure is Failure.CONFLICT}
    return ready_tasks(shop.progress.plan, shop.policy.limits.parallel_tasks, put_back)


def _close(shop: Shop) -> RunDir:
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

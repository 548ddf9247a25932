"""The forge's foreman: takes runs that have something to do and gives their jobs to the runner, one after the other.

Comes in: the store and a Runner. Goes out: finished jobs. Two runs are worked on at once, one of a concurrency group.
Each job has a folder, a token and variables of its own; its secrets reach only the steps that name them, and no log.

What was at work when the forge ended is failed when it starts again, with the reason in log and check run; the run then
goes on from there. The folder a job worked in is removed at its end.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from tdev.errors import TdevError
from tdev.forge.api.repositories import html_url
from tdev.forge.store import Row, Store, add_installation_token, hash_of, repository_by_id
from tdev.forge.workflows import oidc, runs
from tdev.forge.workflows.called_jobs import Scene
from tdev.forge.workflows.file import JobFile, WorkflowFile
from tdev.forge.workflows.job_contexts import payload_of, variables
from tdev.forge.workflows.job_log import JobLog, log_path
from tdev.forge.workflows.job_states import advance, begin, end, file_of, jobs_of, run_by_id
from tdev.forge.workflows.runner import Ended, Order, Runner

RUNS_AT_ONCE = 2
LOST = "The runner was lost: the forge stopped while this job was at work."
_PAUSE = 0.05
_TOKEN_SECONDS = 86_400


@asynccontextmanager
async def working(store: Store, runner: Runner) -> AsyncIterator[None]:
    """While the block runs, runs are carried out."""
    _recover(store)
    loop = asyncio.create_task(_loop(store, runner))
    try:
        yield
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop


def _recover(store: Store) -> None:
    """Fail the jobs that were at work when the forge ended."""
    for job in store.all("SELECT * FROM workflow_jobs WHERE status = 'in_progress'"):
        steps = json.loads(job["steps"])
        for step in steps:
            if step["status"] != "completed":
                step |= {"status": "completed", "conclusion": "failure", "completed_at": store.now()}
        store.update("workflow_jobs", job["id"], steps=json.dumps(steps))
        path = log_path(store, job["id"])
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as file:
            JobLog(store, run_by_id(store, job["run_id"]), job, file).write(f"##[error]{LOST}\n".encode())
        end(store, job, "failure", why=LOST)
    shutil.rmtree(store.root / "jobs", ignore_errors=True)


async def _loop(store: Store, runner: Runner) -> None:
    """Carry out runs, oldest first, some at once."""
    at_work: dict[int, asyncio.Task[None]] = {}
    try:
        while True:
            at_work = {number: task for number, task in at_work.items() if not task.done()}
            for run in runs.open_runs(store):
                if len(at_work) < RUNS_AT_ONCE and run["id"] not in at_work and runs.may_begin(store, run):
                    store.update("workflow_runs", run["id"], began=1)
                    at_work[run["id"]] = asyncio.create_task(carry_out(store, runner, run["id"]))
            await asyncio.sleep(_PAUSE)
    finally:
        for task in at_work.values():
            task.cancel()
        await asyncio.gather(*at_work.values(), return_exceptions=True)


async def carry_out(store: Store, runner: Runner, run_id: int) -> None:
    """Carry out the jobs of a run until there is none to do now."""
    while (job := advance(store, run_id)) is not None:
        await _carry_out_job(store, runner, job)


async def _carry_out_job(store: Store, runner: Runner, job: Row) -> None:
    """Carry out one job to its end; what the runner could not do is a failure with the reason."""
    begin(store, job)
    run = run_by_id(store, job["run_id"])
    folder = store.root.absolute() / "jobs" / str(job["id"])
    ended, why = Ended("failure"), LOST
    kept: dict[str, str] = {}
    try:
        with _log(store, run, job) as log:
            try:
                file = file_of(store, run)
                if file is None:
                    raise KeyError(run["id"])
                await asyncio.to_thread(shutil.rmtree, folder, True)
                folder.mkdir(parents=True)
                order = _order(store, run, job, file, folder, log, runner.secrets)
                ended = await _until_done(store, run, runner, order, log)
                why = ""
            except (TdevError, OSError) as error:
                why = str(error)
                log.write(f"##[error]{error}\n".encode())
                log.end("failure")
            kept = _outputs(ended, log)
    finally:
        end(store, job, ended.conclusion, outputs=kept, why=why)
        await asyncio.to_thread(shutil.rmtree, folder, True)


def _outputs(ended: Ended, log: JobLog) -> dict[str, str]:
    """The outputs of a job but those that hold a secret, which are not handed on."""
    kept = {name: value for name, value in ended.outputs.items() if log.shown(value) == value}
    for name in set(ended.outputs) - set(kept):
        log.write(f"##[warning]Skip output '{name}' since it may contain secret.\n".encode())
    return kept


async def _until_done(store: Store, run: Row, runner: Runner, order: Order, log: JobLog) -> Ended:
    """Let the runner work; tell it when somebody cancels the run, and stop it when it is cancelled by force."""
    work = asyncio.create_task(runner.run(order, log))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=_PAUSE)
            cancel = store.value("SELECT cancel FROM workflow_runs WHERE id = ?", run["id"])
            if cancel:
                log.cancelled.set()
            if cancel == runs.BY_FORCE and not work.done():
                log.write(b"##[error]The operation was canceled.\n")
                log.end("cancelled")
                return Ended("cancelled")
        return work.result()
    finally:
        if not work.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


@contextmanager
def _log(store: Store, run: Row, job: Row) -> Iterator[JobLog]:
    """The job's log, open."""
    path = log_path(store, job["id"])
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        log = JobLog(store, run, job, file)
        try:
            yield log
        finally:
            log.flush()


def _token(store: Store, run: Row, job: Row, declared: JobFile) -> str:
    """A new token for a job, good for its repository and as long as the job."""
    repository = repository_by_id(store, run["repository_id"])
    app = runs.actions_app(store)
    sql = "SELECT * FROM installations WHERE app_id = ? AND account_id = ?"
    installation = store.one(sql, app["id"], repository["owner_id"])
    if installation is None:
        now = store.now()
        store.insert(
            "installations", app_id=app["id"], account_id=repository["owner_id"], repository_selection="all",
            permissions="{}", events="[]", created_at=now, updated_at=now,
        )  # fmt: skip
        installation = store.one(sql, app["id"], repository["owner_id"])
    if installation is None:
        raise KeyError(app["id"])
    with store.transaction():
        token, _ = add_installation_token(
            store, installation, permissions=declared.permissions, repository_ids=[repository["id"]],
            lifetime=_TOKEN_SECONDS,
        )  # fmt: skip
        store.update("workflow_jobs", job["id"], token_hash=hash_of(token))
    return token


def _order(
    store: Store, run: Row, job: Row, file: WorkflowFile, folder: Path, log: JobLog, machine: Mapping[str, str]
) -> Order:
    """What the runner is told; its log learns what to hide."""
    declared = file.jobs[job["key"]]
    environment = variables(store, run, job["key"].rpartition("/")[2])
    if declared.id_token:
        environment |= oidc.request_variables(store, job)
    token = _token(store, run, job, declared)
    seen = _contexts(store, run, job, file, {**machine, "GITHUB_TOKEN": token})
    hidden = (token, environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""), *seen["secrets"].values())
    log.hide(value for value in hidden if value)
    return Order(
        folder=folder,
        clone_url=f"{html_url(store, repository_by_id(store, run['repository_id']))}.git",
        ref=run["ref"],
        sha=run["sha"],
        token=token,
        job=declared,
        contexts=seen,
        environment=environment,
        event=payload_of(run),
    )


def _contexts(store: Store, run: Row, job: Row, file: WorkflowFile, given: Mapping[str, str]) -> Mapping[str, Any]:
    """What expressions of a job's steps see; `given` are secrets that no repository set."""
    scene = Scene(store, run, file, {row["key"]: row for row in jobs_of(store, run)})
    environment_id = job["environment_id"] or 0
    seen = scene.seen(job["key"], environment_id)
    return {**seen, "secrets": scene.secrets(job["key"], given, environment_id)}

"""The forge's foreman: takes queued runs one by one, gives them to the runner, and keeps logs and artifacts.

Comes in: the store and a Runner. Goes out: finished runs, `logs/<job>.log` and `artifacts/<id>.zip` below the
state folder. Log lines begin with a time, as GitHub's do, and the job's own tokens are replaced by ***.

A cancelled run stops its programs and ends `cancelled`. The folder a job worked in is removed at its end.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

from tdev.errors import TdevError
from tdev.forge import actions, oidc
from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import html_url, repository_document
from tdev.forge.runner import Ended, Order, Runner
from tdev.forge.store import (
    Json,
    Row,
    Store,
    add_installation_token,
    hash_of,
    repository_by_id,
    timestamp,
    user_by_id,
)
from tdev.forge.workflow_file import WorkflowFile

_PAUSE = 0.05
_KEPT_DAYS = 90
_LONGEST_LINE = 64 * 1024


@dataclass
class JobLog:
    """What a runner tells of one job, written down as it happens."""

    store: Store
    run: Row
    job: Row
    file: BufferedWriter
    hidden: tuple[bytes, ...]
    """What must not stand in the log."""
    steps: list[Json] = field(default_factory=list)
    rest: bytes = b""

    def begin(self, name: str) -> None:
        """A step begins."""
        self.steps.append(
            {
                "name": name[:200],
                "status": "in_progress",
                "conclusion": None,
                "number": len(self.steps) + 1,
                "started_at": self.store.now(),
                "completed_at": None,
            }
        )
        self.write(f"##[group]{name}\n".encode())
        self._keep()

    def end(self, conclusion: str) -> None:
        """The step that began last has ended."""
        if not self.steps:
            return
        self.steps[-1] |= {"status": "completed", "conclusion": conclusion, "completed_at": self.store.now()}
        self.flush()
        self.write(b"##[endgroup]\n")
        self._keep()

    def write(self, text: bytes) -> None:
        """Write whole lines; the last one waits for its end."""
        *lines, self.rest = (self.rest + text).split(b"\n")
        if len(self.rest) > _LONGEST_LINE:
            lines.append(self.rest)
            self.rest = b""
        for line in lines:
            self._line(line)
        self.file.flush()

    def flush(self) -> None:
        """Write a line that has no end."""
        if self.rest:
            self.write(b"\n")

    def _line(self, line: bytes) -> None:
        """One line with its time, without secrets."""
        for secret in self.hidden:
            line = line.replace(secret, b"***")
        stamp = datetime.fromtimestamp(self.store.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self.file.write(stamp.encode() + b" " + line.rstrip(b"\r") + b"\n")

    def _keep(self) -> None:
        """Show the steps to who asks."""
        self.store.update("workflow_jobs", self.job["id"], steps=json.dumps(self.steps))


def log_path(store: Store, job_id: int) -> Path:
    """Where a job's log is."""
    return store.root / "logs" / f"{job_id}.log"


def artifact_path(store: Store, artifact_id: int) -> Path:
    """Where an artifact's archive is."""
    return store.root / "artifacts" / f"{artifact_id}.zip"


@asynccontextmanager
async def working(store: Store, runner: Runner) -> AsyncIterator[None]:
    """While the block runs, queued runs are carried out, one after the other."""
    for run in store.all("SELECT * FROM workflow_runs WHERE status = 'in_progress'"):
        for job in actions.jobs_of(store, run):
            actions.set_status(store, run, job, "completed", "failure")
    loop = asyncio.create_task(_loop(store, runner))
    try:
        yield
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop


async def _loop(store: Store, runner: Runner) -> None:
    """Carry out queued runs, oldest first; one that could not be carried out has ended as a failure."""
    while True:
        waiting = actions.waiting_runs(store)
        if waiting:
            with suppress(TdevError, OSError):
                await carry_out(store, runner, waiting[0])
        else:
            await asyncio.sleep(_PAUSE)


async def carry_out(store: Store, runner: Runner, run: Row) -> None:
    """Carry out one run to its end."""
    job = actions.jobs_of(store, run)[0]
    if run["cancel"]:
        actions.set_status(store, run, job, "completed", "cancelled")
        return
    actions.set_status(store, run, job, "in_progress")
    folder = store.root / "jobs" / str(job["id"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    conclusion = "failure"
    try:
        with _token(store, run) as token, _log(store, run, job, token) as log:
            order = _order(store, run, job, folder, token)
            secret = order.environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "").encode()
            log.hidden = (*log.hidden, *((secret,) if secret else ()))
            ended = await _until_cancelled(store, run, runner, order, log)
            conclusion = ended.conclusion
            for name, place in ended.artifacts:
                await asyncio.to_thread(_pack, place, folder / f"{name}.zip")
                _keep_artifact(store, run, name, folder / f"{name}.zip")
    finally:
        store.update("workflow_jobs", job["id"], id_token_hash=None)
        actions.set_status(store, run, actions.jobs_of(store, run)[0], "completed", conclusion)
        await asyncio.to_thread(shutil.rmtree, folder, True)


async def _until_cancelled(store: Store, run: Row, runner: Runner, order: Order, log: JobLog) -> Ended:
    """Let the runner work; stop it when somebody cancels the run."""
    work = asyncio.create_task(runner.run(order, log))
    while not work.done():
        await asyncio.wait({work}, timeout=_PAUSE)
        if not work.done() and store.value("SELECT cancel FROM workflow_runs WHERE id = ?", run["id"]):
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            log.write(b"##[error]The operation was canceled.\n")
            log.end("cancelled")
            return Ended("cancelled")
    return work.result()


@contextmanager
def _token(store: Store, run: Row) -> Iterator[str]:
    """The job's token, good for its repository and as long as the job."""
    repository = repository_by_id(store, run["repository_id"])
    app = actions.actions_app(store)
    where = "app_id = ? AND account_id = ?"
    sql = f"SELECT * FROM installations WHERE {where}"  # noqa: S608
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
    file = _file(store, run)
    permissions = file.permissions if file else {}
    token, _ = add_installation_token(
        store, installation, permissions=permissions, repository_ids=[repository["id"]], lifetime=86_400
    )
    try:
        yield token
    finally:
        store.run("DELETE FROM tokens WHERE hash = ?", hash_of(token))


def _file(store: Store, run: Row) -> WorkflowFile | None:
    """The workflow file of a run."""
    path = store.value("SELECT path FROM workflows WHERE id = ?", run["workflow_id"])
    return actions.read_file(store, repository_by_id(store, run["repository_id"]), run["head_sha"], path)


@contextmanager
def _log(store: Store, run: Row, job: Row, token: str) -> Iterator[JobLog]:
    """The job's log, open."""
    path = log_path(store, job["id"])
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        log = JobLog(store, run, job, file, (token.encode(),))
        try:
            yield log
        finally:
            log.flush()


def _order(store: Store, run: Row, job: Row, folder: Path, token: str) -> Order:
    """What the runner is told."""
    repository, actor = repository_by_id(store, run["repository_id"]), user_by_id(store, run["actor_id"])
    file = _file(store, run)
    name, ref = actions.name_of(store, run), actions.full_ref(run)
    path = store.value("SELECT path FROM workflows WHERE id = ?", run["workflow_id"])
    environment = {
        "GITHUB_ACTION": "run",
        "GITHUB_ACTOR": actor["login"],
        "GITHUB_ACTOR_ID": str(actor["id"]),
        "GITHUB_API_URL": store.api_url,
        "GITHUB_BASE_REF": "",
        "GITHUB_EVENT_NAME": run["event"],
        "GITHUB_GRAPHQL_URL": f"{store.base_url}/api/graphql",
        "GITHUB_HEAD_REF": "",
        "GITHUB_JOB": job["name"],
        "GITHUB_REF": ref,
        "GITHUB_REF_NAME": run["head_branch"],
        "GITHUB_REF_TYPE": "tag" if ref.startswith("refs/tags/") else "branch",
        "GITHUB_REPOSITORY": name,
        "GITHUB_REPOSITORY_ID": str(repository["id"]),
        "GITHUB_REPOSITORY_OWNER": name.partition("/")[0],
        "GITHUB_REPOSITORY_OWNER_ID": str(repository["owner_id"]),
        "GITHUB_RETENTION_DAYS": str(_KEPT_DAYS),
        "GITHUB_RUN_ATTEMPT": str(run["run_attempt"]),
        "GITHUB_RUN_ID": str(run["id"]),
        "GITHUB_RUN_NUMBER": str(run["run_number"]),
        "GITHUB_SERVER_URL": store.base_url,
        "GITHUB_SHA": run["head_sha"],
        "GITHUB_TRIGGERING_ACTOR": actor["login"],
        "GITHUB_WORKFLOW": store.value("SELECT name FROM workflows WHERE id = ?", run["workflow_id"]),
        "GITHUB_WORKFLOW_REF": f"{name}/{path}@{ref}",
        "GITHUB_WORKFLOW_SHA": run["head_sha"],
    }
    if file is not None and file.id_token:
        environment |= oidc.request_variables(store, job)
    event = {
        "inputs": actions.inputs_of(run),
        "ref": ref,
        "workflow": path,
        "repository": repository_document(store, repository),
        "sender": user_document(store, actor),
    }
    clone_url = f"{html_url(store, repository)}.git"
    return Order(
        folder=folder,
        clone_url=clone_url,
        ref=ref,
        sha=run["head_sha"],
        token=token,
        workflow=file.document if file else {"jobs": {}},
        inputs=actions.inputs_of(run),
        environment=environment,
        event=event,
    )


def _pack(folder: Path, archive: Path) -> None:
    """Zip the regular files of a folder; links are left out, so nothing from outside gets in."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                packed.write(file, file.relative_to(folder))


def _keep_artifact(store: Store, run: Row, name: str, archive: Path) -> None:
    """Move an archive to its place and list it."""
    now = store.now()
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    row_id = store.insert(
        "artifacts", repository_id=run["repository_id"], run_id=run["id"], name=name, size=archive.stat().st_size,
        sha256=digest, created_at=now, updated_at=now, expires_at=timestamp(store.clock() + _KEPT_DAYS * 86_400),
    )  # fmt: skip
    target = artifact_path(store, row_id)
    target.parent.mkdir(exist_ok=True)
    archive.replace(target)

"""The states of runs and jobs: which job comes next, which is skipped or waits, and how a run ends.

Follows "Using jobs in a workflow" and GitHub's status values. Comes in: a run. Goes out: rows of its jobs as they
become ready, each with its check run, and the events workflow_run, workflow_job, check_run. As on GitHub a job is
there when those it needs have ended; one whose condition does not hold is completed as `skipped`.

`advance` may be called at any time and from any process: it decides in one transaction, from the rows alone.
"""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping

from tdev.forge import events
from tdev.forge.api.repositories import full_name, html_url
from tdev.forge.store import Row, Store, repository_by_id, repository_by_name
from tdev.forge.workflows import environments, own_project
from tdev.forge.workflows.called import Place, with_calls
from tdev.forge.workflows.called_jobs import Scene
from tdev.forge.workflows.documents import job_document, run_document, workflow_document, workflow_of_run
from tdev.forge.workflows.expressions import holds, interpolate
from tdev.forge.workflows.file import JobFile, WorkflowFile, ancestors, parse


def run_by_id(store: Store, run_id: int) -> Row:
    """A run that is known to exist."""
    row = store.one("SELECT * FROM workflow_runs WHERE id = ?", run_id)
    if row is None:
        raise KeyError(run_id)
    return row


def job_by_id(store: Store, job_id: int) -> Row:
    """A job that is known to exist."""
    row = store.one("SELECT * FROM workflow_jobs WHERE id = ?", job_id)
    if row is None:
        raise KeyError(job_id)
    return row


def jobs_of(store: Store, run: Row, attempt: int = 0) -> list[Row]:
    """The jobs of a run's latest attempt or of one attempt, with those it took over from earlier ones."""
    sql = "SELECT * FROM workflow_jobs WHERE run_id = ? ORDER BY id"
    earlier = store.one("SELECT * FROM run_attempts WHERE run_id = ? AND run_attempt = ?", run["id"], attempt)
    kept = json.loads((earlier or run)["kept"])
    wanted = attempt or run["run_attempt"]
    return [row for row in store.all(sql, run["id"]) if row["run_attempt"] == wanted or row["id"] in kept]


def read_file(store: Store, repository: Row, commit: str, path: str) -> WorkflowFile | None:
    """The workflow file at a commit, what it calls in place; None when there is none that can be read."""

    def read(place: Place) -> str | None:
        return _text_at(store, repository, commit, place)

    here = Place("", "", path)
    text = read(here)
    file = parse(text) if text is not None else None
    return with_calls(file, read, here) if file is not None else None


def _text_at(store: Store, repository: Row, commit: str, place: Place) -> str | None:
    """A file of the run's own repository, of another one on this forge, or of T-Developer's own."""
    if place.repository and own_project.is_own(place.repository):
        return own_project.text(place.path)
    if place.repository not in ("", full_name(store, repository)):
        owner, _, name = place.repository.partition("/")
        other = repository_by_name(store, owner, name)
        if other is None or (other["private"] and other["owner_id"] != repository["owner_id"]):
            return None
        repository = other
    git = store.git(repository)
    found = next((sha for ref in _refs(place.ref) if (sha := git.commit_of(ref))), "") if place.ref else commit
    done = git.run("cat-file", "blob", f"{found}:{place.path}", check=False)
    return done.stdout if found and done.ok else None


def _refs(word: str) -> tuple[str, ...]:
    """What a branch, tag or commit may be called in git."""
    return (f"refs/tags/{word}", f"refs/heads/{word}", word)


def file_of(store: Store, run: Row) -> WorkflowFile | None:
    """The workflow file of a run."""
    repository = repository_by_id(store, run["repository_id"])
    return read_file(store, repository, run["sha"], workflow_of_run(store, run)["path"])


def announce_run(store: Store, run: Row, action: str) -> None:
    """Tell the Apps of a run: `requested`, `in_progress`, `completed`."""
    run = run_by_id(store, run["id"])
    repository = repository_by_id(store, run["repository_id"])
    workflow = workflow_of_run(store, run)
    payload = {"workflow_run": run_document(store, run), "workflow": workflow_document(store, workflow)}
    events.emit(store, repository, "workflow_run", action, payload, sender_id=run["triggering_actor_id"])


def announce_job(store: Store, run: Row, job_id: int, action: str) -> None:
    """Tell the Apps of a job: `queued`, `waiting`, `in_progress`, `completed`."""
    repository = repository_by_id(store, run["repository_id"])
    payload = {"workflow_job": job_document(store, run, job_by_id(store, job_id))}
    events.emit(store, repository, "workflow_job", action, payload, sender_id=run["triggering_actor_id"])


def advance(store: Store, run_id: int) -> Row | None:
    """Make the jobs that have become ready; returns the one to do next, or None when there is none now.

    Ends the run when all its jobs have ended, and lets it wait when what is left waits for a review.
    """
    with store.transaction():
        run = run_by_id(store, run_id)
        if run["status"] == "completed":
            return None
        file = file_of(store, run)
        if file is None or file.problem:
            _complete(store, run, "startup_failure")
            return None
        jobs = {row["key"]: row for row in jobs_of(store, run)}
        _make_ready(Scene(store, run, file, jobs), jobs)
        ready = next((row for row in jobs.values() if row["status"] == "queued"), None)
        if ready is not None:
            return ready
        if all(row["status"] == "completed" for row in jobs.values()):
            _complete(store, run, _conclusion(run, jobs))
        elif {row["status"] for row in jobs.values()} <= {"waiting", "completed"}:
            store.update("workflow_runs", run["id"], status="waiting", updated_at=store.now())
        return None


def _make_ready(scene: Scene, jobs: dict[str, Row]) -> None:
    """Make the rows of jobs whose needs have ended; a call has one only where it is skipped."""
    open_calls = {""}
    for key, job in scene.file.jobs.items():
        if key in jobs or job.caller not in open_calls or scene.needs(key) is None:
            continue
        row = None if scene.began(key) else _decide(scene, key)
        if row is None:
            open_calls.add(key)
        else:
            jobs[key] = row


def _decide(scene: Scene, key: str) -> Row | None:
    """The new row of a job whose needs have ended: queued, waiting or skipped; None for a call that may begin."""
    store, run, job = scene.store, scene.run, scene.file.jobs[key]
    seen, name = scene.seen(key), scene.name(key)
    if run["cancel"] > 1 or not holds(job.condition, seen, _status_before(scene, job)):
        return _add_job(store, run, job, name, "completed", "skipped")
    if job.uses:
        return None
    environment = interpolate(job.environment, seen).strip()
    if not environment:
        return _add_job(store, run, job, name, "queued")
    row = environments.named(store, run["repository_id"], environment)
    return _add_job(store, run, job, name, "waiting" if environments.guarded(row) else "queued", None, row["id"])


def _status_before(scene: Scene, job: JobFile) -> str:
    """What the jobs before one came to, as its condition asks for it."""
    if scene.run["cancel"]:
        return "cancelled"
    before = (scene.ended(each) for each in ancestors(scene.file, job.needs))
    if {each["conclusion"] for each in before if each is not None} & {"failure", "cancelled"}:
        return "failure"
    needs = (scene.needs(job.key) or {}).values()
    return "success" if all(each["conclusion"] == "success" for each in needs) else "skipped"


def _add_job(
    store: Store, run: Row, job: JobFile, name: str, status: str, conclusion: str | None = None,
    environment_id: int | None = None,
) -> Row:  # fmt: skip
    """The rows of a job: its check run and itself."""
    from tdev.forge.workflows.runs import actions_app

    now = store.now()
    ended = now if status == "completed" else None
    check = store.insert(
        "check_runs", suite_id=run["check_suite_id"], repository_id=run["repository_id"],
        app_id=actions_app(store)["id"], head_sha=run["head_sha"], name=name,
        status="queued" if status == "waiting" else status, conclusion=conclusion,
        external_id=random.token_hex(16), details_url="", started_at=now, completed_at=ended,
    )  # fmt: skip
    row_id = store.insert(
        "workflow_jobs", run_id=run["id"], run_attempt=run["run_attempt"], key=job.key, name=name, check_run_id=check,
        environment_id=environment_id, status=status, conclusion=conclusion, labels=json.dumps(job.labels), steps="[]",
        created_at=now, completed_at=ended,
    )  # fmt: skip
    page = html_url(store, repository_by_id(store, run["repository_id"]))
    store.update("check_runs", check, details_url=f"{page}/actions/runs/{run['id']}/job/{row_id}")
    _announce_check(store, run, check, "created")
    announce_job(store, run, row_id, status)
    if ended:
        _announce_check(store, run, check, "completed")
    return job_by_id(store, row_id)


def _announce_check(store: Store, run: Row, check_id: int, action: str) -> None:
    """Tell the Apps of a job's check run: `created`, `completed`."""
    from tdev.forge.api.check_suites import suite_in_event
    from tdev.forge.api.checks import check_run_document

    repository = repository_by_id(store, run["repository_id"])
    row = store.one("SELECT * FROM check_runs WHERE id = ?", check_id)
    if row is None:
        raise KeyError(check_id)
    document = {**check_run_document(store, row), "check_suite": suite_in_event(store, row["suite_id"])}
    events.emit(store, repository, "check_run", action, {"check_run": document}, sender_id=run["triggering_actor_id"])


def begin(store: Store, job: Row) -> None:
    """A job is being worked on."""
    with store.transaction():
        run, now = run_by_id(store, job["run_id"]), store.now()
        sql = "SELECT 1 FROM workflow_jobs WHERE run_id = ? AND run_attempt = ? AND started_at IS NOT NULL"
        first = not store.value(sql, run["id"], run["run_attempt"])
        store.update("workflow_runs", run["id"], status="in_progress", updated_at=now)
        store.update("workflow_jobs", job["id"], status="in_progress", started_at=now)
        store.update("check_runs", job["check_run_id"], status="in_progress", started_at=now)
        announce_job(store, run, job["id"], "in_progress")
        if first:
            announce_run(store, run, "in_progress")


def end(store: Store, job: Row, conclusion: str, *, outputs: Mapping[str, str] | None = None, why: str = "") -> None:
    """A job has ended; its token is good for nothing any more. `why` is shown with its check run."""
    with store.transaction():
        run, now = run_by_id(store, job["run_id"]), store.now()
        store.run("DELETE FROM tokens WHERE hash = (SELECT token_hash FROM workflow_jobs WHERE id = ?)", job["id"])
        store.update("workflow_jobs", job["id"], status="completed", conclusion=conclusion, completed_at=now,
                     outputs=json.dumps(dict(outputs or {})), id_token_hash=None, token_hash=None)  # fmt: skip
        said = {"title": why, "summary": why} if why else {}
        store.update("check_runs", job["check_run_id"], status="completed", conclusion=conclusion, completed_at=now,
                     **said)  # fmt: skip
        store.update("workflow_runs", run["id"], updated_at=now)
        announce_job(store, run, job["id"], "completed")
        _announce_check(store, run, job["check_run_id"], "completed")


def release(store: Store, job: Row) -> None:
    """A job that waited may begin."""
    with store.transaction():
        store.update("workflow_jobs", job["id"], status="queued")
        store.update("workflow_runs", job["run_id"], status="queued", updated_at=store.now())
        announce_job(store, run_by_id(store, job["run_id"]), job["id"], "queued")


def _conclusion(run: Row, jobs: Mapping[str, Row]) -> str:
    """What the jobs of a run come to."""
    found = {row["conclusion"] for row in jobs.values()}
    if run["cancel"]:
        return "cancelled"
    for word in ("failure", "cancelled"):
        if word in found:
            return word
    return "skipped" if found == {"skipped"} else "success"


def _complete(store: Store, run: Row, conclusion: str) -> None:
    """A run has ended."""
    from tdev.forge.api.check_suites import settle

    store.update("workflow_runs", run["id"], status="completed", conclusion=conclusion, updated_at=store.now())
    announce_run(store, run, "completed")
    repository = repository_by_id(store, run["repository_id"])
    if jobs_of(store, run):
        settle(store, repository, run["check_suite_id"], run["triggering_actor_id"])

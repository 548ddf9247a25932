"""Actions: workflows, and how runs begin, are cancelled and begin again.

Follows "REST API endpoints for GitHub Actions". Comes in: a dispatch, or what triggered.py has found to fit. Goes out:
rows in the store and the events workflow_dispatch, workflow_run and workflow_job; job_work.py carries runs out.

A concurrency group holds one run at work and one that waits: a newer one takes the place of the one that waits, which
is cancelled, as on GitHub.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from tdev.forge import events
from tdev.forge.answers import ApiError, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import repository_document
from tdev.forge.store import Json, Row, Store, add_user, user_by_id, user_by_login
from tdev.forge.workflows.expressions import interpolate
from tdev.forge.workflows.file import WorkflowFile, comes_after, complete_inputs
from tdev.forge.workflows.job_contexts import contexts, inputs_of_run
from tdev.forge.workflows.job_states import advance, announce_run, end, file_of, jobs_of, read_file, run_by_id

FOLDER = ".github/workflows"
SLUG = "github-actions"
BY_FORCE = 2
"""What `cancel` of a run is when nothing may run any more, whatever its conditions say."""
_BOT = "github-actions[bot]"
_KEEP_ATTEMPT = (
    "INSERT INTO run_attempts SELECT id, run_attempt, conclusion, triggering_actor_id, kept, run_started_at, "
    "updated_at FROM workflow_runs WHERE id = ?"
)


def workflow_paths(store: Store, repository: Row, commit: str) -> list[str]:
    """The YAML files directly in the folder of workflows, at a commit."""
    done = store.git(repository).run("ls-tree", "-z", "--name-only", commit, f"{FOLDER}/", check=False)
    return [path for path in done.stdout.split("\0") if path.endswith((".yml", ".yaml"))]


def workflows(store: Store, repository: Row) -> list[Row]:
    """The workflows of the default branch; new files get a row."""
    head = store.git(repository).commit_of(f"refs/heads/{repository['default_branch']}")
    paths = workflow_paths(store, repository, head) if head else []
    found = []
    for path in paths:
        file = read_file(store, repository, head, path)
        if file is not None:
            found.append(known(store, repository, path, file.name or path))
    return sorted(found, key=lambda row: int(row["id"]))


def known(store: Store, repository: Row, path: str, name: str) -> Row:
    """The row of a workflow file, made when it is new."""
    sql = "SELECT * FROM workflows WHERE repository_id = ? AND path = ?"
    row, now = store.one(sql, repository["id"], path), store.now()
    if row is None:
        store.insert(
            "workflows", repository_id=repository["id"], path=path, name=name, created_at=now, updated_at=now
        )  # fmt: skip
    elif row["name"] != name:
        store.update("workflows", row["id"], name=name, updated_at=now)
    row = store.one(sql, repository["id"], path)
    if row is None:
        raise KeyError(path)
    return row


def workflow_of(store: Store, repository: Row, word: str) -> Row:
    """A workflow by id or file name; 404 where there is none."""
    for row in workflows(store, repository):
        if word in (str(row["id"]), row["path"].rpartition("/")[2], row["path"]):
            return row
    raise not_found()


def actions_app(store: Store) -> Row:
    """The App that runs, checks and job tokens belong to; made when it is first needed."""
    app = store.one("SELECT * FROM apps WHERE slug = ?", SLUG)
    if app is not None:
        return app
    with store.transaction():
        now = store.now()
        owner = user_by_login(store, "github") or add_user(store, "github", kind="Organization")
        bot = user_by_login(store, _BOT) or add_user(store, _BOT, kind="Bot")
        app_id = store.insert(
            "apps", slug=SLUG, name="GitHub Actions", owner_id=owner["id"], bot_id=bot["id"],
            description="Automate your workflow from idea to production", external_url=store.base_url,
            client_id=f"Iv1.{SLUG}", client_secret=secrets.token_hex(20), public_key="", permissions="{}",
            events="[]", webhook_url="", webhook_secret="", created_at=now, updated_at=now,
        )  # fmt: skip
    found = store.one("SELECT * FROM apps WHERE id = ?", app_id)
    if found is None:
        raise KeyError(SLUG)
    return found


def dispatch(store: Store, repository: Row, workflow: Row, actor: Row, ref: str, given: object) -> Row:
    """Queue a run of a workflow; ApiError 422 when reference, trigger, inputs or file do not fit."""
    git = store.git(repository)
    full = next((name for name in (f"refs/heads/{ref}", f"refs/tags/{ref}", ref) if git.commit_of(name)), "")
    if not full.startswith(("refs/heads/", "refs/tags/")):
        raise ApiError(422, f"No ref found for: {ref}")
    if workflow["state"] != "active":
        raise ApiError(403, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    sha = git.commit_of(full)
    file = read_file(store, repository, sha, workflow["path"])
    if file is None:
        raise ApiError(422, f"Workflow {workflow['path']} does not exist at {ref}")
    inputs = complete_inputs(file, given)
    if file.problem:
        raise ApiError(422, f"failed to parse workflow: {file.problem}")
    payload = {
        "inputs": inputs, "ref": full, "workflow": workflow["path"],
        "repository": repository_document(store, repository), "sender": user_document(store, actor),
    }  # fmt: skip
    with store.transaction():
        events.emit(store, repository, "workflow_dispatch", None, payload)
        return start(
            store, repository, workflow, file, event="workflow_dispatch", ref=full, sha=sha,
            head_branch=full.split("/", 2)[2], head_sha=sha, actor=actor, payload=payload, inputs=inputs,
        )  # fmt: skip


def start(
    store: Store, repository: Row, workflow: Row, file: WorkflowFile, *, event: str, ref: str, sha: str,
    head_branch: str, head_sha: str, actor: Row, payload: Json, inputs: Json | None = None, title: str = "",
) -> Row:  # fmt: skip
    """The rows of a new run: its number, its check suite, itself and the jobs that are ready; and their events."""
    now = store.now()
    with store.transaction():
        number = store.value(
            "UPDATE workflows SET last_run_number = last_run_number + 1 WHERE id = ? RETURNING last_run_number",
            workflow["id"],
        )
        run_id = store.insert(
            "workflow_runs", repository_id=repository["id"], workflow_id=workflow["id"], run_number=number,
            event=event, head_branch=head_branch, head_sha=head_sha, ref=ref, sha=sha, actor_id=actor["id"],
            triggering_actor_id=actor["id"], display_title=title or file.name or workflow["path"], status="queued",
            inputs=json.dumps(inputs or {}), payload=json.dumps(payload, ensure_ascii=False),
            check_suite_id=_suite(store, repository, head_sha), created_at=now, updated_at=now, run_started_at=now,
        )  # fmt: skip
        _name(store, run_by_id(store, run_id), file)
        announce_run(store, run_by_id(store, run_id), "requested")
        advance(store, run_id)
    return run_by_id(store, run_id)


def _suite(store: Store, repository: Row, sha: str) -> int:
    """The check suite of Actions for a commit, made when there is none."""
    app = actions_app(store)
    where = "repository_id = ? AND app_id = ? AND head_sha = ?"
    suite = store.value(f"SELECT id FROM check_suites WHERE {where}", repository["id"], app["id"], sha)  # noqa: S608
    if suite is None:
        suite = store.insert(
            "check_suites", repository_id=repository["id"], app_id=app["id"], head_sha=sha, created_at=store.now()
        )
    return int(suite)


def _name(store: Store, run: Row, file: WorkflowFile) -> None:
    """Give a run the title its file gives it, and its concurrency group, where others may have to make place."""
    seen = contexts(store, run, {}, inputs_of_run(run, file))
    try:
        title, group = interpolate(file.run_name, seen).strip(), interpolate(file.group, seen).strip()
        cancels = interpolate(file.cancels, seen) == "true"
    except ValueError:
        title, group, cancels = "", "", False
    store.update("workflow_runs", run["id"], concurrency=group, **({"display_title": title} if title else {}))
    sql = (
        "SELECT * FROM workflow_runs WHERE repository_id = ? AND concurrency = ? AND id <> ? AND status <> 'completed'"
    )
    for other in store.all(sql, run["repository_id"], group, run["id"]) if group else ():
        if cancels or not other["began"]:
            cancel(store, other)


def may_begin(store: Store, run: Row) -> bool:
    """No other run of its concurrency group is at work or waits for a review in the midst of it."""
    sql = (
        "SELECT 1 FROM workflow_runs WHERE repository_id = ? AND concurrency = ? AND id <> ? "
        "AND status <> 'completed' AND began = 1"
    )
    return not run["concurrency"] or not store.value(sql, run["repository_id"], run["concurrency"], run["id"])


def open_runs(store: Store) -> Sequence[Row]:
    """The runs that have something to do, oldest first."""
    return store.all("SELECT * FROM workflow_runs WHERE status IN ('queued', 'in_progress') ORDER BY id")


def cancel(store: Store, run: Row, *, by_force: bool = False) -> None:
    """Stop a run: what has not begun is cancelled at once, the job at work by the foreman."""
    with store.transaction():
        store.update("workflow_runs", run["id"], cancel=BY_FORCE if by_force else 1)
        for job in jobs_of(store, run):
            if job["status"] in ("queued", "waiting"):
                end(store, job, "cancelled")
        if advance(store, run["id"]) is not None and run["status"] == "waiting":
            store.update("workflow_runs", run["id"], status="queued")


def rerun(store: Store, run: Row, actor: Row, jobs: Sequence[Row] | None = None) -> Row:
    """Begin a completed run again as a new attempt: all of it, or some jobs and what depends on them.

    ApiError 403 where there is nothing to run again.
    """
    if run["status"] != "completed":
        raise ApiError(403, "This workflow is already running")
    file = file_of(store, run)
    if file is None or file.problem:
        raise ApiError(403, "Unable to re-run this workflow run because its workflow file is invalid")
    kept: list[int] = []
    if jobs is not None:
        again = {job["key"] for job in jobs}
        if not again:
            raise ApiError(403, "This workflow run has no failed jobs")
        kept = [
            row["id"]
            for row in jobs_of(store, run)
            if row["key"] not in again and not again & comes_after(file, row["key"])
        ]
    with store.transaction():
        now = store.now()
        store.run(_KEEP_ATTEMPT, run["id"])
        store.update(
            "workflow_runs", run["id"], run_attempt=run["run_attempt"] + 1, kept=json.dumps(kept), status="queued",
            conclusion=None, cancel=0, began=0, triggering_actor_id=actor["id"], updated_at=now, run_started_at=now,
        )  # fmt: skip
        announce_run(store, run, "requested")
        advance(store, run["id"])
    return run_by_id(store, run["id"])


def is_actions(store: Store, user_id: int) -> bool:
    """An account is the one that job tokens write as."""
    return bool(user_by_id(store, user_id)["login"] == _BOT)

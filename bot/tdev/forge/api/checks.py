"""Check runs and their annotations.

Follows "REST API endpoints for check runs". Only Apps make check runs, and only the App that made a run
changes it. A request brings at most 50 annotations, which are added to those that are there. Goes out:
`check-run` documents and the events check_run.created and check_run.completed. Re-requesting, requested
actions and images are left out: `actions` are checked and not kept.
"""

from __future__ import annotations

import json
from typing import Any

from tdev.forge.answers import Answer, ApiError, forbidden, invalid, not_found
from tdev.forge.api import check_output
from tdev.forge.api.check_suites import settle, suite_for, suite_in_event
from tdev.forge.api.integrations import app_or_none
from tdev.forge.api.pulls import minimal_pull
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.pulls.required import latest_runs
from tdev.forge.pulls.rows import open_pulls
from tdev.forge.store import Json, Row, Store, repository_by_id

_NO_COMMIT = "No commit found for SHA: {sha}"
_ONLY_APPS = "You must authenticate via a GitHub App."
_STATUSES = ("queued", "in_progress", "completed")
_CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")


def check_run_document(store: Store, run: Row) -> Json:
    """A check run (`check-run`)."""
    repository = repository_by_id(store, run["repository_id"])
    url = f"{api_url(store, repository)}/check-runs/{run['id']}"
    annotations = store.value("SELECT count(*) FROM annotations WHERE check_run_id = ?", run["id"])
    pulls = open_pulls(store, repository["id"], "head_sha", run["head_sha"])
    return {
        **{name: run[name] for name in ("id", "name", "head_sha", "external_id", "status", "conclusion", *_TIMES)},
        "node_id": f"CR_forge{run['id']}",
        "url": url,
        "html_url": f"{html_url(store, repository)}/runs/{run['id']}",
        "details_url": run["details_url"] or f"{html_url(store, repository)}/runs/{run['id']}",
        "output": {
            **{name: run[name] for name in ("title", "summary", "text")},
            "annotations_count": annotations,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run["suite_id"]},
        "app": app_or_none(store, run["app_id"]),
        "pull_requests": [minimal_pull(store, row) for row in pulls],
    }


_TIMES = ("started_at", "completed_at")


def _event_document(store: Store, run: Row) -> Json:
    """A check run as events show it, with its suite."""
    return {**check_run_document(store, run), "check_suite": suite_in_event(store, run["suite_id"])}


def _by_id(store: Store, number: int) -> Row:
    """The check run with an id that is known to exist."""
    row = store.one("SELECT * FROM check_runs WHERE id = ?", number)
    if row is None:
        raise KeyError(number)
    return row


def _run(call: Call) -> Row:
    """The check run of the path."""
    sql = "SELECT * FROM check_runs WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("check_run_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return row


def _state(call: Call, before: Row | None) -> Json:
    """status, conclusion and times that the body asks for; a conclusion makes the run completed."""
    conclusion = call.text("conclusion", resource="CheckRun", default="") or None
    status = call.text("status", resource="CheckRun", default="")
    if status and status not in _STATUSES:
        raise invalid("CheckRun", "status")
    if conclusion and conclusion not in _CONCLUSIONS:
        raise invalid("CheckRun", "conclusion")
    if status == "completed" and not conclusion and not (before and before["conclusion"]):
        raise invalid("CheckRun", "conclusion", "missing_field")
    now, ended = call.store.now(), check_output.time_in(call, "completed_at")
    state: Json = {}
    if conclusion or ended or status == "completed":
        state = {"status": "completed", "completed_at": ended or (before and before["completed_at"]) or now}
        state["conclusion"] = conclusion or (before["conclusion"] if before else None)
        if not state["conclusion"]:
            raise invalid("CheckRun", "conclusion", "missing_field")
    elif status:
        state = {"status": status, "completed_at": None, "conclusion": None}
    started = check_output.time_in(call, "started_at")
    if started or before is None:
        state["started_at"] = started or now
    return state


async def create_run(call: Call) -> Answer:
    """Make a check run on a commit."""
    if call.actor.kind != "installation":
        raise forbidden(_ONLY_APPS)
    name = call.text("name", resource="CheckRun").strip()
    if not name:
        raise invalid("CheckRun", "name", "missing_field")
    sha = call.text("head_sha", resource="CheckRun")
    if len(sha) != len(_SHA) or call.git.commit_of(sha) != sha:
        raise ApiError(422, _NO_COMMIT.format(sha=sha))
    output, state = check_output.output_in(call), _state(call, None)
    check_output.check_actions(call)
    store = call.store
    external = store.value("SELECT external_url FROM apps WHERE id = ?", call.actor.app_id)
    with store.transaction():
        suite = suite_for(store, call.repository, call.actor.app_id, sha)
        number = store.insert(
            "check_runs",
            status="queued",
            suite_id=suite,
            repository_id=call.repository["id"],
            app_id=call.actor.app_id,
            head_sha=sha,
            name=name,
            external_id=call.text("external_id", resource="CheckRun", default=""),
            details_url=call.text("details_url", resource="CheckRun", default=external or ""),
            **output.columns,
        )
        store.update("check_runs", number, **state)
        check_output.add_annotations(store, number, output)
        _tell(call, number, "created")
        if state.get("status") == "completed":
            _tell(call, number, "completed")
            settle(store, call.repository, suite, call.actor.user_id)
    document = check_run_document(store, _by_id(store, number))
    return Answer(document, 201, headers={"Location": document["url"]})


_SHA = "0" * 40


def _tell(call: Call, number: int, action: str) -> None:
    """Queue `check_run.<action>`."""
    document = _event_document(call.store, _by_id(call.store, number))
    emit(call.store, call.repository, "check_run", action, {"check_run": document}, sender_id=call.actor.user_id)


async def update_run(call: Call) -> Answer:
    """Change a check run; annotations are added."""
    run = _run(call)
    if call.actor.kind != "installation":
        raise forbidden(_ONLY_APPS)
    if run["app_id"] != call.actor.app_id:
        who = call.actor.app_id
        why = f"Invalid app_id `{who}` - check run can only be modified by the GitHub App that created it."
        raise forbidden(why)
    output, columns = check_output.output_in(call), _state(call, run)
    check_output.check_actions(call)
    for name in ("name", "external_id", "details_url"):
        if name in call.document:
            columns[name] = call.text(name, resource="CheckRun")
    with call.store.transaction():
        call.store.update("check_runs", run["id"], **columns, **output.columns)
        check_output.add_annotations(call.store, run["id"], output)
        if columns.get("status") == "completed" and run["status"] != "completed":
            _tell(call, run["id"], "completed")
            settle(call.store, call.repository, run["suite_id"], call.actor.user_id)
    return Answer(check_run_document(call.store, _by_id(call.store, run["id"])))


async def get_run(call: Call) -> Answer:
    """A check run."""
    return Answer(check_run_document(call.store, _run(call)))


def commit_in(call: Call) -> str:
    """The commit that the path's `ref` names: a SHA, a branch or a tag; 422 where there is none."""
    ref = call.path["ref"]
    words = (ref, f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/{ref}")
    sha = next((found for word in words if (found := call.git.commit_of(word))), "")
    if not sha:
        raise ApiError(422, _NO_COMMIT.format(sha=ref))
    return sha


def _chosen(call: Call, rows: list[Row], latest: list[Row]) -> list[Row]:
    """The runs that fit check_name, status, app_id and filter."""
    if call.query.get("filter", "latest") != "all":
        rows = latest
    wanted: dict[str, Any] = {"check_name": "name", "status": "status", "app_id": "app_id"}
    for word, column in wanted.items():
        if word in call.query:
            rows = [row for row in rows if str(row[column]) == call.query[word]]
    return rows


async def list_for_ref(call: Call) -> Answer:
    """The check runs of a commit, the latest of each name or all of them."""
    sha, number = commit_in(call), call.repository["id"]
    every = call.store.all("SELECT * FROM check_runs WHERE repository_id = ? AND head_sha = ? ORDER BY id", number, sha)
    rows = _chosen(call, every, latest_runs(call.store, number, sha))
    return call.page(rows, lambda row: check_run_document(call.store, row), wrap="check_runs")


async def list_for_suite(call: Call) -> Answer:
    """The check runs of a suite."""
    sql = "SELECT * FROM check_suites WHERE id = ? AND repository_id = ?"
    suite = call.store.one(sql, call.number("check_suite_id"), call.repository["id"])
    if suite is None:
        raise not_found()
    every = call.store.all("SELECT * FROM check_runs WHERE suite_id = ? ORDER BY id", suite["id"])
    latest = {row["name"]: row for row in every}
    rows = _chosen(call, every, list(latest.values()))
    return call.page(rows, lambda row: check_run_document(call.store, row), wrap="check_runs")


async def list_annotations(call: Call) -> Answer:
    """The annotations of a check run (`check-annotation`)."""
    run = _run(call)
    rows = call.store.all("SELECT document FROM annotations WHERE check_run_id = ? ORDER BY id", run["id"])
    blob = f"{html_url(call.store, call.repository)}/blob/{run['head_sha']}"

    def shown(row: Row) -> Json:
        document: Json = json.loads(row["document"])
        return {**document, "blob_href": f"{blob}/{document['path']}"}

    return call.page(rows, shown)


_REPO = "/repos/{owner}/{repo}"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", f"{_REPO}/check-runs", "checks:write", create_run),
    ("GET", f"{_REPO}/check-runs/{{check_run_id}}", "checks:read", get_run),
    ("PATCH", f"{_REPO}/check-runs/{{check_run_id}}", "checks:write", update_run),
    ("GET", f"{_REPO}/check-runs/{{check_run_id}}/annotations", "checks:read", list_annotations),
    ("GET", f"{_REPO}/commits/{{ref}}/check-runs", "checks:read", list_for_ref),
    ("GET", f"{_REPO}/check-suites/{{check_suite_id}}/check-runs", "checks:read", list_for_suite),
)
"""Every row."""

"""Check suites: all check runs of one App on one commit.

Follows "REST API endpoints for check suites". A suite is made with its first run. Goes out: `check-suite`
documents, and the event check_suite.completed when the last run of a suite has ended. Making suites by
hand, preferences and re-requesting are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, not_found
from tdev.forge.api.integrations import app_or_none
from tdev.forge.api.pulls import minimal_pull
from tdev.forge.api.repositories import api_url, short_repository
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.git.commits import Person, read_commit
from tdev.forge.pulls.rows import open_pulls
from tdev.forge.store import Json, Row, Store, repository_by_id

_WORST = ("failure", "timed_out", "cancelled", "action_required", "success", "neutral", "skipped")


def suite_for(store: Store, repository: Row, app_id: int, sha: str) -> int:
    """Id of an App's suite on a commit, which is made when there is none."""
    sql = "SELECT id FROM check_suites WHERE repository_id = ? AND app_id = ? AND head_sha = ?"
    found = store.value(sql, repository["id"], app_id, sha)
    if found is not None:
        return int(found)
    return store.insert(
        "check_suites", repository_id=repository["id"], app_id=app_id, head_sha=sha, created_at=store.now()
    )


def _suite(store: Store, suite_id: int) -> Row:
    """The suite with an id that is known to exist."""
    row = store.one("SELECT * FROM check_suites WHERE id = ?", suite_id)
    if row is None:
        raise KeyError(suite_id)
    return row


def _runs(store: Store, suite_id: int) -> list[Row]:
    """The latest run of each name in a suite."""
    rows = store.all("SELECT * FROM check_runs WHERE suite_id = ? ORDER BY id", suite_id)
    return list({row["name"]: row for row in rows}.values())


def state_of(runs: list[Row]) -> tuple[str, str | None]:
    """Status and conclusion of a suite with these runs."""
    if not runs:
        return "queued", None
    if all(run["status"] == "completed" for run in runs):
        conclusions = {run["conclusion"] for run in runs}
        return "completed", next((word for word in _WORST if word in conclusions), "neutral")
    return ("queued" if all(run["status"] == "queued" for run in runs) else "in_progress"), None


def _branch_of(store: Store, repository: Row, sha: str) -> str | None:
    """A branch whose tip is the commit; None where there is none any more."""
    words = ("for-each-ref", "--count=1", f"--points-at={sha}", "--format=%(refname:lstrip=2)", "refs/heads")
    return store.git(repository).text(*words) or None


def _short(store: Store, suite: Row) -> Json:
    """What every form of a suite has."""
    repository = repository_by_id(store, suite["repository_id"])
    runs = _runs(store, suite["id"])
    status, conclusion = state_of(runs)
    times = [suite["created_at"], *(run["completed_at"] or run["started_at"] or "" for run in runs)]
    pulls = open_pulls(store, repository["id"], "head_sha", suite["head_sha"])
    return {
        "id": suite["id"],
        "node_id": f"CS_forge{suite['id']}",
        "head_branch": _branch_of(store, repository, suite["head_sha"]),
        "head_sha": suite["head_sha"],
        "status": status,
        "conclusion": conclusion,
        "url": f"{api_url(store, repository)}/check-suites/{suite['id']}",
        "before": None,
        "after": suite["head_sha"],
        "pull_requests": [minimal_pull(store, row) for row in pulls],
        "app": app_or_none(store, suite["app_id"]),
        "created_at": suite["created_at"],
        "updated_at": max(times),
    }


def suite_in_event(store: Store, suite_id: int) -> Json:
    """A suite as it stands in a check run's event (`simple-check-suite`)."""
    return _short(store, _suite(store, suite_id))


def suite_document(store: Store, suite: Row, *, with_repository: bool = True) -> Json:
    """A suite (`check-suite`); events show it without its repository."""
    repository = repository_by_id(store, suite["repository_id"])
    short = _short(store, suite)
    facts = read_commit(store.git(repository), suite["head_sha"])
    return {
        **short,
        **({"repository": short_repository(store, repository)} if with_repository else {}),
        "head_commit": {
            "id": facts.sha,
            "tree_id": facts.tree,
            "message": facts.message,
            "timestamp": facts.committer.when(),
            "author": _person(facts.author),
            "committer": _person(facts.committer),
        },
        "latest_check_runs_count": len(_runs(store, suite["id"])),
        "check_runs_url": f"{short['url']}/check-runs",
        "rerequestable": False,
        "runs_rerequestable": False,
    }


def _person(person: Person) -> Json:
    """Name and address."""
    return {"name": person.name, "email": person.email}


def settle(store: Store, repository: Row, suite_id: int, sender_id: int) -> None:
    """Queue check_suite.completed when no run of the suite is at work any more."""
    if state_of(_runs(store, suite_id))[0] == "completed":
        document = suite_document(store, _suite(store, suite_id), with_repository=False)
        emit(store, repository, "check_suite", "completed", {"check_suite": document}, sender_id=sender_id)


async def get_suite(call: Call) -> Answer:
    """A check suite."""
    sql = "SELECT * FROM check_suites WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("check_suite_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return Answer(suite_document(call.store, row))


async def list_for_ref(call: Call) -> Answer:
    """The check suites of a commit, by App and check name."""
    from tdev.forge.api.checks import commit_in

    sql = "SELECT * FROM check_suites WHERE repository_id = ? AND head_sha = ? ORDER BY id"
    rows = call.store.all(sql, call.repository["id"], commit_in(call))
    if app := call.query.get("app_id"):
        rows = [row for row in rows if str(row["app_id"]) == app]
    if name := call.query.get("check_name"):
        rows = [row for row in rows if any(run["name"] == name for run in _runs(call.store, row["id"]))]
    return call.page(rows, lambda row: suite_document(call.store, row), wrap="check_suites")


_REPO = "/repos/{owner}/{repo}"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_REPO}/check-suites/{{check_suite_id}}", "checks:read", get_suite),
    ("GET", f"{_REPO}/commits/{{ref}}/check-suites", "checks:read", list_for_ref),
)
"""Every row."""

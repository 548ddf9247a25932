"""Commit statuses: what others than Apps with checks say about a commit.

Follows "REST API endpoints for commit statuses". Goes out: `status` documents, the combined status of a
commit, and the event `status`. A context may have a thousand statuses on one commit; the latest counts.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, ApiError, invalid
from tdev.forge.api.accounts import user_document
from tdev.forge.api.checks import commit_in
from tdev.forge.api.commits import commit_document
from tdev.forge.api.repositories import api_url, full_name, short_repository
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.git.commits import read_commit
from tdev.forge.pulls.required import latest_statuses
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id

_STATES = ("error", "failure", "pending", "success")
_MOST = 1000
_UNPROCESSABLE = 422


def status_document(store: Store, status: Row, *, creator: bool = True) -> Json:
    """A status (`status`); in the combined one without who made it (`simple-commit-status`)."""
    repository = repository_by_id(store, status["repository_id"])
    who = user_document(store, user_by_id(store, status["user_id"]))
    return {
        **{name: status[name] for name in ("id", "state", "description", "target_url", "context", "created_at")},
        "updated_at": status["created_at"],
        "url": f"{api_url(store, repository)}/statuses/{status['sha']}",
        "avatar_url": who["avatar_url"],
        "node_id": f"SC_forge{status['id']}",
        **({"creator": who} if creator else {}),
    }


async def create_status(call: Call) -> Answer:
    """Say something about a commit."""
    store, repository, sha = call.store, call.repository, call.path["sha"]
    if call.git.commit_of(sha) != sha:
        raise ApiError(_UNPROCESSABLE, f"No commit found for SHA: {sha}")
    state = call.text("state", resource="Status")
    if state not in _STATES:
        raise invalid("Status", "state", "invalid", "state is not included in the list")
    target = call.text("target_url", resource="Status", default="")
    if target and not target.startswith(("http://", "https://")):
        raise invalid("Status", "target_url", "invalid", "target_url must use http(s) scheme")
    context = call.text("context", resource="Status", default="default")
    count = "SELECT count(*) FROM statuses WHERE repository_id = ? AND sha = ? AND context = ?"
    if store.value(count, repository["id"], sha, context) >= _MOST:
        message = "This SHA and context has reached the maximum number of statuses."
        raise invalid("Status", "context", "custom", message)
    with store.transaction():
        number = store.insert(
            "statuses",
            repository_id=repository["id"],
            sha=sha,
            context=context,
            state=state,
            description=call.text("description", resource="Status", default="") or None,
            target_url=target or None,
            user_id=call.user["id"],
            created_at=store.now(),
        )
        row = store.one("SELECT * FROM statuses WHERE id = ?", number)
        if row is None:
            raise KeyError(number)
        _tell(call, row)
    document = status_document(store, row)
    return Answer(document, 201, headers={"Location": document["url"]})


def _tell(call: Call, status: Row) -> None:
    """Queue `status`."""
    store, repository, sha = call.store, call.repository, status["sha"]
    url = api_url(store, repository)
    words = ("for-each-ref", "--count=10", f"--contains={sha}", "--format=%(refname:lstrip=2) %(objectname)")
    branches = [line.split(" ") for line in call.git.text(*words, "refs/heads").splitlines()]
    payload = {
        **{name: status[name] for name in ("id", "sha", "target_url", "context", "description", "state")},
        "name": full_name(store, repository),
        "commit": commit_document(store, repository, read_commit(call.git, sha)),
        "branches": [
            {"name": name, "commit": {"sha": tip, "url": f"{url}/commits/{tip}"}, "protected": _protected(call, name)}
            for name, tip in branches
        ],
        "created_at": status["created_at"],
        "updated_at": status["created_at"],
    }
    emit(store, repository, "status", None, payload, sender_id=call.actor.user_id)


def _protected(call: Call, branch: str) -> bool:
    """Protection is set for the branch."""
    sql = "SELECT 1 FROM protections WHERE repository_id = ? AND branch = ?"
    return call.store.value(sql, call.repository["id"], branch) is not None


async def list_statuses(call: Call) -> Answer:
    """Every status of a commit, newest first."""
    sql = "SELECT * FROM statuses WHERE repository_id = ? AND sha = ? ORDER BY id DESC"
    rows = call.store.all(sql, call.repository["id"], commit_in(call))
    return call.page(rows, lambda row: status_document(call.store, row))


async def combined_status(call: Call) -> Answer:
    """The latest status of each context, and all of them in one word."""
    store, repository, sha = call.store, call.repository, commit_in(call)
    rows = latest_statuses(store, repository["id"], sha)
    states = {row["state"] for row in rows}
    state = "failure" if states & {"failure", "error"} else "pending" if states != {"success"} else "success"
    url = f"{api_url(store, repository)}/commits/{sha}"
    more = {
        "state": state,
        "sha": sha,
        "repository": short_repository(store, repository),
        "commit_url": url,
        "url": f"{url}/status",
    }
    return call.page(rows, lambda row: status_document(store, row, creator=False), wrap="statuses", more=more)


_REPO = "/repos/{owner}/{repo}"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", f"{_REPO}/statuses/{{sha}}", "statuses:write", create_status),
    ("GET", f"{_REPO}/commits/{{ref}}/statuses", "statuses:read", list_statuses),
    ("GET", f"{_REPO}/commits/{{ref}}/status", "statuses:read", combined_status),
)
"""Every row."""

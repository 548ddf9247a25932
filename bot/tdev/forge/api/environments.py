"""Environments, and reviews of the jobs that wait for them.

Follows "REST API endpoints for deployment environments" and, for reviews, "…for workflow runs". Reviewers are people
with at least read access, six at most; one of them decides. Setting a wait timer, a branch policy or a team is 422,
as the forge has none of them.
"""

from __future__ import annotations

from urllib.parse import quote

from tdev.forge.answers import Answer, ApiError, forbidden, invalid, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.actions import run_of
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler, role_of
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id
from tdev.forge.workflows import environments
from tdev.forge.workflows.job_states import advance, end, job_by_id, release

REJECTED = "The deployment was rejected or didn't satisfy other protection rules."


def _short(store: Store, environment: Row) -> Json:
    """An environment as others name it."""
    repository = repository_by_id(store, environment["repository_id"])
    name = quote(environment["name"], safe="")
    return {
        "id": environment["id"],
        "node_id": f"EN_forge{environment['id']}",
        "name": environment["name"],
        "url": f"{api_url(store, repository)}/environments/{name}",
        "html_url": f"{html_url(store, repository)}/deployments/activity_log?environments_filter={name}",
    }


def _reviewers(store: Store, environment: Row) -> list[Json]:
    """Who may decide."""
    people = [user_by_id(store, number) for number in environments.reviewers(environment)]
    return [{"type": "User", "reviewer": user_document(store, each)} for each in people]


def environment_document(store: Store, environment: Row) -> Json:
    """GitHub's `environment`."""
    rules: list[Json] = []
    if environments.guarded(environment):
        rules.append(
            {
                "id": environment["id"],
                "node_id": f"GA_forge{environment['id']}",
                "type": "required_reviewers",
                "prevent_self_review": bool(environment["prevent_self_review"]),
                "reviewers": _reviewers(store, environment),
            }
        )
    return {
        **_short(store, environment),
        "created_at": environment["created_at"],
        "updated_at": environment["updated_at"],
        "protection_rules": rules,
        "deployment_branch_policy": None,
    }


def environment_of(call: Call) -> Row:
    """The environment of the path; 404 where there is none."""
    row = environments.find(call.store, call.repository["id"], call.path["environment_name"])
    if row is None:
        raise not_found()
    return row


async def list_environments(call: Call) -> Answer:
    """The environments of a repository."""
    rows = call.store.all("SELECT * FROM environments WHERE repository_id = ? ORDER BY name", call.repository["id"])
    return call.page(rows, lambda row: environment_document(call.store, row), wrap="environments")


async def get_environment(call: Call) -> Answer:
    """An environment."""
    return Answer(environment_document(call.store, environment_of(call)))


async def put_environment(call: Call) -> Answer:
    """Make an environment, or set who must agree."""
    for name in ("wait_timer", "deployment_branch_policy"):
        if call.document.get(name):
            raise invalid("Environment", name, "custom", f"This forge has no {name}.")
    people = _given_reviewers(call)
    selfless = call.flag("prevent_self_review", resource="Environment")
    row = environments.named(call.store, call.repository["id"], call.path["environment_name"])
    environments.set_reviewers(call.store, row, people, prevent_self_review=selfless)
    return Answer(environment_document(call.store, environment_of(call)))


def _given_reviewers(call: Call) -> list[int]:
    """The accounts the body names; 422 for teams, for more than six, and for who can't read."""
    given = call.document.get("reviewers") or []
    if not isinstance(given, list) or len(given) > environments.MAX_REVIEWERS:
        raise invalid("Environment", "reviewers")
    found: list[int] = []
    for each in given:
        number = each.get("id") if isinstance(each, dict) and each.get("type", "User") == "User" else None
        known = isinstance(number, int) and call.store.value("SELECT 1 FROM users WHERE id = ?", number)
        if not known or role_of(call.store, call.repository, int(number or 0)) == "none":
            raise invalid("Environment", "reviewers", "invalid", "A reviewer must be a user with read access.")
        found.append(int(number or 0))
    return list(dict.fromkeys(found))


async def delete_environment(call: Call) -> Answer:
    """Delete an environment with its secrets and variables; 422 while jobs wait for it or are at work in it."""
    row, store = environment_of(call), call.store
    sql = "SELECT 1 FROM workflow_jobs WHERE environment_id = ? AND status <> 'completed'"
    if store.value(sql, row["id"]):
        raise ApiError(422, "The environment is in use by a job.")
    with store.transaction():
        store.run("DELETE FROM actions_settings WHERE environment_id = ?", row["id"])
        store.run("DELETE FROM deployment_reviews WHERE environment_id = ?", row["id"])
        store.run("UPDATE workflow_jobs SET environment_id = NULL WHERE environment_id = ?", row["id"])
        store.run("DELETE FROM environments WHERE id = ?", row["id"])
    return Answer(status=204)


async def list_pending(call: Call) -> Answer:
    """The environments that jobs of a run wait for."""
    run = run_of(call)
    rows = _awaited(call.store, run)
    return Answer([_pending(call, run, row) for row in rows])


def _awaited(store: Store, run: Row) -> list[Row]:
    """The environments that jobs of a run wait for, each once."""
    numbers = dict.fromkeys(job["environment_id"] for job in environments.waiting_jobs(store, run))
    return [environments.by_id(store, number) for number in numbers]


def _pending(call: Call, run: Row, environment: Row) -> Json:
    """GitHub's `pending-deployment`."""
    return {
        "environment": _short(call.store, environment),
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": environments.may_review(environment, run, call.actor.user_id),
        "reviewers": _reviewers(call.store, environment),
    }


async def review(call: Call) -> Answer:
    """Let the jobs that wait for some environments begin, or refuse them."""
    run, store = run_of(call), call.store
    state, comment = call.text("state", resource="Deployment"), call.text("comment", resource="Deployment")
    if state not in ("approved", "rejected"):
        raise invalid("Deployment", "state")
    chosen = _chosen(call, run)
    if any(not environments.may_review(row, run, call.actor.user_id) for row in chosen):
        raise forbidden("You are not a required reviewer of this environment.")
    numbers = {row["id"] for row in chosen}
    decided = [job for job in environments.waiting_jobs(store, run) if job["environment_id"] in numbers]
    with store.transaction():
        for row in chosen:
            environments.record(store, run, row, call.actor.user_id, state, comment)
        for job in decided:
            if state == "approved":
                release(store, job)
            else:
                end(store, job, "failure", why=REJECTED)
        if advance(store, run["id"]) is not None:
            store.update("workflow_runs", run["id"], status="queued")
    return Answer([_deployment(call, run, job_by_id(store, job["id"])) for job in decided])


def _chosen(call: Call, run: Row) -> list[Row]:
    """The environments the body names; 422 for one that nothing of the run waits for."""
    given = call.document.get("environment_ids")
    waiting = {row["id"]: row for row in _awaited(call.store, run)}
    if not isinstance(given, list) or not given or any(number not in waiting for number in given):
        raise invalid("Deployment", "environment_ids", "invalid", "No job of the run waits for this environment.")
    return [waiting[number] for number in dict.fromkeys(given)]


def _deployment(call: Call, run: Row, job: Row) -> Json:
    """GitHub's `deployment`, with the number of the job it stands for."""
    store = call.store
    url = f"{api_url(store, call.repository)}/deployments/{job['id']}"
    name = environments.by_id(store, job["environment_id"])["name"]
    return {
        "url": url,
        "id": job["id"],
        "node_id": f"DE_forge{job['id']}",
        "task": "deploy",
        "original_environment": name,
        "environment": name,
        "description": None,
        "created_at": job["created_at"],
        "updated_at": store.now(),
        "statuses_url": f"{url}/statuses",
        "repository_url": api_url(store, call.repository),
        "creator": user_document(store, user_by_id(store, run["triggering_actor_id"])),
        "sha": run["sha"],
        "ref": run["head_branch"],
        "payload": {},
        "transient_environment": False,
        "production_environment": False,
    }


async def list_approvals(call: Call) -> Answer:
    """The reviews of a run."""
    store = call.store
    return Answer(
        [
            {
                "environments": [_with_times(store, environments.by_id(store, row["environment_id"]))],
                "state": row["state"],
                "user": user_document(store, user_by_id(store, row["user_id"])),
                "comment": row["comment"],
            }
            for row in environments.reviews(store, run_of(call))
        ]
    )


def _with_times(store: Store, environment: Row) -> Json:
    """An environment as reviews name it."""
    return {**_short(store, environment), **{name: environment[name] for name in ("created_at", "updated_at")}}


_ENVIRONMENTS = "/repos/{owner}/{repo}/environments"
_RUN = "/repos/{owner}/{repo}/actions/runs/{run_id}"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _ENVIRONMENTS, "actions:read", list_environments),
    ("GET", f"{_ENVIRONMENTS}/{{environment_name}}", "actions:read", get_environment),
    ("PUT", f"{_ENVIRONMENTS}/{{environment_name}}", "administration:write", put_environment),
    ("DELETE", f"{_ENVIRONMENTS}/{{environment_name}}", "administration:write", delete_environment),
    ("GET", f"{_RUN}/pending_deployments", "actions:read", list_pending),
    ("POST", f"{_RUN}/pending_deployments", "deployments:open", review),
    ("GET", f"{_RUN}/approvals", "actions:read", list_approvals),
)

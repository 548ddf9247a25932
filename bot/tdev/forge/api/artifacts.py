"""Artifacts: what jobs have uploaded.

Follows "REST API endpoints for GitHub Actions artifacts". The archive is 302 to an address that holds for a minute;
410 when it has expired.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, ApiError, invalid, not_found
from tdev.forge.api.actions import elsewhere, run_of
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, repository_by_id, timestamp
from tdev.forge.workflows.downloads import address
from tdev.forge.workflows.job_log import artifact_path
from tdev.forge.workflows.job_states import run_by_id


async def list_artifacts(call: Call) -> Answer:
    """The artifacts of a repository, newest first."""
    rows = call.store.all("SELECT * FROM artifacts WHERE repository_id = ? ORDER BY id DESC", call.repository["id"])
    return _artifacts(call, rows)


async def list_artifacts_of_run(call: Call) -> Answer:
    """The artifacts of a run."""
    rows = call.store.all("SELECT * FROM artifacts WHERE run_id = ? ORDER BY id", run_of(call)["id"])
    return _artifacts(call, rows)


def _artifacts(call: Call, rows: list[Row]) -> Answer:
    """A page of artifacts, all or those of one name."""
    if "name" in call.query:
        rows = [row for row in rows if row["name"] == call.query["name"]]
    return call.page(rows, lambda row: artifact_document(call.store, row), wrap="artifacts")


def artifact_document(store: Store, artifact: Row) -> Json:
    """GitHub's `artifact`."""
    repository, run = repository_by_id(store, artifact["repository_id"]), run_by_id(store, artifact["run_id"])
    url = f"{api_url(store, repository)}/actions/artifacts/{artifact['id']}"
    return {
        "id": artifact["id"],
        "node_id": f"A_forge{artifact['id']}",
        "name": artifact["name"],
        "size_in_bytes": artifact["size"],
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": artifact["expires_at"] <= timestamp(store.clock()),
        "digest": f"sha256:{artifact['sha256']}",
        **{name: artifact[name] for name in ("created_at", "updated_at", "expires_at")},
        "workflow_run": {
            "id": run["id"],
            "repository_id": repository["id"],
            "head_repository_id": repository["id"],
            "head_branch": run["head_branch"],
            "head_sha": run["head_sha"],
        },
    }


def _artifact(call: Call) -> Row:
    """The artifact of the path."""
    sql = "SELECT * FROM artifacts WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("artifact_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return row


async def get_artifact(call: Call) -> Answer:
    """An artifact."""
    return Answer(artifact_document(call.store, _artifact(call)))


async def download_artifact(call: Call) -> Answer:
    """Where an artifact's archive can be downloaded; 410 when it has expired."""
    artifact = _artifact(call)
    if call.path["archive_format"] != "zip":
        raise invalid("Artifact", "archive_format")
    if artifact["expires_at"] <= timestamp(call.store.clock()):
        raise ApiError(410, "Artifact has expired")
    return elsewhere(address(call.store, "artifact", artifact["id"]))


async def delete_artifact(call: Call) -> Answer:
    """Delete an artifact."""
    artifact = _artifact(call)
    call.store.run("DELETE FROM artifacts WHERE id = ?", artifact["id"])
    artifact_path(call.store, artifact["id"]).unlink(missing_ok=True)
    return Answer(status=204)


_ACTIONS = "/repos/{owner}/{repo}/actions"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_ACTIONS}/runs/{{run_id}}/artifacts", "actions:read", list_artifacts_of_run),
    ("GET", f"{_ACTIONS}/artifacts", "actions:read", list_artifacts),
    ("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}", "actions:read", get_artifact),
    ("DELETE", f"{_ACTIONS}/artifacts/{{artifact_id}}", "actions:write", delete_artifact),
    ("GET", f"{_ACTIONS}/artifacts/{{artifact_id}}/{{archive_format}}", "actions:read", download_artifact),
)

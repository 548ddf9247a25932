"""Code scanning: what tools found in a commit, uploaded as SARIF and kept as analyses.

Follows "REST API endpoints for code scanning": the SARIF comes compressed with gzip, as Base64, and is taken with 202.
GitHub processes it later; here that is done at once. Code scanning is on for public repositories; a private one answers
as GitHub does where Advanced Security is not enabled. Alerts are not made.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
import zlib
from http import HTTPStatus
from typing import Any

from tdev.forge.answers import Answer, ApiError, forbidden, not_found
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row

_SHA = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"refs/(?:heads/.+|tags/.+|pull/\d+/(?:merge|head))")
_MOST_BYTES = 10 * 1024 * 1024
_GZIP = 31


def _on(call: Call) -> Row:
    """The repository, where code scanning is on."""
    if call.repository["private"]:
        raise forbidden("Advanced Security must be enabled for this repository to use code scanning.")
    return call.repository


async def upload(call: Call) -> Answer:
    """Take a SARIF file."""
    store, repository = call.store, _on(call)
    sha, ref = (call.text(name, resource="Sarif") for name in ("commit_sha", "ref"))
    if not _SHA.fullmatch(sha) or not _REF.fullmatch(ref):
        raise ApiError(HTTPStatus.BAD_REQUEST, "commit_sha or ref is not of its form")
    if call.git.commit_of(sha) != sha:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, f"commit not found: {sha}")
    document = _unpacked(call.text("sarif", resource="Sarif"))
    number, now = str(uuid.uuid4()), store.now()
    with store.transaction():
        for run in document["runs"]:
            store.insert(
                "analyses",
                repository_id=repository["id"],
                sarif_id=number,
                sha=sha,
                ref=ref,
                sarif=json.dumps({**document, "runs": [run]}),
                created_at=now,
            )
    return Answer({"id": number, "url": f"{api_url(store, repository)}/code-scanning/sarifs/{number}"}, 202)


def _unpacked(text: str) -> dict[str, Any]:
    """The SARIF document; 400 for what is none, 413 for one that is too large."""
    try:
        packed = base64.b64decode(text, validate=True)
        if len(packed) > _MOST_BYTES:
            raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The SARIF upload is too large")
        document = json.loads(zlib.decompress(packed, _GZIP))
        if document["version"] == "2.1.0" and all(run["tool"]["driver"]["name"] for run in document["runs"]):
            return dict(document)
    except (binascii.Error, zlib.error, ValueError, LookupError, TypeError, RecursionError):
        pass
    raise ApiError(HTTPStatus.BAD_REQUEST, "sarif is no SARIF 2.1.0 file, compressed with gzip, as Base64")


async def show_upload(call: Call) -> Answer:
    """How far an upload has come."""
    store, repository = call.store, _on(call)
    sql = "SELECT 1 FROM analyses WHERE repository_id = ? AND sarif_id = ?"
    if store.value(sql, repository["id"], call.path["sarif_id"]) is None:
        raise not_found()
    url = f"{api_url(store, repository)}/code-scanning/analyses?sarif_id={call.path['sarif_id']}"
    return Answer({"processing_status": "complete", "analyses_url": url})


async def list_analyses(call: Call) -> Answer:
    """What was uploaded, newest first; `ref`, `sarif_id` and `tool_name` narrow it."""
    repository = _on(call)
    rows = call.store.all("SELECT * FROM analyses WHERE repository_id = ? ORDER BY id DESC", repository["id"])
    wanted = {name: call.query[name] for name in ("ref", "sarif_id", "tool_name") if call.query.get(name)}
    documents = [(row, _document(call, repository, row)) for row in rows]
    kept = [
        (row, document)
        for row, document in documents
        if all({**document, "tool_name": document["tool"]["name"]}[name] == value for name, value in wanted.items())
    ]
    return call.page(kept, lambda pair: pair[1])


def _document(call: Call, repository: Row, row: Row) -> Json:
    """An analysis (`code-scanning-analysis`)."""
    [run] = json.loads(row["sarif"])["runs"]
    driver = run["tool"]["driver"]
    return {
        **{name: row[name] for name in ("id", "ref", "sarif_id", "created_at")},
        "commit_sha": row["sha"],
        "analysis_key": "(default)",
        "category": str((run.get("automationDetails") or {}).get("id", "")).rpartition("/")[0],
        "environment": "{}",
        "error": "",
        "warning": "",
        "results_count": len(run.get("results") or ()),
        "rules_count": len(driver.get("rules") or ()),
        "url": f"{api_url(call.store, repository)}/code-scanning/analyses/{row['id']}",
        "tool": {"name": driver["name"], "guid": None, "version": driver.get("semanticVersion")},
        "deletable": False,
    }


_REPO = "/repos/{owner}/{repo}/code-scanning"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", f"{_REPO}/sarifs", "security_events:write", upload),
    ("GET", f"{_REPO}/sarifs/{{sarif_id}}", "security_events:read", show_upload),
    ("GET", f"{_REPO}/analyses", "security_events:read", list_analyses),
)
"""Every row."""

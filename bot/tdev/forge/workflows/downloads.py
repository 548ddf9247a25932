"""Logs and artifacts to download, at addresses that hold for a minute and need no token.

GitHub answers such requests with 302 to a signed address elsewhere, which clients follow without their
credentials; so does the forge. Comes in: what to download. Goes out: the address, and the file behind it.
"""

from __future__ import annotations

import hmac
import io
import zipfile

from aiohttp import web

from tdev.forge.store import Store
from tdev.forge.workflows.job_log import artifact_path, log_path
from tdev.forge.workflows.job_states import jobs_of, run_by_id

SECONDS = 60
_PREFIX = "/_services/downloads"


def address(store: Store, kind: str, number: int) -> str:
    """Where `run-logs`, `job-logs` or an `artifact` can be downloaded for a minute."""
    expires = int(store.clock()) + SECONDS
    return f"{store.base_url}{_PREFIX}/{kind}/{number}?expires={expires}&sig={_signature(store, kind, number, expires)}"


def _signature(store: Store, kind: str, number: int, expires: int) -> str:
    """What proves that the forge gave the address out."""
    return hmac.new(store.admin_token.encode(), f"{kind}/{number}/{expires}".encode(), "sha256").hexdigest()


def routes(store: Store) -> list[web.RouteDef]:
    """The address all downloads are behind."""

    async def download(request: web.Request) -> web.StreamResponse:
        kind, word = request.match_info["kind"], request.match_info["number"]
        expires = request.query.get("expires", "")
        if not (word.isdecimal() and expires.isdecimal()):
            raise web.HTTPNotFound
        right = _signature(store, kind, int(word), int(expires))
        if not hmac.compare_digest(right.encode(), request.query.get("sig", "").encode("utf-8", "replace")):
            raise web.HTTPForbidden(text="The signature did not match.")
        if int(expires) < store.clock():
            raise web.HTTPForbidden(text="The address has expired.")
        return _answer(store, kind, int(word))

    return [web.get(f"{_PREFIX}/{{kind}}/{{number}}", download)]


def _answer(store: Store, kind: str, number: int) -> web.StreamResponse:
    """The file."""
    if kind == "job-logs" and log_path(store, number).is_file():
        return web.FileResponse(log_path(store, number), headers={"Content-Type": "text/plain; charset=utf-8"})
    if kind == "artifact" and artifact_path(store, number).is_file():
        return web.FileResponse(artifact_path(store, number), headers={"Content-Type": "application/zip"})
    if kind == "run-logs":
        headers = {"Content-Disposition": f'attachment; filename="logs_{number}.zip"'}
        return web.Response(body=_logs(store, number), content_type="application/zip", headers=headers)
    raise web.HTTPNotFound


def _logs(store: Store, run_id: int) -> bytes:
    """All logs of a run's jobs in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, job in enumerate(jobs_of(store, run_by_id(store, run_id))):
            if log_path(store, job["id"]).is_file():
                archive.write(log_path(store, job["id"]), f"{at}_{job['name'].replace('/', '_')}.txt")
    return buffer.getvalue()

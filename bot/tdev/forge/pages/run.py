"""A workflow run: its jobs, steps, artifacts and log.

Goes out: …/actions/runs/<id> and …/actions/runs/<id>/job/<id>. While the run is at work the page asks for itself again
every two seconds. The last 512 KiB of a log are shown; artifacts are downloaded through the REST API.
"""

from __future__ import annotations

import json

from aiohttp import web

from tdev.forge.pages.html import Html, fill, joined, link, page, pill
from tdev.forge.pages.place import Place, number_in, seen
from tdev.forge.store import Row, Store
from tdev.forge.workflows.job_log import log_path
from tdev.forge.workflows.job_states import jobs_of

_MAX_LOG = 512 * 1024


def run(store: Store, request: web.Request) -> web.Response:
    """A run with its jobs."""
    place = seen(store, request, "actions:read")
    sql = "SELECT * FROM workflow_runs WHERE id = ? AND repository_id = ?"
    row = store.one(sql, number_in(request, "run"), place.repository["id"])
    if row is None:
        raise web.HTTPNotFound(text="Not Found")
    jobs = jobs_of(store, row)
    artifacts = store.all("SELECT * FROM artifacts WHERE run_id = ? ORDER BY id", row["id"])
    kept = joined(
        fill("<tr><td>{name}</td><td>{size} bytes</td></tr>", name=each["name"], size=each["size"])
        for each in artifacts
    )
    body = fill(
        "<h1>{title} <span class='muted'>#{number}</span></h1><p>{state}<span class='muted'>{branch} {sha}</span></p>"
        "{jobs}<h2>Artifacts</h2><div class='box'><table>{kept}</table></div>",
        title=row["display_title"], number=row["run_number"], state=pill(row["conclusion"] or row["status"]),
        branch=row["head_branch"], sha=row["head_sha"][:12], jobs=joined(_job(place, row, job) for job in jobs),
        kept=kept or Html("<tr><td>None.</td></tr>"),
    )  # fmt: skip
    title = f"{row['display_title']} · {place.name}"
    return page(title, body, trail=place.trail, refresh=row["status"] != "completed")


def _job(place: Place, run: Row, job: Row) -> Html:
    """A job with its steps and log."""
    steps = joined(
        fill("<tr><td>{state}</td><td>{name}</td></tr>",
             state=pill(step["conclusion"] or step["status"]), name=step["name"])
        for step in json.loads(job["steps"])
    )  # fmt: skip
    return fill(
        "<h2>{name}</h2><div class='box'><table>{steps}</table></div>"
        '<div class="box"><div class="head">Log</div><pre class="code" id="log">{log}</pre></div>',
        name=link(f"{place.url}/actions/runs/{run['id']}/job/{job['id']}", job["name"]), steps=steps,
        log=joined(fill("<span>{line}</span>", line=line) for line in _log(place.store, job)),
    )  # fmt: skip


def _log(store: Store, job: Row) -> list[str]:
    """The last lines of a job's log."""
    path = log_path(store, job["id"])
    if not path.is_file():
        return []
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _MAX_LOG))
        return file.read().decode("utf-8", "replace").splitlines()

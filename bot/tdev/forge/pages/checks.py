"""Checks: the table on a pull request's page, and a page for each check run.

Goes out: the latest check run of each App and name with its annotations, and …/runs/<id> with all a run says.
"""

from __future__ import annotations

import json

from aiohttp import web

from tdev.forge.pages.html import Html, fill, joined, link, page, pill
from tdev.forge.pages.markdown import rendered
from tdev.forge.pages.place import Place, number_in, seen
from tdev.forge.pulls.required import latest_runs, latest_statuses
from tdev.forge.store import Json, Row, Store

_MOST_SHOWN = 20


def annotations_of(store: Store, check_run_id: int) -> list[Json]:
    """The annotations of a run, as they are kept."""
    sql = "SELECT document FROM annotations WHERE check_run_id = ? ORDER BY id"
    return [json.loads(row["document"]) for row in store.all(sql, check_run_id)]


def table(place: Place, sha: str) -> Html:
    """Every check and status of a commit."""
    store, number = place.store, place.repository["id"]
    lines = [_run_line(place, row) for row in latest_runs(store, number, sha)]
    lines += [
        _line(row["state"], link(row["target_url"] or "", row["context"]), row["description"], Html(""))
        for row in latest_statuses(store, number, sha)
    ]
    shown = joined(lines) or Html("<tr><td>No checks.</td></tr>")
    return fill('<h2>Checks</h2><div class="box"><table id="checks">{lines}</table></div>', lines=shown)


def _run_line(place: Place, row: Row) -> Html:
    """A check run with the first of its annotations."""
    found = annotations_of(place.store, row["id"])
    notes = joined(_annotation_item(each) for each in found[:_MOST_SHOWN])
    if len(found) > _MOST_SHOWN:
        notes = joined((notes, fill("<li>{more} more</li>", more=len(found) - _MOST_SHOWN)))
    items = fill("<ul>{notes}</ul>", notes=notes) if found else Html("")
    name = link(f"{place.url}/runs/{row['id']}", row["name"])
    return _line(row["conclusion"] or row["status"], name, row["title"], items)


def _line(state: str, name: Html, words: str | None, more: Html) -> Html:
    """One line of the table."""
    return fill(
        '<tr><td class="state">{state}</td><td class="state">{name}</td><td>{words}{more}</td></tr>',
        state=pill(state), name=name, words=words, more=more,
    )  # fmt: skip


def place_of(note: Json) -> str:
    """Path and lines of an annotation."""
    first, last = note["start_line"], note["end_line"]
    return f"{note['path']}:{first}" + (f"–{last}" if last != first else "")


def _annotation_item(note: Json) -> Html:
    """An annotation in a list."""
    return fill(
        "<li>{level}<code>{where}</code> {title} {message}</li>",
        level=pill(note["annotation_level"]), where=place_of(note), message=note["message"],
        title=fill("<b>{title}</b>", title=note["title"]) if note.get("title") else Html(""),
    )  # fmt: skip


def check_run(store: Store, request: web.Request) -> web.Response:
    """The page of a check run."""
    place = seen(store, request, "checks:read")
    sql = "SELECT * FROM check_runs WHERE id = ? AND repository_id = ?"
    row = store.one(sql, number_in(request, "run"), place.repository["id"])
    if row is None:
        raise web.HTTPNotFound(text="Not Found")
    app = store.value("SELECT name FROM apps WHERE id = ?", row["app_id"])
    details = row["details_url"] or ""
    body = fill(
        "<h1>{name}</h1><p>{state}<span class='muted'>by {app} on <code>{sha}</code> · {times}</span></p>"
        "<p>{pulls}{details}</p>{texts}{notes}",
        name=row["name"], state=pill(row["conclusion"] or row["status"]), app=app, sha=row["head_sha"][:12],
        times=" – ".join(time for time in (row["started_at"], row["completed_at"]) if time),
        pulls=_pulls(place, row), details=link(details, "Details") if details else Html(""),
        texts=_texts(row), notes=_annotations(place, row),
    )  # fmt: skip
    title = f"{row['name']} · {place.name}"
    return page(title, body, trail=place.trail, refresh=row["status"] != "completed")


def _pulls(place: Place, row: Row) -> Html:
    """Links to the pull requests of the commit."""
    sql = "SELECT i.number, i.title FROM issues i JOIN pulls p ON p.issue_id = i.id WHERE p.repository_id = ?"
    rows = place.store.all(f"{sql} AND p.head_sha = ? ORDER BY i.id", place.repository["id"], row["head_sha"])
    return joined(
        fill("{link} · ", link=link(f"{place.url}/pull/{each['number']}", f"#{each['number']} {each['title']}"))
        for each in rows
    )


def _texts(row: Row) -> Html:
    """Title, summary and text."""
    parts = [part for part in (row["summary"], row["text"]) if part]
    return joined(
        fill('<div class="box"><div class="head"><b>{title}</b></div><div class="text">{text}</div></div>',
             title=row["title"] if at == 0 else "Details", text=rendered(part))
        for at, part in enumerate(parts)
    )  # fmt: skip


def _annotations(place: Place, row: Row) -> Html:
    """All annotations, with links to the lines' file."""
    found = annotations_of(place.store, row["id"])
    if not found:
        return Html("")
    lines = joined(
        fill("<tr><td class='state'>{level}</td><td>{where}<br><b>{title}</b> {message}{raw}</td></tr>",
             level=pill(note["annotation_level"]), title=note.get("title"), message=note["message"],
             where=link(f"{place.url}/blob/{row['head_sha']}/{note['path']}", place_of(note)), raw=_raw(note))
        for note in found
    )  # fmt: skip
    return fill("<h2>Annotations: {count}</h2><div class='box'><table id='annotations'>{lines}</table></div>",
                count=len(found), lines=lines)  # fmt: skip


def _raw(note: Json) -> Html:
    """The details of an annotation."""
    details = note.get("raw_details")
    return fill("<pre class='code'><span>{text}</span></pre>", text=details) if details else Html("")

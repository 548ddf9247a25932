"""An issue, and a pull request with its checks and diff.

Goes out: …/issues/<number>, …/pull/<number> and …/pull/<number>/files. Texts are shown as they were written: Markdown
is not rendered, so what a model or a stranger wrote can't become anything but text.
"""

from __future__ import annotations

from aiohttp import web

from tdev.forge.pages.html import Html, fill, joined, link, page, pill
from tdev.forge.pages.place import Place, number_in, seen, text_box
from tdev.forge.store import Row, Store

_MAX_LINES = 20_000


def issue(store: Store, request: web.Request) -> web.Response:
    """An issue; a pull request's number leads to its own page."""
    place, row = _found(store, request, "issues:read")
    if store.value("SELECT 1 FROM pulls WHERE issue_id = ?", row["id"]):
        raise web.HTTPFound(f"{place.url}/pull/{row['number']}")
    return page(f"{row['title']} · #{row['number']}", _conversation(place, row, row["state"]), trail=place.trail)


def pull(store: Store, request: web.Request) -> web.Response:
    """A pull request: conversation, checks of its head, commits, diff."""
    place, row = _found(store, request, "pull_requests:read")
    found = store.one("SELECT * FROM pulls WHERE issue_id = ?", row["id"])
    if found is None:
        raise web.HTTPNotFound(text="Not Found")
    state = "merged" if found["merged_at"] else row["state"]
    between = fill(
        '<p class="muted">wants to merge <b>{head}</b> ({sha}) into <b>{base}</b></p>',
        head=found["head_ref"], sha=found["head_sha"][:12], base=found["base_ref"],
    )  # fmt: skip
    parts = (
        _conversation(place, row, state, between),
        _reviews(place, row),
        _checks(place, found),
        _changes(place, found),
    )
    return page(f"{row['title']} · #{row['number']}", joined(parts), trail=place.trail)


def _found(store: Store, request: web.Request, permission: str) -> tuple[Place, Row]:
    """The issue of the path."""
    place = seen(store, request, permission)
    sql = "SELECT * FROM issues WHERE repository_id = ? AND number = ?"
    row = store.one(sql, place.repository["id"], number_in(request, "number"))
    if row is None:
        raise web.HTTPNotFound(text="Not Found")
    return place, row


def _conversation(place: Place, issue: Row, state: str, under_title: Html | None = None) -> Html:
    """Title, state, labels, text and comments."""
    store = place.store
    labels = store.all(
        "SELECT l.name FROM labels l JOIN issue_labels i ON i.label_id = l.id WHERE i.issue_id = ? ORDER BY l.name",
        issue["id"],
    )
    comments = store.all("SELECT * FROM comments WHERE issue_id = ? ORDER BY id", issue["id"])
    boxes = [_box(place, issue, "issue"), *(_box(place, comment, "comment") for comment in comments)]
    return fill(
        "<h1>{title} <span class='muted'>#{number}</span></h1><p>{state}{labels}</p>{under}{boxes}",
        title=issue["title"], number=issue["number"], state=pill(state), under=under_title or Html(""),
        labels=joined(pill(row["name"], "label") for row in labels), boxes=joined(boxes),
    )  # fmt: skip


def _box(place: Place, row: Row, subject: str) -> Html:
    """One text with its author and reactions."""
    sql = "SELECT content, count(*) AS times FROM reactions WHERE subject = ? AND subject_id = ? GROUP BY content"
    reactions = ", ".join(f"{each['content']} × {each['times']}" for each in place.store.all(sql, subject, row["id"]))
    head = fill("<b>{who}</b> {when} {reactions}", who=place.login(row["user_id"]), when=row["created_at"],
                reactions=reactions)  # fmt: skip
    return text_box(head, row["body"])


def _reviews(place: Place, issue: Row) -> Html:
    """The reviews that were submitted."""
    sql = "SELECT * FROM reviews WHERE issue_id = ? AND submitted_at IS NOT NULL ORDER BY id"
    return joined(
        text_box(fill("<b>{who}</b> {state}", who=place.login(row["user_id"]), state=row["state"]), row["body"])
        for row in place.store.all(sql, issue["id"])
    )


def _checks(place: Place, found: Row) -> Html:
    """The latest check run of each name, and the statuses, on the head commit."""
    where = (place.repository["id"], found["head_sha"])
    runs = place.store.all("SELECT * FROM check_runs WHERE repository_id = ? AND head_sha = ? ORDER BY id", *where)
    latest = {(row["app_id"], row["name"]): row for row in runs}
    lines = [_check(place, row) for row in latest.values()]
    statuses = place.store.all("SELECT * FROM statuses WHERE repository_id = ? AND sha = ? ORDER BY id", *where)
    for row in {row["context"]: row for row in statuses}.values():
        name = link(row["target_url"] or "", row["context"])
        lines.append(_check_line(row["state"], name, row["description"], Html("")))
    shown = joined(lines) or Html("<tr><td>No checks.</td></tr>")
    return fill('<h2>Checks</h2><div class="box"><table id="checks">{lines}</table></div>', lines=shown)


def _check(place: Place, row: Row) -> Html:
    """A check run with its summary and the number of its annotations."""
    count = place.store.value("SELECT count(*) FROM annotations WHERE check_run_id = ?", row["id"])
    notes = fill("<span class='muted'>{count} annotations</span>", count=count) if count else Html("")
    return _check_line(row["conclusion"] or row["status"], link(row["details_url"], row["name"]), row["title"], notes)


def _check_line(state: str, name: Html, words: str | None, notes: Html) -> Html:
    """One line of the checks."""
    return fill(
        "<tr><td>{state}</td><td>{name}</td><td>{words} {notes}</td></tr>",
        state=pill(state), name=name, words=words, notes=notes,
    )  # fmt: skip


def _changes(place: Place, found: Row) -> Html:
    """The diff between where the branches parted and the head."""
    git = place.store.git(place.repository)
    base = found["base_sha"] if found["merged_at"] else git.commit_of(f"refs/heads/{found['base_ref']}")
    merge_base = git.run("merge-base", base or found["base_sha"], found["head_sha"], check=False)
    if not merge_base.ok:
        return fill("<h2>Changes</h2><p>{why}</p>", why="The branches have nothing in common.")
    start = merge_base.stdout.strip()
    files = git.changed_files(start, found["head_sha"])
    added, removed = sum(file.added for file in files), sum(file.removed for file in files)
    lines = git.diff(start, found["head_sha"]).splitlines()
    shown = joined(_diff_line(line) for line in lines[:_MAX_LINES])
    return fill(
        '<h2>Changes</h2><p class="muted">{count} files, +{added} −{removed}</p>'
        '<div class="box"><pre class="code" id="diff">{lines}</pre></div>',
        count=len(files), added=added, removed=removed, lines=shown,
    )  # fmt: skip


def _diff_line(line: str) -> Html:
    """One line of a diff, coloured."""
    if line.startswith("@@"):
        kind = "hunk"
    elif line.startswith(("+", "-")) and not line.startswith(("+++", "---")):
        kind = "add" if line[0] == "+" else "del"
    else:
        kind = ""
    return fill('<span class="{kind}">{line}</span>', kind=kind, line=line or " ")

"""What issues and pull requests show alike: title, state, labels, text, comments, reactions.

Comes in: the row of an issue. Goes out: Html; texts are rendered by markdown.py.
"""

from __future__ import annotations

from aiohttp import web

from tdev.forge.pages.html import Html, fill, joined, label, pill
from tdev.forge.pages.place import Place, number_in, seen, text_box
from tdev.forge.store import Row, Store


def found(store: Store, request: web.Request, permission: str) -> tuple[Place, Row]:
    """The issue of the path; 404 where there is none or it must not be seen."""
    place = seen(store, request, permission)
    sql = "SELECT * FROM issues WHERE repository_id = ? AND number = ?"
    row = store.one(sql, place.repository["id"], number_in(request, "number"))
    if row is None:
        raise web.HTTPNotFound(text="Not Found")
    return place, row


def head(place: Place, issue: Row, state: str, under_title: Html | None = None) -> Html:
    """Title, state and labels."""
    sql = "SELECT l.* FROM labels l JOIN issue_labels i ON i.label_id = l.id WHERE i.issue_id = ? ORDER BY l.name"
    labels = joined(label(row["name"], row["color"]) for row in place.store.all(sql, issue["id"]))
    return fill(
        "<h1>{title} <span class='muted'>#{number}</span></h1><p>{state}{labels}</p>{under}",
        title=issue["title"], number=issue["number"], state=pill(state), labels=labels, under=under_title or Html(""),
    )  # fmt: skip


def boxes(place: Place, issue: Row) -> Html:
    """The text and the comments."""
    comments = place.store.all("SELECT * FROM comments WHERE issue_id = ? ORDER BY id", issue["id"])
    return joined([_box(place, issue, "issue"), *(_box(place, row, "comment") for row in comments)])


def _box(place: Place, row: Row, subject: str) -> Html:
    """One text with its author and reactions."""
    sql = "SELECT content, count(*) AS times FROM reactions WHERE subject = ? AND subject_id = ? GROUP BY content"
    rows = place.store.all(sql, subject, row["id"])
    reactions = joined(pill(f"{each['content']} {each['times']}", "label") for each in rows)
    anchor = Html(f' id="issuecomment-{row["id"]}"') if subject == "comment" else Html("")
    line = fill(
        "<span{anchor}><b>{who}</b> <span class='muted'>{when}</span> {reactions}</span>",
        anchor=anchor, who=place.login(row["user_id"]), when=row["created_at"], reactions=reactions,
    )  # fmt: skip
    return text_box(line, row["body"])

"""A pull request: conversation, reviews, checks, what stands in the way of merging, commits, diff.

Goes out: …/pull/<number>, …/pull/<number>/files and the same as text, …/pull/<number>.diff and .patch. The
box about merging says what the REST API would answer to somebody whom no rule lets pass.
"""

from __future__ import annotations

from aiohttp import web

from tdev.forge.git import diff
from tdev.forge.git.commits import read_commits
from tdev.forge.pages import checks, conversation
from tdev.forge.pages.difference import shown
from tdev.forge.pages.html import Html, fill, joined, page, pill
from tdev.forge.pages.place import Place, text_box
from tdev.forge.pulls.mergeability import assess
from tdev.forge.pulls.rows import pull_by_issue
from tdev.forge.store import Row, Store

_MOST_COMMITS = 250
_WORDS = {
    "clean": "This branch has no conflicts with the base branch and can be merged.",
    "unstable": "Some checks have not passed; none of them is required, so this branch can be merged.",
    "behind": "This branch is out of date with the base branch.",
    "blocked": "Merging is blocked.",
    "draft": "This pull request is still a work in progress.",
    "dirty": "This branch has conflicts that must be resolved.",
    "unknown": "This pull request is closed.",
}


def pull(store: Store, request: web.Request) -> web.Response:
    """The page of a pull request."""
    place, row = _found(store, request)
    state = "merged" if row["merged_at"] else "draft" if row["draft"] and row["state"] == "open" else row["state"]
    between = fill(
        '<p class="muted">{who} wants to merge <code>{head}</code> ({sha}) into <code>{base}</code></p>',
        who=place.login(row["user_id"]), head=row["head_ref"], sha=row["head_sha"][:12], base=row["base_ref"],
    )  # fmt: skip
    parts = (
        conversation.head(place, row, state, between),
        conversation.boxes(place, row),
        _reviews(place, row),
        checks.table(place, row["head_sha"]),
        _merging(place, row),
        _commits(place, row),
        shown(place, row),
    )
    return page(f"{row['title']} · #{row['number']}", joined(parts), trail=place.trail)


def as_text(store: Store, request: web.Request) -> web.Response:
    """The change as text: `.diff` is one diff, `.patch` a mail per commit."""
    place, row = _found(store, request)
    make = {"diff": diff.unified, "patch": diff.mailbox}[request.match_info["kind"]]
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return web.Response(text=make(store.git(place.repository), row["base_sha"], row["head_sha"]), headers=headers)


def _found(store: Store, request: web.Request) -> tuple[Place, Row]:
    """The pull request of the path."""
    place, row = conversation.found(store, request, "pull_requests:read")
    if not store.value("SELECT 1 FROM pulls WHERE issue_id = ?", row["id"]):
        raise web.HTTPNotFound(text="Not Found")
    return place, pull_by_issue(store, row["id"])


def _reviews(place: Place, row: Row) -> Html:
    """The reviews that were submitted."""
    sql = "SELECT * FROM reviews WHERE issue_id = ? AND submitted_at IS NOT NULL ORDER BY id"
    return joined(
        text_box(
            fill("{state}<b>{who}</b> <span class='muted'>{when}</span>", state=pill(each["state"]),
                 who=place.login(each["user_id"]), when=each["submitted_at"]),
            each["body"] or "*No words.*",
        )
        for each in place.store.all(sql, row["id"])
    )  # fmt: skip


def _merging(place: Place, row: Row) -> Html:
    """Whether it can be merged, and what blocks."""
    if row["merged_at"]:
        words = f"Merged by {place.login(row['merged_by'])} as {str(row['merge_commit_sha'])[:12]}, {row['merged_at']}"
        return fill('<div class="box merge"><div class="head">{state}{words}</div></div>',
                    state=pill("merged"), words=words)  # fmt: skip
    found = assess(place.store, row)
    lines = joined(fill("<li>{line}</li>", line=line) for line in found.obstacles)
    reasons = fill('<div class="text"><ul>{lines}</ul></div>', lines=lines) if lines else Html("")
    return fill(
        '<div class="box merge" id="merging"><div class="head">{state}{words}</div>{reasons}</div>',
        state=pill(found.state), words=_WORDS[found.state], reasons=reasons,
    )  # fmt: skip


def _commits(place: Place, row: Row) -> Html:
    """The commits, oldest first."""
    words = ("--reverse", f"--max-count={_MOST_COMMITS}", f"{row['base_sha']}..{row['head_sha']}")
    lines = joined(
        fill("<tr><td class='state'><code>{sha}</code></td><td>{subject} <span class='muted'>{who}</span></td></tr>",
             sha=facts.sha[:12], subject=facts.message.partition("\n")[0], who=facts.author.name)
        for facts in read_commits(place.store.git(place.repository), *words)
    )  # fmt: skip
    return fill('<h2>Commits</h2><div class="box"><table>{lines}</table></div>', lines=lines)

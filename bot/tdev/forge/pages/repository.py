"""The list of repositories, a repository, and its lists of issues, pull requests and runs.

Goes out: /, /<owner>/<name>, …/issues, …/pulls, …/actions and, for one branch, …/tree/<branch>. Files are listed and
shown as text; binary files and files above 256 KiB are named only.
"""

from __future__ import annotations

from aiohttp import web

from tdev.forge.api.repositories import full_name, html_url
from tdev.forge.pages.html import Html, fill, joined, label, link, page, pill
from tdev.forge.pages.place import Place, seen, text_box
from tdev.forge.store import Row, Store

_MAX_SHOWN = 256 * 1024


def start(store: Store) -> web.Response:
    """All public repositories."""
    rows = store.all("SELECT * FROM repositories WHERE private = 0 ORDER BY id")
    lines = joined(
        fill("<tr><td>{name}</td><td>{about}</td></tr>",
             name=link(html_url(store, row), full_name(store, row)), about=row["description"])
        for row in rows
    )  # fmt: skip
    body = fill('<h1>Repositories</h1><div class="box"><table>{lines}</table></div>', lines=lines)
    return page("Forge", body)


def repository(store: Store, request: web.Request) -> web.Response:
    """Branches, files of one branch, and how to clone."""
    place = seen(store, request)
    git = store.git(place.repository)
    branch = request.match_info.get("branch") or place.repository["default_branch"]
    head = git.commit_of(f"refs/heads/{branch}")
    branches = git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split()
    shown = joined(fill("{link} ", link=link(f"{place.url}/tree/{name}", name)) for name in branches)
    files = joined(
        fill("<tr><td>{name}</td></tr>", name=link(f"{place.url}/blob/{branch}/{path}", path))
        for path in (git.files(head) if head else ())
    )
    body = fill(
        "<h1>{name}</h1><p>{about}</p><p class='muted'>git clone {url}.git</p><p>Branches: {branches}</p>"
        '<div class="box"><div class="head">{branch} {head}</div><table>{files}</table></div>{readme}',
        name=place.name, about=place.repository["description"], url=place.url, branches=shown, branch=branch,
        head=head[:12] or "empty", files=files, readme=_readme(place, head),
    )  # fmt: skip
    return page(place.name, body, trail=place.trail)


def _readme(place: Place, head: str) -> Html:
    """README.md of a commit; nothing where there is none."""
    done = place.store.git(place.repository).run("cat-file", "blob", f"{head}:README.md", check=False)
    if not head or not done.ok or len(done.stdout) > _MAX_SHOWN:
        return Html("")
    return text_box(fill("<b>{name}</b>", name="README.md"), done.stdout, breaks=False)


def blob(store: Store, request: web.Request) -> web.Response:
    """One file of a branch, whose name may hold slashes."""
    place = seen(store, request)
    git = store.git(place.repository)
    words = request.match_info["rest"].split("/")
    for cut in range(1, len(words)):
        branch, path = "/".join(words[:cut]), "/".join(words[cut:])
        head = git.commit_of(f"refs/heads/{branch}") or (git.commit_of(branch) if cut == 1 else "")
        if head and path in git.files(head):
            text = git.run("cat-file", "blob", f"{head}:{path}").stdout
            shown = "This file is not shown." if "\0" in text or len(text) > _MAX_SHOWN else text
            body = fill(
                '<h1>{path}</h1><p class="muted">{branch}</p><div class="box">'
                '<pre class="code"><span>{text}</span></pre></div>', path=path, branch=branch, text=shown,
            )  # fmt: skip
            return page(f"{path} · {place.name}", body, trail=place.trail)
    raise web.HTTPNotFound(text="Not Found")


def issues(store: Store, request: web.Request) -> web.Response:
    """All issues, newest first."""
    place = seen(store, request, "issues:read")
    sql = "SELECT * FROM issues WHERE repository_id = ? AND id NOT IN (SELECT issue_id FROM pulls) ORDER BY id DESC"
    return _list(place, "Issues", [_issue_line(place, row, "issues") for row in store.all(sql, place.repository["id"])])


def pulls(store: Store, request: web.Request) -> web.Response:
    """All pull requests, newest first."""
    place = seen(store, request, "pull_requests:read")
    sql = "SELECT * FROM issues WHERE repository_id = ? AND id IN (SELECT issue_id FROM pulls) ORDER BY id DESC"
    lines = [_issue_line(place, row, "pull") for row in store.all(sql, place.repository["id"])]
    return _list(place, "Pull requests", lines)


def runs(store: Store, request: web.Request) -> web.Response:
    """All workflow runs, newest first."""
    place = seen(store, request, "actions:read")
    rows = store.all("SELECT * FROM workflow_runs WHERE repository_id = ? ORDER BY id DESC", place.repository["id"])
    lines = [
        fill("<tr><td class='state'>{state}</td>"
             "<td>{title} <span class='muted'>#{number} on {branch}, {when}</span></td></tr>",
             state=pill(row["conclusion"] or row["status"]), number=row["run_number"], branch=row["head_branch"],
             title=link(f"{place.url}/actions/runs/{row['id']}", row["display_title"]), when=row["created_at"])
        for row in rows
    ]  # fmt: skip
    return _list(place, "Workflow runs", lines)


def _issue_line(place: Place, issue: Row, path: str) -> Html:
    """A line of a list."""
    merged = place.store.value("SELECT merged_at FROM pulls WHERE issue_id = ?", issue["id"])
    sql = "SELECT l.* FROM labels l JOIN issue_labels i ON i.label_id = l.id WHERE i.issue_id = ? ORDER BY l.name"
    labels = joined(label(row["name"], row["color"]) for row in place.store.all(sql, issue["id"]))
    return fill(
        "<tr><td class='state'>{state}</td><td>{title} {labels}<span class='muted'>#{number} by {who}</span></td></tr>",
        state=pill("merged" if merged else issue["state"]), number=issue["number"], who=place.login(issue["user_id"]),
        title=link(f"{place.url}/{path}/{issue['number']}", issue["title"]), labels=labels,
    )  # fmt: skip


def _list(place: Place, title: str, lines: list[Html]) -> web.Response:
    """A page with a list."""
    shown = joined(lines) or Html("<tr><td>None yet.</td></tr>")
    body = fill('<h1>{title}</h1><div class="box"><table>{lines}</table></div>', title=title, lines=shown)
    return page(f"{title} · {place.name}", body, trail=place.trail)

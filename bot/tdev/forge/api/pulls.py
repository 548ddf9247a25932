"""Pull requests: their document, opening, listing, reading and changing one.

Follows "REST API endpoints for pull requests". Head and base are branches of one repository; a head may
be another pull request's base. Goes out: `pull-request` documents, in lists the short ones, and as
diff or patch where the Accept header asks for it. Each change tells `pull_request`. Forks, automatic
merging, milestones, teams and the conversion of an issue into a pull request are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tdev.forge.answers import Answer, ApiError, forbidden, invalid, not_found
from tdev.forge.api.accounts import association, user_document, user_or_none
from tdev.forge.api.assignees import assignees_of
from tdev.forge.api.conversations import LONGEST_TITLE, app_of, check_text, has_role
from tdev.forge.api.labels import labels_of
from tdev.forge.api.repositories import api_url, html_url, repository_document
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.git import diff
from tdev.forge.pulls.mergeability import assess
from tdev.forge.pulls.rows import SELECT, open_pulls, pull_by_issue, pull_by_number, requested_reviewer_ids
from tdev.forge.store import Json, Row, Store, next_number, repository_by_id, user_by_id

_BRANCHES = "refs/heads/"
_ORDERS = {
    "created": "i.created_at",
    "updated": "i.updated_at",
    "popularity": "comments",
    "long-running": "i.created_at",
}
_COMMENTS = "(SELECT count(*) FROM comments c WHERE c.issue_id = i.id)"
_REPOSITORY_FLAGS = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge", "delete_branch_on_merge")


def pull_document(store: Store, issue: Row) -> Json:
    """A pull request as its own page and events show it (`pull-request`); comes from its issue's row."""
    pull = pull_by_issue(store, issue["id"])
    repository = repository_by_id(store, pull["repository_id"])
    found = assess(store, pull)
    size = diff.counts(store.git(repository), pull["base_sha"], pull["head_sha"])
    return {
        **_document(store, repository, pull),
        "merged": pull["merged_at"] is not None,
        "mergeable": found.mergeable,
        "rebaseable": found.mergeable,
        "mergeable_state": found.state,
        "merged_by": user_or_none(store, pull["merged_by"]),
        "comments": store.value("SELECT count(*) FROM comments WHERE issue_id = ?", pull["id"]),
        "review_comments": 0,
        "maintainer_can_modify": bool(pull["maintainer_can_modify"]),
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.files,
    }


def simple_pull(store: Store, issue: Row) -> Json:
    """A pull request as lists show it (`pull-request-simple`)."""
    pull = pull_by_issue(store, issue["id"])
    return _document(store, repository_by_id(store, pull["repository_id"]), pull)


def minimal_pull(store: Store, pull: Row) -> Json:
    """A pull request as check runs show it (`pull-request-minimal`)."""
    repository = repository_by_id(store, pull["repository_id"])
    url = api_url(store, repository)
    short = {"id": repository["id"], "url": url, "name": repository["name"]}
    sides = {side: {"ref": pull[f"{side}_ref"], "sha": pull[f"{side}_sha"], "repo": short} for side in ("head", "base")}
    return {"id": pull["id"], "number": pull["number"], "url": f"{url}/pulls/{pull['number']}", **sides}


def _document(store: Store, repository: Row, pull: Row) -> Json:
    """What long and short documents share."""
    page = f"{html_url(store, repository)}/pull/{pull['number']}"
    assignees = assignees_of(store, pull["id"])
    reviewers = requested_reviewer_ids(store, pull["id"])
    addresses = _addresses(api_url(store, repository), pull)
    links = {name: {"href": addresses[f"{name}_url"]} for name in _LINKED}
    return {
        "url": addresses["self_url"],
        "id": pull["id"],
        "node_id": f"PR_forge{pull['id']}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{name: url for name, url in addresses.items() if name != "self_url"},
        **{name: pull[name] for name in ("number", "state", "title", "body", *_TIMES)},
        "locked": bool(pull["locked"]),
        "active_lock_reason": pull["lock_reason"],
        "user": user_or_none(store, pull["user_id"]),
        "author_association": association(store, repository, pull["user_id"]),
        "labels": labels_of(store, pull["id"]),
        "milestone": None,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [user_document(store, user_by_id(store, number)) for number in reviewers],
        "requested_teams": [],
        "draft": bool(pull["draft"]),
        "auto_merge": None,
        "merge_commit_sha": pull["merge_commit_sha"],
        "head": _side(store, repository, pull["head_ref"], pull["head_sha"]),
        "base": _side(store, repository, pull["base_ref"], pull["base_sha"]),
        "_links": {"self": {"href": addresses["self_url"]}, "html": {"href": page}, **links},
    }


_TIMES = ("created_at", "updated_at", "closed_at", "merged_at")
_LINKED = ("issue", "comments", "review_comments", "review_comment", "commits", "statuses")


def _addresses(home: str, pull: Row) -> dict[str, str]:
    """The addresses a pull request names in the REST API."""
    url, issue = f"{home}/pulls/{pull['number']}", f"{home}/issues/{pull['number']}"
    return {
        "self_url": url,
        "issue_url": issue,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{home}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{home}/statuses/{pull['head_sha']}",
    }


def _side(store: Store, repository: Row, ref: str, sha: str) -> Json:
    """Head or base."""
    owner = user_by_id(store, repository["owner_id"])
    flags = {name: bool(repository[name]) for name in _REPOSITORY_FLAGS}
    document = {**repository_document(store, repository), **flags, "allow_auto_merge": False}
    user = user_document(store, owner)
    return {"label": f"{owner['login']}:{ref}", "ref": ref, "sha": sha, "user": user, "repo": document}


def pull_of(call: Call) -> Row:
    """The pull request of the path; 404 where there is none."""
    row = pull_by_number(call.store, call.repository["id"], call.number("pull_number"))
    if row is None:
        raise not_found()
    return row


def tell(call: Call, issue_id: int, action: str, more: Json | None = None) -> None:
    """Queue `pull_request.<action>`."""
    row = pull_by_issue(call.store, issue_id)
    payload = {"number": row["number"], "pull_request": pull_document(call.store, row), **(more or {})}
    emit(call.store, call.repository, "pull_request", action, payload, sender_id=call.actor.user_id)


def _branch(call: Call, name: str) -> tuple[str, str]:
    """The branch that `head` or `base` names, without the owner before a colon, and its commit; 422 for none."""
    word = call.text(name, resource="PullRequest")
    owner, colon, branch = word.rpartition(":")
    login = user_by_id(call.store, call.repository["owner_id"])["login"]
    if (colon and (name == "base" or owner.lower() != login.lower())) or not branch:
        raise invalid("PullRequest", name)
    sha = call.git.commit_of(f"{_BRANCHES}{branch}")
    if not sha:
        raise invalid("PullRequest", name)
    return branch, sha


def _custom(message: str) -> ApiError:
    """422 for a pull request that can't be."""
    entry = {"resource": "PullRequest", "code": "custom", "message": message}
    return ApiError(422, "Validation Failed", errors=[entry])


def _check_new(call: Call, head: str, head_sha: str, base: str, base_sha: str) -> None:
    """422 unless head has commits that base lacks and no open pull request has the two."""
    parted = diff.merge_base(call.git, base_sha, head_sha)
    if parted == head_sha:
        raise _custom(f"No commits between {base} and {head}")
    if not parted:
        raise _custom(f"The {head} branch has no history in common with {base}")
    if any(row["base_ref"] == base for row in open_pulls(call.store, call.repository["id"], "head_ref", head)):
        login = user_by_id(call.store, call.repository["owner_id"])["login"]
        raise _custom(f"A pull request already exists for {login}:{head}.")


def _title(call: Call) -> str:
    """The title; 422 where it is blank or too long."""
    title = check_text("PullRequest", "title", call.text("title", resource="PullRequest").strip(), LONGEST_TITLE)
    if not title:
        raise invalid("PullRequest", "title", "missing_field")
    return title


def _body(call: Call) -> str | None:
    """The text; None for none."""
    return check_text("PullRequest", "body", call.text("body", resource="PullRequest", default="")) or None


async def create_pull(call: Call) -> Answer:
    """Open a pull request from one branch into another."""
    title, body = _title(call), _body(call)
    (head, head_sha), (base, base_sha) = _branch(call, "head"), _branch(call, "base")
    _check_new(call, head, head_sha, base, base_sha)
    draft = call.flag("draft", resource="PullRequest")
    modify = call.flag("maintainer_can_modify", resource="PullRequest")
    store, repository, now = call.store, call.repository, call.store.now()
    with store.transaction():
        number = next_number(store, repository["id"])
        issue_id = store.insert(
            "issues", repository_id=repository["id"], number=number, title=title, body=body, user_id=call.user["id"],
            app_id=app_of(call), created_at=now, updated_at=now,
        )  # fmt: skip
        store.insert(
            "pulls", issue_id=issue_id, repository_id=repository["id"], head_ref=head, head_sha=head_sha, base_ref=base,
            base_sha=base_sha, draft=int(draft), maintainer_can_modify=int(modify),
        )  # fmt: skip
        call.git.run("update-ref", f"refs/pull/{number}/head", head_sha)
        tell(call, issue_id, "opened")
    document = pull_document(store, pull_by_issue(store, issue_id))
    return Answer(document, 201, headers={"Location": document["url"]})


async def list_of_commit(call: Call) -> Answer:
    """The open and merged pull requests that a commit belongs to."""
    git, sha = call.git, call.git.commit_of(call.path["commit_sha"])
    if not sha:
        raise ApiError(422, f"No commit found for SHA: {call.path['commit_sha']}")
    sql = f"{SELECT} WHERE i.repository_id = ? AND (i.state = 'open' OR p.merged_at IS NOT NULL) ORDER BY i.id DESC"
    rows = [
        row
        for row in call.store.all(sql, call.repository["id"])
        if row["merge_commit_sha"] == sha
        or (diff.is_ancestor(git, sha, row["head_sha"]) and not diff.is_ancestor(git, sha, row["base_sha"]))
    ]
    return call.page(rows, lambda row: simple_pull(call.store, row))


async def list_pulls(call: Call) -> Answer:
    """Pull requests by state, head and base."""
    query = call.query
    conditions, values = ["i.repository_id = ?"], [call.repository["id"]]
    state = query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("PullRequest", "state")
    if state != "all":
        conditions.append("i.state = ?")
        values.append(state)
    if head := query.get("head"):
        owner, colon, branch = head.partition(":")
        login = user_by_id(call.store, call.repository["owner_id"])["login"]
        if colon:
            conditions.append("p.head_ref = ?" if owner.lower() == login.lower() else "p.head_ref = ? AND 0")
            values.append(branch)
    if base := query.get("base"):
        conditions.append("p.base_ref = ?")
        values.append(base)
    sort = query.get("sort", "created")
    direction = query.get("direction", "desc" if sort == "created" else "asc").lower()
    if sort not in _ORDERS or direction not in ("asc", "desc"):
        raise invalid("PullRequest", "sort" if sort not in _ORDERS else "direction")
    column = _COMMENTS if sort == "popularity" else _ORDERS[sort]
    rows = call.store.all(
        f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY {column} {direction}, i.id {direction}", *values
    )
    return call.page(rows, lambda row: simple_pull(call.store, row))


_MEDIA: dict[str, Callable[[Any, str, str], str]] = {"diff": diff.unified, "patch": diff.mailbox}


async def get_pull(call: Call) -> Answer:
    """A pull request; its diff or its commits where the Accept header asks for `diff` or `patch`."""
    pull = pull_of(call)
    for word, make in _MEDIA.items():
        if f"vnd.github.{word}" in call.accept or f"vnd.github.v3.{word}" in call.accept:
            text = make(call.git, pull["base_sha"], pull["head_sha"])
            return Answer(text, media_type=f"application/vnd.github.v3.{word}; charset=utf-8")
    return Answer(pull_document(call.store, pull))


async def update_pull(call: Call) -> Answer:
    """Change title, text, base branch or state."""
    pull = pull_of(call)
    if pull["user_id"] != call.actor.user_id and not has_role(call, "write"):
        raise forbidden("Must have admin rights to Repository.")
    changes: Json = {}
    columns: dict[str, object] = {}
    if "title" in call.document and (title := _title(call)) != pull["title"]:
        columns["title"], changes["title"] = title, {"from": pull["title"]}
    if "body" in call.document and (body := _body(call)) != pull["body"]:
        columns["body"], changes["body"] = body, {"from": pull["body"] or ""}
    base = _new_base(call, pull)
    state = _new_state(call, pull)
    now = call.store.now()
    with call.store.transaction():
        call.store.update("issues", pull["id"], updated_at=now, **columns)
        if base:
            changes["base"] = {"ref": {"from": pull["base_ref"]}, "sha": {"from": pull["base_sha"]}}
            call.store.run("UPDATE pulls SET base_ref = ?, base_sha = ? WHERE issue_id = ?", *base, pull["id"])
        if changes:
            tell(call, pull["id"], "edited", {"changes": changes})
        if state:
            _set_state(call, pull, state, now)
    return Answer(pull_document(call.store, pull_by_issue(call.store, pull["id"])))


def _new_base(call: Call, pull: Row) -> tuple[str, str] | None:
    """The branch to move to, and its commit; None where it stays."""
    if "base" not in call.document or call.document["base"] == pull["base_ref"]:
        return None
    base, sha = _branch(call, "base")
    if pull["state"] != "open":
        raise _custom("Cannot change the base branch of a closed pull request.")
    _check_new(call, pull["head_ref"], pull["head_sha"], base, sha)
    return base, sha


def _new_state(call: Call, pull: Row) -> str:
    """The state to change to; empty where it stays."""
    state = call.document.get("state", pull["state"])
    if state not in ("open", "closed"):
        raise invalid("PullRequest", "state")
    if state == pull["state"]:
        return ""
    if state == "open":
        if pull["merged_at"]:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The pull request is merged.")
        head, base = _tips(call, pull)
        for side, sha in (("head_ref", head), ("base_ref", base)):
            if not sha:
                message = f"state cannot be changed. The {pull[side]} branch has been deleted."
                raise invalid("PullRequest", "state", "invalid", message)
        _check_new(call, pull["head_ref"], head, pull["base_ref"], base)
    return str(state)


def _tips(call: Call, pull: Row) -> tuple[str, str]:
    """The commits the head and the base branch are at; empty where a branch is gone."""
    git = call.git
    return git.commit_of(f"{_BRANCHES}{pull['head_ref']}"), git.commit_of(f"{_BRANCHES}{pull['base_ref']}")


def _set_state(call: Call, pull: Row, state: str, now: str) -> None:
    """Close or reopen; a branch that moved meanwhile is where it is now."""
    closed = state == "closed"
    call.store.update(
        "issues", pull["id"], state=state, closed_at=now if closed else None,
        closed_by=call.actor.user_id if closed else None,
    )  # fmt: skip
    if not closed:
        head, base = _tips(call, pull)
        call.git.run("update-ref", f"refs/pull/{pull['number']}/head", head)
        call.store.run("UPDATE pulls SET head_sha = ?, base_sha = ? WHERE issue_id = ?", head, base, pull["id"])
    tell(call, pull["id"], "closed" if closed else "reopened")


_PULLS = "/repos/{owner}/{repo}/pulls"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _PULLS, "pull_requests:read", list_pulls),
    ("POST", _PULLS, "pull_requests:write", create_pull),
    ("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", "pull_requests:read", list_of_commit),
    ("GET", f"{_PULLS}/{{pull_number}}", "pull_requests:read", get_pull),
    ("PATCH", f"{_PULLS}/{{pull_number}}", "pull_requests:open", update_pull),
)
"""Every row."""

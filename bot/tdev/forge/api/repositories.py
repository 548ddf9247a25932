"""Repositories: their document, making, reading and changing one.

Follows "REST API endpoints for repositories". Goes out: GitHub's repository documents (the short one
and the full one). A repository is made with `auto_init` or empty; templates, forks, transfers, topics
and deletion are left out.
"""

from __future__ import annotations

from typing import Any

from tdev.errors import Refused
from tdev.forge.answers import Answer, forbidden, invalid
from tdev.forge.api.accounts import user_document
from tdev.forge.call import ROLES, Call, Handler, role_of
from tdev.forge.git.commits import Person, first_commit
from tdev.forge.store import Json, Row, Store, add_repository, repository_by_id, user_by_id

_URLS = {
    "archive_url": "{archive_format}{/ref}",
    "assignees_url": "assignees{/user}",
    "blobs_url": "git/blobs{/sha}",
    "branches_url": "branches{/branch}",
    "collaborators_url": "collaborators{/collaborator}",
    "comments_url": "comments{/number}",
    "commits_url": "commits{/sha}",
    "compare_url": "compare/{base}...{head}",
    "contents_url": "contents/{+path}",
    "contributors_url": "contributors",
    "deployments_url": "deployments",
    "downloads_url": "downloads",
    "events_url": "events",
    "forks_url": "forks",
    "git_commits_url": "git/commits{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "hooks_url": "hooks",
    "issue_comment_url": "issues/comments{/number}",
    "issue_events_url": "issues/events{/number}",
    "issues_url": "issues{/number}",
    "keys_url": "keys{/key_id}",
    "labels_url": "labels{/name}",
    "languages_url": "languages",
    "merges_url": "merges",
    "milestones_url": "milestones{/number}",
    "notifications_url": "notifications{?since,all,participating}",
    "pulls_url": "pulls{/number}",
    "releases_url": "releases{/id}",
    "stargazers_url": "stargazers",
    "statuses_url": "statuses/{sha}",
    "subscribers_url": "subscribers",
    "subscription_url": "subscription",
    "tags_url": "tags",
    "teams_url": "teams",
    "trees_url": "git/trees{/sha}",
}
_CHANGEABLE = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge", "delete_branch_on_merge", "private")


def full_name(store: Store, repository: Row) -> str:
    """owner/name."""
    return f"{user_by_id(store, repository['owner_id'])['login']}/{repository['name']}"


def api_url(store: Store, repository: Row) -> str:
    """The repository's address in the REST API."""
    return f"{store.api_url}/repos/{full_name(store, repository)}"


def html_url(store: Store, repository: Row) -> str:
    """The repository's page."""
    return f"{store.base_url}/{full_name(store, repository)}"


def short_repository(store: Store, repository: Row) -> Json:
    """The document that lists and other documents hold (`minimal-repository`)."""
    owner = user_by_id(store, repository["owner_id"])
    url = api_url(store, repository)
    return {
        "id": repository["id"],
        "node_id": f"R_forge{repository['id']}",
        "name": repository["name"],
        "full_name": full_name(store, repository),
        "private": bool(repository["private"]),
        "owner": user_document(store, owner),
        "html_url": html_url(store, repository),
        "description": repository["description"],
        "fork": False,
        "url": url,
        **{name: f"{url}/{tail}" for name, tail in _URLS.items()},
    }


def repository_document(store: Store, repository: Row) -> Json:
    """The document without what only its own page shows (`repository`); events carry it too."""
    page = html_url(store, repository)
    host = page.split("://", 1)[1]
    sql = "SELECT count(*) FROM issues WHERE repository_id = ? AND state = 'open'"
    open_issues = store.value(sql, repository["id"])
    return {
        **short_repository(store, repository),
        **{f"{name}_at": repository[f"{name}_at"] for name in ("created", "updated", "pushed")},
        "git_url": f"git://{host}.git",
        "ssh_url": f"ssh://git@{host}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size"), 0),
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "default_branch": repository["default_branch"],
        "visibility": "private" if repository["private"] else "public",
        "topics": [],
        **dict.fromkeys(("has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions"), False),
        "has_issues": True,
        **dict.fromkeys(("archived", "disabled", "is_template", "web_commit_signoff_required"), False),
        "allow_forking": True,
    }


def full_repository(call: Call, repository: Row) -> Json:
    """The document of a repository's own page (`full-repository`)."""
    document = {**repository_document(call.store, repository), "subscribers_count": 0, "network_count": 0}
    if call.actor.kind == "user":
        level = ROLES.index(role_of(call.store, repository, call.actor.user_id))
        names = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
        document["permissions"] = {name: level >= ROLES.index(role) for name, role in names.items()}
    merging = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge", "delete_branch_on_merge")
    return {
        **document,
        **{name: bool(repository[name]) for name in merging},
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "use_squash_pr_title_as_default": False,
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE",
        "merge_commit_message": "PR_TITLE",
    }


async def get_repository(call: Call) -> Answer:
    """A repository."""
    return Answer(full_repository(call, call.repository))


async def update_repository(call: Call) -> Answer:
    """Change description, default branch, visibility and the merge methods that are allowed."""
    changes: dict[str, Any] = {
        name: int(call.flag(name, resource="Repository")) for name in _CHANGEABLE if name in call.document
    }
    if "description" in call.document:
        changes["description"] = call.text("description", resource="Repository", default="") or None
    if "default_branch" in call.document:
        branch = call.text("default_branch", resource="Repository")
        if not call.git.commit_of(f"refs/heads/{branch}"):
            raise invalid("Repository", "default_branch", message=f"The branch {branch} was not found.")
        call.git.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        changes["default_branch"] = branch
    merging = {name: changes.get(name, call.repository[name]) for name in _CHANGEABLE[:3]}
    if not any(merging.values()):
        why = "Sorry, you need to allow at least one merge strategy."
        raise invalid("Repository", "merge_commit_allowed", message=why)
    call.store.update("repositories", call.repository["id"], updated_at=call.store.now(), **changes)
    return Answer(full_repository(call, repository_by_id(call.store, call.repository["id"])))


async def create_for_user(call: Call) -> Answer:
    """Make a repository of the user's own."""
    if call.actor.kind != "user":
        raise forbidden()
    name = call.text("name", resource="Repository")
    if not name or not all(letter.isalnum() or letter in "-_." for letter in name) or name.endswith(".git"):
        raise invalid("Repository", "name")
    try:
        row = add_repository(
            call.store,
            call.user,
            name,
            private=call.flag("private", resource="Repository"),
            description=call.text("description", resource="Repository", default=""),
        )
    except Refused as error:
        raise invalid("Repository", "name", "custom", "name already exists on this account") from error
    if call.flag("auto_init", resource="Repository"):
        who = Person.of(call.user, call.store.clock())
        first_commit(call.store.git(row), row["default_branch"], {"README.md": f"# {name}\n"}, "Initial commit", who)
    return Answer(full_repository(call, row), 201)


async def list_for_installation(call: Call) -> Answer:
    """The repositories an installation token reaches."""
    if call.actor.kind != "installation":
        raise forbidden("You must authenticate with an installation access token in order to list repositories.")
    rows = [repository_by_id(call.store, number) for number in sorted(call.actor.repository_ids)]
    sql = "SELECT repository_selection FROM installations WHERE id = ?"
    selection = call.store.value(sql, call.actor.installation_id)
    return call.page(
        rows,
        lambda row: repository_document(call.store, row),
        wrap="repositories",
        more={"repository_selection": selection},
    )


async def list_for_user(call: Call) -> Answer:
    """The repositories a user owns or has a role in."""
    if call.actor.kind != "user":
        raise forbidden()
    rows = call.store.all(
        "SELECT * FROM repositories r WHERE owner_id = ? OR EXISTS "
        "(SELECT 1 FROM collaborators c WHERE c.repository_id = r.id AND c.user_id = ?) ORDER BY id",
        call.actor.user_id,
        call.actor.user_id,
    )
    return call.page(rows, lambda row: repository_document(call.store, row))


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/repos/{owner}/{repo}", "metadata:read", get_repository),
    ("PATCH", "/repos/{owner}/{repo}", "administration:write", update_repository),
    ("GET", "/user/repos", "", list_for_user),
    ("POST", "/user/repos", "", create_for_user),
    ("GET", "/installation/repositories", "", list_for_installation),
)
"""Rows for forge/routes.py."""

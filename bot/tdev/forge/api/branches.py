"""Branches and tags of a repository.

Follows "REST API endpoints for branches". A branch says whether protection is set for it; what the protection
asks for is at its own address. Renaming, merging of branches and merge queues are left out.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import quote

from tdev.forge.answers import Answer, ApiError
from tdev.forge.api.commits import commit_document
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.git.commits import read_commit
from tdev.forge.store import Json


def _named(call: Call, folder: str) -> list[tuple[str, str]]:
    """(short name, commit) of the references in `heads` or `tags`."""
    form = "--format=%(refname)%00%(objectname)%00%(*objectname)"
    rows = [line.split("\0") for line in call.git.text("for-each-ref", form, f"refs/{folder}").splitlines()]
    return [(name.removeprefix(f"refs/{folder}/"), peeled or sha) for name, sha, peeled in rows]


def _protection(call: Call, branch: str) -> Json:
    """The fields that say how a branch is protected."""
    sql = "SELECT document FROM protections WHERE repository_id = ? AND branch = ?"
    text = call.store.value(sql, call.repository["id"], branch)
    checks = (json.loads(text).get("required_status_checks") or {}) if text else {}
    listed = checks.get("checks") or [{"context": name, "app_id": None} for name in checks.get("contexts") or []]
    level = ("everyone" if json.loads(text).get("enforce_admins") else "non_admins") if checks else "off"
    required = {
        "enforcement_level": level,
        "contexts": [each["context"] for each in listed],
        "checks": [{"context": each["context"], "app_id": each.get("app_id")} for each in listed],
    }
    return {
        "protected": text is not None,
        "protection": {"enabled": text is not None, "required_status_checks": required},
        "protection_url": f"{api_url(call.store, call.repository)}/branches/{quote(branch)}/protection",
    }


async def list_branches(call: Call) -> Answer:
    """Every branch, or the protected ones alone."""
    url = api_url(call.store, call.repository)
    rows = [
        {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, **_protection(call, name)}
        for name, sha in _named(call, "heads")
    ]
    wanted = call.query.get("protected")
    if wanted in ("true", "false"):
        rows = [row for row in rows if row["protected"] == (wanted == "true")]
    return call.page(rows, lambda row: row)


async def get_branch(call: Call) -> Answer:
    """A branch with its last commit."""
    name = call.path["branch"]
    sha = dict(_named(call, "heads")).get(name)
    if sha is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "Branch not found")
    url = f"{api_url(call.store, call.repository)}/branches/{quote(name)}"
    page = f"{html_url(call.store, call.repository)}/tree/{quote(name)}"
    return Answer(
        {
            "name": name,
            "commit": commit_document(call.store, call.repository, read_commit(call.git, sha)),
            "_links": {"self": url, "html": page},
            **_protection(call, name),
        }
    )


async def list_tags(call: Call) -> Answer:
    """Every tag, the last name first."""
    url = api_url(call.store, call.repository)

    def document(row: tuple[str, str]) -> Json:
        name, sha = row
        return {
            "name": name,
            "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
            "zipball_url": f"{url}/zipball/refs/tags/{quote(name)}",
            "tarball_url": f"{url}/tarball/refs/tags/{quote(name)}",
            "node_id": f"REF_forge{call.repository['id']}:refs/tags/{name}",
        }

    return call.page(_named(call, "tags")[::-1], document)


_BRANCHES = "/repos/{owner}/{repo}/branches"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _BRANCHES, "contents:read", list_branches),
    ("GET", f"{_BRANCHES}/{{branch}}", "contents:read", get_branch),
    ("GET", "/repos/{owner}/{repo}/tags", "contents:read", list_tags),
)
"""Rows for forge/routes.py."""

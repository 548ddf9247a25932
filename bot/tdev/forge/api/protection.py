"""Classic branch protection.

Follows "REST API endpoints for protected branches", as a whole: the parts of a protection have no address
of their own here. It binds pushes and merges like the rules of rulesets. What can't be enforced (code
owners, approval of the last push, resolved conversations, teams, who may dismiss or bypass reviews) is refused.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from tdev.forge.answers import Answer, ApiError
from tdev.forge.api.accounts import user_document
from tdev.forge.api.apps import app_document
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.git.branch_rules import BRANCHES, protection_of
from tdev.forge.store import Json, Row, Store, user_by_login

_NEEDED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
_SWITCHES = ("required_linear_history", "allow_force_pushes", "allow_deletions", "lock_branch")
_OFF = ("block_creations", "required_conversation_resolution", "allow_fork_syncing")
_REVIEWS_OFF = ("require_code_owner_reviews", "require_last_push_approval")
_ALLOWANCES = ("dismissal_restrictions", "bypass_pull_request_allowances")
_MOST_APPROVALS = 6
_UNPROCESSABLE = 422


def _wrong(message: str) -> ApiError:
    """422 with a sentence."""
    return ApiError(_UNPROCESSABLE, "Invalid request.\n\n" + message)


def _flag(document: Json, name: str) -> bool:
    """A switch; null is off."""
    value = document.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong(f"For 'properties/{name}', {json.dumps(value)} is not a boolean.")
    return bool(value)


def _checks(given: object) -> Json | None:
    """required_status_checks of the body."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _wrong("required_status_checks is not an object.")
    contexts, checks = given.get("contexts") or [], given.get("checks") or []
    texts = isinstance(contexts, list) and all(isinstance(each, str) for each in contexts)
    named = isinstance(checks, list) and all(isinstance(each, dict) and each.get("context") for each in checks)
    if not texts or not named:
        raise _wrong("contexts or checks are not lists of checks.")
    listed = {str(each["context"]): _app_id(each) for each in checks}
    kept = [{"context": name, "app_id": number} for name, number in listed.items()]
    kept += [{"context": name, "app_id": None} for name in contexts if name not in listed]
    return {"strict": _flag(given, "strict"), "contexts": [each["context"] for each in kept], "checks": kept}


def _app_id(check: Json) -> int | None:
    """The App a check must come from; None for any."""
    number = check.get("app_id")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise _wrong("app_id is not an integer.")
    return number if number and number > 0 else None


def _reviews(given: object) -> Json | None:
    """required_pull_request_reviews of the body."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _wrong("required_pull_request_reviews is not an object.")
    for name in _REVIEWS_OFF:
        if _flag(given, name):
            raise _wrong(f"{name} is not supported.")
    for name in _ALLOWANCES:
        if any((given.get(name) or {}).values()):
            raise _wrong(f"{name} is not supported.")
    number = given.get("required_approving_review_count", 1)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _MOST_APPROVALS:
        raise _wrong(f"required_approving_review_count must be 0 to {_MOST_APPROVALS}.")
    stale = _flag(given, "dismiss_stale_reviews")
    return {"dismiss_stale_reviews": stale, "required_approving_review_count": number}


def _restrictions(call: Call, given: object) -> Json | None:
    """Restrictions of the body: logins of accounts and slugs of Apps that exist."""
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("teams"):
        raise _wrong("Only users and apps are supported in restrictions.")
    users, apps = given.get("users") or [], given.get("apps") or []
    known = all(isinstance(login, str) and user_by_login(call.store, login) is not None for login in users)
    slugs = "SELECT 1 FROM apps WHERE slug = ?"
    if not known or not all(isinstance(slug, str) and call.store.value(slugs, slug) for slug in apps):
        raise _wrong("A user or App in restrictions does not exist.")
    return {"users": users, "apps": apps}


async def set_protection(call: Call) -> Answer:
    """Protect a branch; the whole protection is replaced."""
    branch, given = _branch(call), call.document
    absent = [name for name in _NEEDED if name not in given]
    if absent:
        raise _wrong("\n".join(f'"{name}" wasn\'t supplied.' for name in absent))
    for name in _OFF:
        if _flag(given, name):
            raise _wrong(f"{name} is not supported.")
    document = {
        "required_status_checks": _checks(given["required_status_checks"]),
        "enforce_admins": _flag(given, "enforce_admins"),
        "required_pull_request_reviews": _reviews(given["required_pull_request_reviews"]),
        "restrictions": _restrictions(call, given["restrictions"]),
        **{name: _flag(given, name) for name in _SWITCHES},
    }
    sql = "INSERT OR REPLACE INTO protections VALUES (?, ?, ?)"
    call.store.run(sql, call.repository["id"], branch, json.dumps(document))
    return Answer(_document(call, branch, document))


def _branch(call: Call) -> str:
    """The branch of the path; 404 where there is none."""
    branch = call.path["branch"]
    if not call.git.commit_of(f"{BRANCHES}{branch}"):
        raise ApiError(404, "Branch not found")
    return branch


def _found(call: Call) -> tuple[str, Json]:
    """The branch of the path and its protection; 404 where it has none."""
    branch = _branch(call)
    document = protection_of(call.store, call.repository, branch)
    if document is None:
        raise ApiError(404, "Branch not protected")
    return branch, document


async def get_protection(call: Call) -> Answer:
    """The protection of a branch."""
    return Answer(_document(call, *_found(call)))


async def remove_protection(call: Call) -> Answer:
    """Take the protection away."""
    branch, _ = _found(call)
    sql = "DELETE FROM protections WHERE repository_id = ? AND branch = ?"
    call.store.run(sql, call.repository["id"], branch)
    return Answer(status=204)


def _document(call: Call, branch: str, kept: Json) -> Json:
    """The protection as GitHub shows it (`branch-protection`)."""
    url = f"{api_url(call.store, call.repository)}/branches/{quote(branch)}/protection"
    document: Json = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(kept.get("enforce_admins"))},
        **{name: {"enabled": bool(kept.get(name))} for name in _SWITCHES},
        **{name: {"enabled": False} for name in _OFF},
    }
    if checks := kept.get("required_status_checks"):
        address = f"{url}/required_status_checks"
        listed = checks.get("checks") or [{"context": name, "app_id": None} for name in checks.get("contexts") or []]
        document["required_status_checks"] = {
            "url": address,
            "contexts_url": f"{address}/contexts",
            "strict": bool(checks.get("strict")),
            "contexts": [each["context"] for each in listed],
            "checks": [{"context": each["context"], "app_id": each.get("app_id")} for each in listed],
        }
    if reviews := kept.get("required_pull_request_reviews"):
        document["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "required_approving_review_count": reviews.get("required_approving_review_count", 1),
            **dict.fromkeys(_REVIEWS_OFF, False),
        }
    if restrictions := kept.get("restrictions"):
        document["restrictions"] = _shown_restrictions(call.store, f"{url}/restrictions", restrictions)
    return document


def _shown_restrictions(store: Store, url: str, kept: Json) -> Json:
    """Restrictions with the documents of accounts and Apps."""
    users = [user_by_login(store, login) for login in kept.get("users") or []]
    apps: list[Row | None] = [store.one("SELECT * FROM apps WHERE slug = ?", slug) for slug in kept.get("apps") or []]
    return {
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in ("users", "teams", "apps")},
        "users": [user_document(store, row) for row in users if row is not None],
        "teams": [],
        "apps": [app_document(store, row) for row in apps if row is not None],
    }


_PROTECTION = "/repos/{owner}/{repo}/branches/{branch}/protection"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _PROTECTION, "administration:read", get_protection),
    ("PUT", _PROTECTION, "administration:write", set_protection),
    ("DELETE", _PROTECTION, "administration:write", remove_protection),
)
"""Every row."""

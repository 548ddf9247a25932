"""What branch protection and rulesets say about a push.

Follows "About protected branches" and "Available rules for rulesets". Comes in: the updates a push asks
for and who pushes. Goes out: Refusals, in GitHub's words (GH006 for protection, GH013 for rulesets).
Required status checks are looked up for the commit that is pushed: one that is green may be pushed.

Administrators pass protection unless `enforce_admins` is set; nobody passes a ruleset but its
bypass actors. Rules about signatures, commit messages and file paths are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tdev.forge.call import Actor, role_of
from tdev.forge.git_backend import LINE, NO_COMMIT, RefUpdate, Refusals
from tdev.forge.store import Json, Row, Store

_BRANCHES = "refs/heads/"
_BY_PULL_REQUEST = "Changes must be made through a pull request."


def refusals(store: Store, repository: Row, actor: Actor, updates: Sequence[RefUpdate]) -> Refusals:
    """What must be refused of a push, and which branches may only go forward."""
    refused: dict[str, str] = {}
    no_force: set[str] = set()
    rulesets = [row for row in _rulesets(store, repository) if not _bypasses(store, repository, actor, row)]
    for update in updates:
        protection = _protection(store, repository, actor, update.ref)
        rules = {
            rule["type"]: rule for row in rulesets if _applies(row, repository, update.ref) for rule in row["rules"]
        }
        why = _against_protection(store, repository, actor, update, protection) if protection is not None else []
        if why:
            head = f"GH006: Protected branch update failed for {update.ref}."
        else:
            why = _against_rules(store, repository, update, rules)
            head = f"GH013: Repository rule violations found for {update.ref}."
        if why:
            refused[update.ref] = LINE.join((head, *(f"- {line}" for line in why)))
        elif "non_fast_forward" in rules or (protection is not None and not _on(protection, "allow_force_pushes")):
            no_force.add(update.ref)
    return Refusals(refused, frozenset(no_force))


def _on(document: Json, name: str) -> bool:
    """A switch of a protection document, in the form it is set or the form it is shown."""
    value = document.get(name)
    return bool(value.get("enabled")) if isinstance(value, dict) and "enabled" in value else bool(value)


def _protection(store: Store, repository: Row, actor: Actor, ref: str) -> Json | None:
    """The protection that binds this actor on a branch."""
    text = store.value(
        "SELECT document FROM protections WHERE repository_id = ? AND branch = ?",
        repository["id"],
        ref.removeprefix(_BRANCHES),
    )
    if text is None or not ref.startswith(_BRANCHES):
        return None
    document: Json = json.loads(text)
    admin = actor.kind == "user" and role_of(store, repository, actor.user_id) == "admin"
    return None if admin and not _on(document, "enforce_admins") else document


def _against_protection(store: Store, repository: Row, actor: Actor, update: RefUpdate, protection: Json) -> list[str]:
    """Why protection refuses an update; empty when it does not."""
    if update.after == NO_COMMIT:
        return [] if _on(protection, "allow_deletions") else ["Cannot delete this branch"]
    if update.before == NO_COMMIT:
        return []
    why = []
    if protection.get("required_pull_request_reviews"):
        why.append(_BY_PULL_REQUEST)
    restrictions = protection.get("restrictions")
    if restrictions and not _listed(store, actor, restrictions):
        why.append("You're not authorized to push to this branch.")
    checks = protection.get("required_status_checks") or {}
    return why + _missing_checks(store, repository, update.after, _contexts(checks))


def _listed(store: Store, actor: Actor, restrictions: Json) -> bool:
    """The actor is among the users or Apps that may push."""
    login = store.value("SELECT login FROM users WHERE id = ?", actor.user_id)
    slug = store.value("SELECT slug FROM apps WHERE id = ?", actor.app_id)
    return login in _names(restrictions.get("users"), "login") or slug in _names(restrictions.get("apps"), "slug")


def _names(items: object, key: str) -> set[str]:
    """Names in a list that holds names or objects."""
    found = items if isinstance(items, list) else []
    return {str(item[key]) if isinstance(item, dict) else str(item) for item in found}


def _contexts(checks: Json) -> list[str]:
    """Names of the required checks."""
    named = [check["context"] for check in checks.get("checks") or []]
    return list(dict.fromkeys([*named, *(checks.get("contexts") or [])]))


def _missing_checks(store: Store, repository: Row, sha: str, contexts: Iterable[str]) -> list[str]:
    """One line for every required check that is not green on a commit."""
    return [
        f'Required status check "{name}" is expected.' for name in contexts if not _green(store, repository, sha, name)
    ]


def _green(store: Store, repository: Row, sha: str, name: str) -> bool:
    """The latest check run or status of this name is a success."""
    conclusion = store.value(
        "SELECT conclusion FROM check_runs WHERE repository_id = ? AND head_sha = ? AND name = ? ORDER BY id DESC",
        repository["id"], sha, name,
    )  # fmt: skip
    state = store.value(
        "SELECT state FROM statuses WHERE repository_id = ? AND sha = ? AND context = ? ORDER BY id DESC",
        repository["id"], sha, name,
    )  # fmt: skip
    return conclusion in ("success", "neutral", "skipped") or state == "success"


def _rulesets(store: Store, repository: Row) -> list[Json]:
    """The active rulesets of a repository, as documents."""
    rows = store.all(
        "SELECT target, document FROM rulesets WHERE repository_id = ? AND enforcement = 'active'", repository["id"]
    )
    return [{"rules": [], **json.loads(row["document"]), "target": row["target"]} for row in rows]


def _bypasses(store: Store, repository: Row, actor: Actor, ruleset: Json) -> bool:
    """The actor stands in the ruleset's bypass list for pushes."""
    role = role_of(store, repository, actor.user_id)
    for entry in ruleset.get("bypass_actors") or []:
        if entry.get("bypass_mode", "always") != "always":
            continue
        kind, number = entry.get("actor_type"), entry.get("actor_id")
        if kind == "Integration" and number == actor.app_id and actor.kind == "installation":
            return True
        if (
            kind == "RepositoryRole"
            and actor.kind == "user"
            and number == {"maintain": 2, "write": 4, "admin": 5}.get(role)
        ):
            return True
        if kind == "User" and number == actor.user_id:
            return True
    return False


def _applies(ruleset: Json, repository: Row, ref: str) -> bool:
    """The ruleset's conditions name the reference."""
    if ruleset["target"] != "branch" or not ref.startswith(_BRANCHES):
        return False
    names = (ruleset.get("conditions") or {}).get("ref_name") or {}
    default = _BRANCHES + repository["default_branch"]

    def fits(pattern: str) -> bool:
        return pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and ref == default) or fnmatchcase(ref, pattern)

    return any(map(fits, names.get("include") or [])) and not any(map(fits, names.get("exclude") or []))


def _against_rules(store: Store, repository: Row, update: RefUpdate, rules: dict[str, Json]) -> list[str]:
    """Why rules refuse an update; empty when they do not."""
    if update.after == NO_COMMIT:
        return ["Cannot delete this branch"] if "deletion" in rules else []
    if update.before == NO_COMMIT:
        return ["Cannot create ref due to creations being restricted."] if "creation" in rules else []
    why = []
    if "update" in rules:
        why.append("Cannot update this protected ref.")
    if "pull_request" in rules:
        why.append(_BY_PULL_REQUEST)
    wanted = rules.get("required_status_checks", {}).get("parameters", {}).get("required_status_checks") or []
    return why + _missing_checks(store, repository, update.after, [check["context"] for check in wanted])

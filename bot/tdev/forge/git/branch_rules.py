"""Which rules bind a reference: classic branch protection and rulesets in one form.

Follows "About protected branches" and "Available rules for rulesets". Comes in: a repository, a full
reference and, where somebody wants to change it, who. Goes out: Rules in the words of rulesets, each
with the place it comes from. Administrators pass protection unless `enforce_admins` is set; nobody
passes a ruleset but its bypass actors. Rulesets of organisations are left out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from tdev.forge.call import Actor, role_of
from tdev.forge.store import Json, Row, Store

BRANCHES, TAGS = "refs/heads/", "refs/tags/"
_ROLES = {"read": 1, "maintain": 2, "triage": 3, "write": 4, "admin": 5}


@dataclass(frozen=True)
class Rule:
    """One rule on a reference."""

    kind: str
    """`type` of a ruleset's rule, or `restrictions` of branch protection."""
    parameters: Json = field(default_factory=dict)
    ruleset_id: int = 0
    """0 where the rule comes from branch protection."""


@dataclass(frozen=True)
class RequiredCheck:
    """A check that must be green."""

    context: str
    """Name of a check run or context of a status."""
    app_id: int = 0
    """The App whose check run it must be; 0 for any source."""


def rules_on(
    store: Store, repository: Row, ref: str, actor: Actor | None = None, *, merging: bool = False
) -> tuple[Rule, ...]:
    """The rules that bind an actor on a reference; without an actor, all of them.

    `merging` says that it is changed by merging a pull request, which some actors may do past the rules.
    """
    rules = [*_of_protection(store, repository, ref, actor)]
    for ruleset in active_rulesets(store, repository):
        if applies(ruleset, repository, ref) and not (actor and _bypasses(store, repository, actor, ruleset, merging)):
            rules += [Rule(rule["type"], rule.get("parameters") or {}, ruleset["id"]) for rule in ruleset["rules"]]
    return tuple(rules)


def required_checks(rules: tuple[Rule, ...]) -> tuple[RequiredCheck, ...]:
    """The checks that rules ask for, each once."""
    wanted = [
        RequiredCheck(str(check["context"]), max(int(check.get("integration_id") or 0), 0))
        for rule in rules
        if rule.kind == "required_status_checks"
        for check in rule.parameters.get("required_status_checks") or []
    ]
    return tuple(dict.fromkeys(wanted))


def protection_of(store: Store, repository: Row, branch: str) -> Json | None:
    """The protection that was set for a branch, as it was set; None for none."""
    sql = "SELECT document FROM protections WHERE repository_id = ? AND branch = ?"
    text = store.value(sql, repository["id"], branch)
    document: Json | None = None if text is None else json.loads(text)
    return document


def is_on(document: Json, name: str) -> bool:
    """A switch of a protection document, in the form it is set or the form it is shown."""
    value = document.get(name)
    return bool(value.get("enabled")) if isinstance(value, dict) and "enabled" in value else bool(value)


def _of_protection(store: Store, repository: Row, ref: str, actor: Actor | None) -> list[Rule]:
    """Branch protection as rules."""
    document = protection_of(store, repository, ref.removeprefix(BRANCHES)) if ref.startswith(BRANCHES) else None
    if document is None or (actor and not is_on(document, "enforce_admins") and _is_admin(store, repository, actor)):
        return []
    switches = {
        "non_fast_forward": not is_on(document, "allow_force_pushes"),
        "deletion": not is_on(document, "allow_deletions"),
        "required_linear_history": is_on(document, "required_linear_history"),
        "update": is_on(document, "lock_branch"),
    }
    rules = [Rule(kind) for kind, on in switches.items() if on]
    if restrictions := document.get("restrictions"):
        rules.append(Rule("restrictions", restrictions))
    if reviews := document.get("required_pull_request_reviews"):
        rules.append(Rule("pull_request", _review_parameters(reviews)))
    if checks := document.get("required_status_checks"):
        rules.append(Rule("required_status_checks", _check_parameters(checks)))
    return rules


def _is_admin(store: Store, repository: Row, actor: Actor) -> bool:
    """A person who administers the repository."""
    return actor.kind == "user" and role_of(store, repository, actor.user_id) == "admin"


def _review_parameters(reviews: Json) -> Json:
    """`required_pull_request_reviews` in the words of rulesets."""
    return {
        "required_approving_review_count": int(reviews.get("required_approving_review_count", 1)),
        "dismiss_stale_reviews_on_push": bool(reviews.get("dismiss_stale_reviews")),
    }


def _check_parameters(checks: Json) -> Json:
    """`required_status_checks` in the words of rulesets."""
    named = {
        check["context"]: {"context": check["context"], "integration_id": check.get("app_id")}
        for check in checks.get("checks") or []
    }
    older = [{"context": name} for name in checks.get("contexts") or [] if name not in named]
    strict = bool(checks.get("strict"))
    return {"required_status_checks": [*named.values(), *older], "strict_required_status_checks_policy": strict}


def active_rulesets(store: Store, repository: Row) -> list[Json]:
    """The rulesets of a repository that are enforced, as documents with id, target and rules."""
    sql = "SELECT id, target, document FROM rulesets WHERE repository_id = ? AND enforcement = 'active' ORDER BY id"
    return [
        {"rules": [], **json.loads(row["document"]), "id": row["id"], "target": row["target"]}
        for row in store.all(sql, repository["id"])
    ]


def applies(ruleset: Json, repository: Row, ref: str) -> bool:
    """The ruleset's conditions name the reference."""
    if not ref.startswith({"branch": BRANCHES, "tag": TAGS}.get(ruleset["target"], "\0")):
        return False
    names = (ruleset.get("conditions") or {}).get("ref_name") or {}
    default = BRANCHES + repository["default_branch"]

    def fits(pattern: str) -> bool:
        return pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and ref == default) or matches(pattern, ref)

    return any(map(fits, names.get("include") or [])) and not any(map(fits, names.get("exclude") or []))


def matches(pattern: str, ref: str) -> bool:
    """A reference fits a pattern of Ruby's File.fnmatch, where `*` ends at a slash and `**/` is any number of parts."""
    return _pattern(pattern).fullmatch(ref) is not None


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression."""
    out, at = "", 0
    while at < len(pattern):
        rest = pattern[at:]
        group = re.match(r"\[(!|\^)?(\]?[^\]]*)\]", rest)
        if rest.startswith("**/"):
            out, at = out + "(?:[^/]+/)*", at + 3
        elif rest[0] == "*":
            out, at = out + "[^/]*", at + len(rest) - len(rest.lstrip("*"))
        elif rest[0] == "?":
            out, at = out + "[^/]", at + 1
        elif group:
            inner = group[2].replace("\\", r"\\").replace("[", r"\[")
            out, at = out + f"[{'^' if group[1] else ''}{inner}]", at + group.end()
        else:
            out, at = out + re.escape(rest[0]), at + 1
    return re.compile(out)


def _bypasses(store: Store, repository: Row, actor: Actor, ruleset: Json, merging: bool) -> bool:
    """The actor stands in the ruleset's bypass list for what it is about to do."""
    modes = ("always", "exempt", "pull_request") if merging else ("always", "exempt")
    entries = [entry for entry in ruleset.get("bypass_actors") or [] if entry.get("bypass_mode", "always") in modes]
    role = _ROLES.get(role_of(store, repository, actor.user_id)) if actor.kind == "user" else None
    who = {
        "Integration": actor.app_id if actor.kind == "installation" else None,
        "RepositoryRole": role,
        "User": actor.user_id if actor.kind == "user" else None,
    }
    if any(entry.get("actor_type") == "OrganizationAdmin" for entry in entries) and actor.site_admin:
        return True
    wanted = {(entry.get("actor_type"), entry.get("actor_id")) for entry in entries}
    return any((kind, number) in wanted for kind, number in who.items() if number)

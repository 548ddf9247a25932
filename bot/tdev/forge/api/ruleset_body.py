"""A ruleset as a request brings it, checked.

Follows the body parameters of "Create a repository ruleset". Comes in: the body. Goes out: the document
that is kept, with GitHub's defaults filled in, or 422. What the forge can't enforce is refused and not
kept, so that no rule is shown that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tdev.forge.answers import ApiError
from tdev.forge.store import Json

TARGETS = ("branch", "tag")
ENFORCEMENTS = ("active", "disabled")
_BARE = ("creation", "update", "deletion", "non_fast_forward", "required_linear_history")
_ACTORS = ("Integration", "RepositoryRole", "User", "OrganizationAdmin")
_MODES = ("always", "pull_request", "exempt")
_METHODS = ("merge", "squash", "rebase")
_UNSUPPORTED = ("require_code_owner_review", "require_last_push_approval", "required_review_thread_resolution")
_UNPROCESSABLE = 422
_MOST_APPROVALS = 10


def wrong(line: str) -> ApiError:
    """422 with a sentence."""
    entry = {"resource": "RepositoryRuleset", "code": "custom", "message": line}
    return ApiError(_UNPROCESSABLE, "Validation Failed", errors=[entry])


def rules_in(given: object) -> list[Json]:
    """The rules, each with all its parameters."""
    if not isinstance(given, list):
        raise wrong("Invalid rules: must be a list")
    rules = [_rule(each) for each in given]
    kinds = [rule["type"] for rule in rules]
    if len(set(kinds)) != len(kinds):
        raise wrong("Invalid rules: each type may be there once")
    return rules


def _rule(given: object) -> Json:
    """One rule."""
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(kind, str):
        raise wrong("Invalid rule: must have a type")
    parameters = given.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise wrong(f"Invalid rule '{kind}': parameters must be an object")
    if kind == "update":
        if parameters.get("update_allows_fetch_and_merge"):
            raise wrong("Invalid rule 'update': update_allows_fetch_and_merge is not supported")
        return {"type": kind, "parameters": {"update_allows_fetch_and_merge": False}}
    if kind in _BARE:
        return {"type": kind}
    if kind not in _PARAMETERS:
        raise wrong(f"Invalid rule '{kind}': is not supported")
    return {"type": kind, "parameters": _PARAMETERS[kind](parameters)}


def _status_checks(given: Json) -> Json:
    """Parameters of required_status_checks."""
    checks = given.get("required_status_checks")
    if not isinstance(checks, list) or not all(_is_check(each) for each in checks):
        raise wrong("Invalid rule 'required_status_checks': Invalid parameter required_status_checks")
    if given.get("do_not_enforce_on_create") is False:
        raise wrong("Invalid rule 'required_status_checks': do_not_enforce_on_create can't be false")
    kept = []
    for check in checks:
        number = check.get("integration_id")
        kept.append({"context": check["context"], **({"integration_id": number} if number else {})})
    strict = _flag(given, "strict_required_status_checks_policy")
    return {
        "strict_required_status_checks_policy": strict,
        "do_not_enforce_on_create": True,
        "required_status_checks": kept,
    }


def _is_check(given: object) -> bool:
    """A context with, perhaps, an App."""
    if not isinstance(given, dict) or not isinstance(given.get("context"), str) or not given["context"]:
        return False
    number = given.get("integration_id")
    return number is None or (isinstance(number, int) and not isinstance(number, bool))


def _pull_request(given: Json) -> Json:
    """Parameters of pull_request; all but the merge methods must be given."""
    for name in ("required_approving_review_count", "dismiss_stale_reviews_on_push", *_UNSUPPORTED):
        if name not in given:
            raise wrong(f"Invalid rule 'pull_request': {name} is missing")
    number = given["required_approving_review_count"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _MOST_APPROVALS:
        raise wrong("Invalid rule 'pull_request': Invalid parameter required_approving_review_count")
    for name in _UNSUPPORTED:
        if _flag(given, name):
            raise wrong(f"Invalid rule 'pull_request': {name} is not supported")
    methods = given.get("allowed_merge_methods") or list(_METHODS)
    if not isinstance(methods, list) or not methods or not set(methods) <= set(_METHODS):
        raise wrong("Invalid rule 'pull_request': Invalid parameter allowed_merge_methods")
    return {
        "required_approving_review_count": number,
        "dismiss_stale_reviews_on_push": _flag(given, "dismiss_stale_reviews_on_push"),
        **dict.fromkeys(_UNSUPPORTED, False),
        "required_reviewers": [],
        "allowed_merge_methods": methods,
    }


def _flag(given: Json, name: str) -> bool:
    """A parameter that is true or false."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise wrong(f"Invalid parameter {name}: must be true or false")
    return value


_PARAMETERS: dict[str, Callable[[Json], Json]] = {
    "required_status_checks": _status_checks,
    "pull_request": _pull_request,
}


def conditions_in(given: Any) -> Json:
    """The conditions: patterns of references to include and to exclude."""
    names = given.get("ref_name", {}) if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(names, dict) or set(given) - {"ref_name"}:
        raise wrong("Invalid conditions: only ref_name is supported")
    lists = {word: names.get(word) or [] for word in ("include", "exclude")}
    for patterns in lists.values():
        if not isinstance(patterns, list) or not all(map(_is_pattern, patterns)):
            raise wrong("Invalid conditions: Invalid target patterns")
    return {"ref_name": lists}


def _is_pattern(word: object) -> bool:
    """`~ALL`, `~DEFAULT_BRANCH` or a pattern of full references."""
    return isinstance(word, str) and (word in ("~ALL", "~DEFAULT_BRANCH") or word.startswith("refs/"))


def bypass_in(given: object) -> list[Json]:
    """Who may pass the rules."""
    if not isinstance(given, list):
        raise wrong("Invalid bypass actors: must be a list")
    actors = []
    for each in given:
        kind, number, mode = (
            (each.get("actor_type"), each.get("actor_id"), each.get("bypass_mode", "always"))
            if isinstance(each, dict)
            else (None, None, None)
        )
        numbered = isinstance(number, int) and not isinstance(number, bool)
        if kind not in _ACTORS or mode not in _MODES or not (numbered or kind == "OrganizationAdmin"):
            raise wrong("Invalid bypass actors: actor_type, actor_id or bypass_mode is not supported")
        actors.append({"actor_id": number, "actor_type": kind, "bypass_mode": mode})
    return actors

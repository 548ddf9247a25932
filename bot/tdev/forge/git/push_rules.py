"""What branch protection and rulesets say about a push.

Follows "About protected branches" and "Available rules for rulesets". Comes in: the updates a push asks
for and who pushes. Goes out: Refusals, in GitHub's words (GH006 for protection, GH013 for rulesets).
Required status checks are looked up for the commit that is pushed: one that is green may be pushed.
ref_changes.py asks the same for changes that come through the REST API. Rules about signatures, commit
messages and file paths are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdev.forge.access.permissions import holds
from tdev.forge.call import Actor
from tdev.forge.git.backend import LINE, NO_COMMIT, RefUpdate, Refusals
from tdev.forge.git.branch_rules import Rule, required_checks, rules_on
from tdev.forge.pulls.required import missing
from tdev.forge.store import Json, Row, Store


def refusals(store: Store, repository: Row, actor: Actor, updates: Sequence[RefUpdate]) -> Refusals:
    """What must be refused of a push, and which branches may only go forward."""
    refused: dict[str, str] = {}
    no_force: set[str] = set()
    linear: set[str] = set()
    for update in updates:
        rules = rules_on(store, repository, update.ref, actor)
        head, why = _violations(store, repository, actor, update, rules)
        if why:
            refused[update.ref] = LINE.join((head, *(f"- {line}" for line in why)))
            continue
        kinds = {rule.kind for rule in rules}
        no_force |= {update.ref} if "non_fast_forward" in kinds else set()
        linear |= {update.ref} if "required_linear_history" in kinds else set()
    bound = bool(actor.app_id) and not holds(actor, "workflows:write")
    return Refusals(refused, frozenset(no_force), frozenset(linear), no_workflows=bound)


def _violations(
    store: Store, repository: Row, actor: Actor, update: RefUpdate, rules: tuple[Rule, ...]
) -> tuple[str, list[str]]:
    """The headline and the lines of what rules say against an update; protection speaks first."""
    classic = tuple(rule for rule in rules if not rule.ruleset_id)
    if why := _against(store, repository, actor, update, classic):
        return f"GH006: Protected branch update failed for {update.ref}.", why
    why = _against(store, repository, actor, update, tuple(rule for rule in rules if rule.ruleset_id))
    return f"GH013: Repository rule violations found for {update.ref}.", why


def _against(store: Store, repository: Row, actor: Actor, update: RefUpdate, rules: tuple[Rule, ...]) -> list[str]:
    """Why rules refuse an update; empty when they do not."""
    kinds = {rule.kind: rule for rule in rules}
    if update.after == NO_COMMIT:
        return ["Cannot delete this branch"] if "deletion" in kinds else []
    if update.before == NO_COMMIT:
        return ["Cannot create ref due to creations being restricted."] if "creation" in kinds else []
    why = []
    if "update" in kinds:
        why.append("Cannot update this protected ref.")
    if "pull_request" in kinds:
        why.append("Changes must be made through a pull request.")
    if "restrictions" in kinds and not listed(store, actor, kinds["restrictions"].parameters):
        why.append("You're not authorized to push to this branch.")
    return why + missing(store, repository["id"], update.after, required_checks(rules))


def listed(store: Store, actor: Actor, restrictions: Json) -> bool:
    """The actor is among the users or Apps that branch protection lets push."""
    login = store.value("SELECT login FROM users WHERE id = ?", actor.user_id)
    slug = store.value("SELECT slug FROM apps WHERE id = ?", actor.app_id)
    return login in _names(restrictions.get("users"), "login") or slug in _names(restrictions.get("apps"), "slug")


def _names(items: object, key: str) -> set[str]:
    """Names in a list that holds names or objects."""
    found = items if isinstance(items, list) else []
    return {str(item[key]) if isinstance(item, dict) else str(item) for item in found}

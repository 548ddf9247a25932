"""Whether a pull request can be merged, and what stands in the way.

Follows "About merge methods on GitHub" and the enumeration MergeStateStatus of GitHub's GraphQL reference.
Comes in: a pull request and, for the act of merging, who merges. Goes out: Mergeability with the state
word, and a sentence in GitHub's words for each obstacle. The rules bind merges as they bind pushes.
Approvals count from people with the role `write`, each one's latest; code owners are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdev.adapters.git import Git
from tdev.forge.call import ROLES, Actor, role_of
from tdev.forge.git.branch_rules import BRANCHES, Rule, required_checks, rules_on
from tdev.forge.git.diff import is_ancestor, merged_tree
from tdev.forge.git.push_rules import listed
from tdev.forge.pulls.required import missing, verdicts
from tdev.forge.store import Row, Store, repository_by_id

OUT_OF_DATE = "The head branch is not up to date with the base branch."
CONFLICT = "Pull Request is not mergeable"
DRAFT = "Pull Request is still a draft"


@dataclass(frozen=True)
class Mergeability:
    """What can be said about merging a pull request."""

    state: str
    """clean, unstable, behind, blocked, draft, dirty, or unknown where it is not open."""
    mergeable: bool | None
    """The branches merge without conflict; None where it is not open."""
    obstacles: tuple[str, ...] = ()
    """Why it may not be merged now, one sentence each."""


def assess(store: Store, pull: Row) -> Mergeability:
    """What stands in the way of a pull request, whoever merges it."""
    if pull["state"] != "open":
        return Mergeability("unknown", None)
    repository = repository_by_id(store, pull["repository_id"])
    git = store.git(repository)
    tip = base_tip(git, pull)
    if not tip or not merged_tree(git, tip, pull["head_sha"]):
        return Mergeability("dirty", False, (CONFLICT,))
    found = obstacles(store, repository, pull)
    if pull["draft"]:
        return Mergeability("draft", True, (DRAFT, *found))
    if found:
        return Mergeability("behind" if found == (OUT_OF_DATE,) else "blocked", True, found)
    said = verdicts(store, repository["id"], pull["head_sha"])
    return Mergeability("unstable" if any(word != "passing" for _, _, word in said) else "clean", True)


def base_tip(git: Git, pull: Row) -> str:
    """The commit the base branch is at; empty when there is no such branch."""
    return git.commit_of(f"{BRANCHES}{pull['base_ref']}")


def obstacles(store: Store, repository: Row, pull: Row, actor: Actor | None = None) -> tuple[str, ...]:
    """What the rules of the base branch say against merging now; without an actor nobody passes them."""
    rules = rules_on(store, repository, f"{BRANCHES}{pull['base_ref']}", actor, merging=True)
    said = [_refused(store, rule, actor) for rule in rules if rule.kind in ("update", "restrictions")]
    lines = [line for line in said if line]
    lines += _missing_approvals(store, repository, pull, rules)
    lines += missing(store, repository["id"], pull["head_sha"], required_checks(rules))
    if _is_behind(store, repository, pull, rules):
        lines.append(OUT_OF_DATE)
    return tuple(dict.fromkeys(lines))


def _refused(store: Store, rule: Rule, actor: Actor | None) -> str:
    """Why a rule lets this actor not change the branch at all; empty when it does."""
    if rule.kind == "update":
        return "Cannot update this protected ref."
    if actor is None or listed(store, actor, rule.parameters):
        return ""
    return "You're not authorized to push to this branch."


def _is_behind(store: Store, repository: Row, pull: Row, rules: tuple[Rule, ...]) -> bool:
    """A rule wants the head branch up to date, and it is not."""
    strict = any(
        rule.kind == "required_status_checks" and rule.parameters.get("strict_required_status_checks_policy")
        for rule in rules
    )
    git = store.git(repository)
    return strict and not is_ancestor(git, base_tip(git, pull), pull["head_sha"])


def _missing_approvals(store: Store, repository: Row, pull: Row, rules: tuple[Rule, ...]) -> list[str]:
    """What reviews are still to come."""
    wanted = [rule.parameters for rule in rules if rule.kind == "pull_request"]
    number = max((int(each.get("required_approving_review_count") or 0) for each in wanted), default=0)
    if not number:
        return []
    states = latest_reviews(store, repository, pull).values()
    if "CHANGES_REQUESTED" in states:
        return ["Changes have been requested by a reviewer with write access."]
    if sum(state == "APPROVED" for state in states) >= number:
        return []
    word = "review is" if number == 1 else "reviews are"
    return [f"At least {number} approving {word} required by reviewers with write access."]


def latest_reviews(store: Store, repository: Row, pull: Row) -> dict[int, str]:
    """Account -> its latest APPROVED or CHANGES_REQUESTED, of those who may write; comments change nothing."""
    states = "('APPROVED', 'CHANGES_REQUESTED', 'DISMISSED')"
    sql = f"SELECT * FROM reviews WHERE issue_id = ? AND state IN {states} ORDER BY id"  # noqa: S608
    latest = {row["user_id"]: row["state"] for row in store.all(sql, pull["id"])}
    return {
        user: state
        for user, state in latest.items()
        if state != "DISMISSED" and ROLES.index(role_of(store, repository, user)) >= ROLES.index("write")
    }


def allowed_methods(repository: Row, rules: tuple[Rule, ...]) -> frozenset[str]:
    """The merge methods that the repository and the rules of the base branch leave."""
    names = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}
    allowed = {method for method, column in names.items() if repository[column]}
    for rule in rules:
        if rule.kind == "required_linear_history":
            allowed.discard("merge")
        if rule.kind == "pull_request" and rule.parameters.get("allowed_merge_methods"):
            allowed &= set(rule.parameters["allowed_merge_methods"])
    return frozenset(allowed)

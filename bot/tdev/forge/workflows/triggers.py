"""Which workflow files an event starts: the filters below `on`. Pure.

Follows "Events that trigger workflows" and "Workflow syntax for GitHub Actions" (filter patterns). Comes in: what a
file declares for an event, and what happened. Goes out: whether it fits. Known are `push`, `pull_request`, `issues` and
`issue_comment`; `workflow_dispatch` has no filter, and other events start nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SPOKEN = ("issues", "issue_comment")
"""Events of issues, which have no branch and no files: `types` is their one filter."""
PULL_ACTIONS = ("opened", "synchronize", "reopened")
_ALL_PULL_ACTIONS = frozenset({
    "assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize",
    "converted_to_draft", "ready_for_review", "locked", "unlocked", "review_requested", "review_request_removed",
})  # fmt: skip


@dataclass(frozen=True)
class Happened:
    """A push, or a change of a pull request or an issue, as filters see it."""

    event: str
    """`push`, `pull_request`, `issues` or `issue_comment`."""
    action: str
    ref: str
    """Full name of what was pushed to, of the base branch, or of the default branch."""
    paths: Sequence[str] = ()
    """Files that changed."""


def triggers_of(declared: object) -> Mapping[str, Mapping[str, Any]]:
    """What `on` says, in any of its forms, as event -> filters."""
    if isinstance(declared, dict):
        return {str(name): value if isinstance(value, dict) else {} for name, value in declared.items()}
    names = declared if isinstance(declared, list) else [declared]
    return {str(name): {} for name in names if name}


def starts(triggers: Mapping[str, Mapping[str, Any]], happened: Happened) -> bool:
    """Whether a workflow with these triggers runs."""
    filters = triggers.get(happened.event)
    if filters is None:
        return False
    if happened.event in SPOKEN:
        types = _texts(filters.get("types"))
        return not types or happened.action in types
    if happened.event == "pull_request":
        wanted = _texts(filters.get("types")) or list(PULL_ACTIONS)
        if happened.action not in wanted or happened.action not in _ALL_PULL_ACTIONS:
            return False
    return _ref_fits(filters, happened.ref) and _paths_fit(filters, happened)


def _ref_fits(filters: Mapping[str, Any], ref: str) -> bool:
    """Whether a branch or tag passes; a filter for the one kind alone shuts out the other."""
    kind, other = ("tags", "branches") if ref.startswith("refs/tags/") else ("branches", "tags")
    name = ref.split("/", 2)[2]
    if kind in filters:
        return matches(_texts(filters[kind]), name)
    if f"{kind}-ignore" in filters:
        return not matches(_texts(filters[f"{kind}-ignore"]), name)
    return other not in filters and f"{other}-ignore" not in filters


def _paths_fit(filters: Mapping[str, Any], happened: Happened) -> bool:
    """Whether a changed file passes; tags are not looked at."""
    if happened.ref.startswith("refs/tags/"):
        return True
    if "paths" in filters:
        return any(matches(_texts(filters["paths"]), path) for path in happened.paths)
    if "paths-ignore" in filters:
        return any(not matches(_texts(filters["paths-ignore"]), path) for path in happened.paths)
    return True


def matches(patterns: Sequence[str], name: str) -> bool:
    """Whether a name fits a list of patterns; a later one with `!` takes back what an earlier one let in."""
    fits = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if _expression(pattern.removeprefix("!")).fullmatch(name):
            fits = not negated
    return fits


def _expression(pattern: str) -> re.Pattern[str]:
    """GitHub's filter pattern as a regular expression: `**` crosses slashes; `?` and `+` follow a character."""
    found: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            found.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            found.append(".*")
            at += 2
        elif pattern[at] == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            found.append("[" + re.escape(pattern[at + 1 : end]).replace(r"\-", "-") + "]")
            at = end + 1
        else:
            found.append({"*": "[^/]*", "?": "?", "+": "+"}.get(pattern[at], re.escape(pattern[at])))
            at += 1
    try:
        return re.compile("".join(found))
    except re.error:
        return re.compile(re.escape(pattern))


def _texts(value: object) -> list[str]:
    """A text or a list of them."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []

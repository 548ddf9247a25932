"""Whether the checks a branch requires are green on a commit.

Follows "About status checks" and "Troubleshooting required status checks". Comes in: the required checks
and a commit. Goes out: a line in GitHub's words for each that is missing, at work or failed. `success`,
`neutral` and `skipped` pass. A check that names an App is satisfied by that App's check run alone; one
that names none needs every check run and status of that name to pass, and at least one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdev.forge.git.branch_rules import RequiredCheck
from tdev.forge.store import Row, Store

PASSING = frozenset({"success", "neutral", "skipped"})
_WORDS = {"expected": "is expected", "pending": "is in progress", "failing": "is failing"}


def latest_runs(store: Store, repository_id: int, sha: str) -> list[Row]:
    """The latest check run of each App and name on a commit, by id."""
    sql = (
        "SELECT * FROM check_runs WHERE id IN (SELECT max(id) FROM check_runs "
        "WHERE repository_id = ? AND head_sha = ? GROUP BY app_id, name) ORDER BY id"
    )
    return store.all(sql, repository_id, sha)


def latest_statuses(store: Store, repository_id: int, sha: str) -> list[Row]:
    """The latest status of each context on a commit, newest first."""
    sql = (
        "SELECT * FROM statuses WHERE id IN (SELECT max(id) FROM statuses "
        "WHERE repository_id = ? AND sha = ? GROUP BY context) ORDER BY id DESC"
    )
    return store.all(sql, repository_id, sha)


def verdicts(store: Store, repository_id: int, sha: str) -> list[tuple[str, int, str]]:
    """(name, App or 0, `passing` | `pending` | `failing`) of everything that was said about a commit."""
    said = [
        (row["name"], row["app_id"], _of_run(row["status"], row["conclusion"]))
        for row in latest_runs(store, repository_id, sha)
    ]
    states = {"success": "passing", "pending": "pending"}
    return said + [
        (row["context"], 0, states.get(row["state"], "failing")) for row in latest_statuses(store, repository_id, sha)
    ]


def _of_run(status: str, conclusion: str | None) -> str:
    """What a check run says."""
    if status != "completed":
        return "pending"
    return "passing" if conclusion in PASSING else "failing"


def missing(store: Store, repository_id: int, sha: str, checks: Iterable[RequiredCheck]) -> list[str]:
    """One line for every required check that is not green on a commit."""
    said = verdicts(store, repository_id, sha)
    lines = []
    for check in checks:
        found = {word for name, app, word in said if name == check.context and check.app_id in (0, app)}
        if found == {"passing"}:
            continue
        state = "failing" if "failing" in found else "pending" if found else "expected"
        lines.append(f'Required status check "{check.context}" {_WORDS[state]}.')
    return lines

"""Rows of pull requests: an issue and what only pull requests have, as one row.

A pull request shares its number, title, text and state with an issue row, as on GitHub. Goes out: the
joined rows, with the columns of `issues` and `pulls`. Pull requests between repositories are left out,
so head and base are branches of one repository.
"""

from __future__ import annotations

from tdev.forge.store import Row, Store

SELECT = "SELECT i.*, p.* FROM issues i JOIN pulls p ON p.issue_id = i.id"
"""The start of a query for joined rows; `id` is the issue's."""


def pull_by_issue(store: Store, issue_id: int) -> Row:
    """The pull request with an issue id that is known to be one; KeyError otherwise."""
    row = store.one(f"{SELECT} WHERE i.id = ?", issue_id)
    if row is None:
        raise KeyError(issue_id)
    return row


def pull_by_number(store: Store, repository_id: int, number: int) -> Row | None:
    """The pull request of a repository with a number; None where there is none."""
    return store.one(f"{SELECT} WHERE i.repository_id = ? AND i.number = ?", repository_id, number)


def open_pulls(store: Store, repository_id: int, column: str, value: str) -> list[Row]:
    """The open pull requests whose `head_ref`, `base_ref` or `head_sha` is a value, oldest first."""
    sql = f"{SELECT} WHERE p.repository_id = ? AND p.{column} = ? AND i.state = 'open' ORDER BY i.id"
    return store.all(sql, repository_id, value)


def requested_reviewer_ids(store: Store, issue_id: int) -> list[int]:
    """Ids of the accounts whose review is asked for."""
    rows = store.all("SELECT user_id FROM requested_reviewers WHERE issue_id = ? ORDER BY user_id", issue_id)
    return [int(row[0]) for row in rows]

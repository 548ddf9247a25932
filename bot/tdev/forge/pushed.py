"""What follows from a push: pull requests move with their branch, and the Apps hear of it.

Comes in: the updates git has made. Goes out: refs/pull/<number>/head, the heads of open pull requests, and the
events `push` and `pull_request` (synchronize; closed when the head branch was deleted). What merging through
the REST API does to its base branch comes through here too.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdev.forge import events
from tdev.forge.git_backend import NO_COMMIT, RefUpdate
from tdev.forge.store import Row, Store, repository_by_id

_BRANCHES = "refs/heads/"


def received(store: Store, repository: Row, updates: Sequence[RefUpdate], sender: Row) -> None:
    """Record a push and queue its events; pull requests first, so that who hears of the push reads them right."""
    now = store.now()
    store.update("repositories", repository["id"], pushed_at=now, updated_at=now)
    repository = repository_by_id(store, repository["id"])
    for update in updates:
        if update.ref.startswith(_BRANCHES):
            _move_pulls(store, repository, update, sender)
    for update in updates:
        if update.ref.startswith((_BRANCHES, "refs/tags/")):
            events.push(store, repository, update, sender)


def _move_pulls(store: Store, repository: Row, update: RefUpdate, sender: Row) -> None:
    """Move the open pull requests whose head is the branch, or close them when it was deleted."""
    rows = store.all(
        "SELECT p.*, i.number FROM pulls p JOIN issues i ON i.id = p.issue_id "
        "WHERE p.repository_id = ? AND p.head_ref = ? AND i.state = 'open'",
        repository["id"],
        update.ref.removeprefix(_BRANCHES),
    )
    now = store.now()
    for row in rows:
        if update.after == NO_COMMIT:
            store.update(
                "issues", row["issue_id"], state="closed", closed_at=now, closed_by=sender["id"], updated_at=now
            )
            _announce(store, repository, row, "closed", sender)
            continue
        store.git(repository).run("update-ref", f"refs/pull/{row['number']}/head", update.after)
        store.run("UPDATE pulls SET head_sha = ? WHERE issue_id = ?", update.after, row["issue_id"])
        store.update("issues", row["issue_id"], updated_at=now)
        moved = {"before": update.before, "after": update.after}
        _announce(store, repository, row, "synchronize", sender, moved)


def _announce(
    store: Store, repository: Row, pull: Row, action: str, sender: Row, more: dict[str, str] | None = None
) -> None:
    """Queue `pull_request` for one pull request."""
    from tdev.forge.api.pulls import pull_document

    issue = store.one("SELECT * FROM issues WHERE id = ?", pull["issue_id"])
    payload = {"number": pull["number"], "pull_request": pull_document(store, issue), **(more or {})}
    events.emit(store, repository, "pull_request", action, payload, sender_id=sender["id"])

"""What follows from a push: pull requests move with their branches, issues are closed, the Apps hear of it.

Comes in: the updates git has made. Goes out: refs/pull/<number>/head, the heads and bases of open pull
requests, pull requests that are merged because the base branch contains them now, closed ones whose
branch is gone, issues that commits on the default branch name with a closing keyword, and the events `push`,
`pull_request` and `issues`. What merging through the REST API does to its base branch comes through here too.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdev.forge import events
from tdev.forge.api.repositories import full_name
from tdev.forge.git.backend import NO_COMMIT, RefUpdate
from tdev.forge.git.branch_rules import BRANCHES
from tdev.forge.git.commits import read_commits
from tdev.forge.git.diff import is_ancestor
from tdev.forge.pulls.closing import closed_numbers
from tdev.forge.pulls.rows import SELECT, open_pulls, pull_by_issue
from tdev.forge.store import Json, Row, Store, repository_by_id

_MOST_COMMITS = 1000
_OPEN_ISSUE = (
    "SELECT id FROM issues WHERE repository_id = ? AND number = ? AND state = 'open' "
    "AND id NOT IN (SELECT issue_id FROM pulls)"
)


def received(store: Store, repository: Row, updates: Sequence[RefUpdate], sender: Row) -> None:
    """Record a push and queue its events; pull requests first, so that who hears of the push reads them right."""
    now = store.now()
    store.update("repositories", repository["id"], pushed_at=now, updated_at=now)
    repository = repository_by_id(store, repository["id"])
    for update in updates:
        if update.ref.startswith(BRANCHES):
            branch = update.ref.removeprefix(BRANCHES)
            _move_bases(store, repository, branch, update, sender)
            _move_heads(store, repository, branch, update, sender)
            if branch == repository["default_branch"]:
                _close_named(store, repository, update, sender)
    for update in updates:
        if update.ref.startswith((BRANCHES, "refs/tags/")):
            events.push(store, repository, update, sender)


def _move_heads(store: Store, repository: Row, branch: str, update: RefUpdate, sender: Row) -> None:
    """Move the open pull requests whose head is the branch, or close them when nothing is left of them."""
    git = store.git(repository)
    for pull in open_pulls(store, repository["id"], "head_ref", branch):
        if update.after == NO_COMMIT:
            close(store, repository, pull, sender)
            continue
        git.run("update-ref", f"refs/pull/{pull['number']}/head", update.after)
        store.run("UPDATE pulls SET head_sha = ? WHERE issue_id = ?", update.after, pull["id"])
        store.update("issues", pull["id"], updated_at=store.now())
        _dismiss_stale(store, repository, pull, sender)
        announce(store, repository, pull, "synchronize", sender, {"before": update.before, "after": update.after})
        tip = git.commit_of(f"{BRANCHES}{pull['base_ref']}")
        if tip and is_ancestor(git, update.after, tip):
            close(store, repository, pull, sender)


def _dismiss_stale(store: Store, repository: Row, pull: Row, sender: Row) -> None:
    """Take approvals back where the base branch asks for it."""
    from tdev.forge.api.reviews import dismiss_stale

    dismiss_stale(store, repository, pull_by_issue(store, pull["id"]), sender)


def _move_bases(store: Store, repository: Row, branch: str, update: RefUpdate, sender: Row) -> None:
    """Open pull requests into the branch: merged when it contains them now, else their base moves with it."""
    git = store.git(repository)
    for pull in open_pulls(store, repository["id"], "base_ref", branch):
        if update.after == NO_COMMIT:
            _base_deleted(store, repository, pull, sender)
        elif is_ancestor(git, pull["head_sha"], update.after):
            mark_merged(store, repository, pull, sender, update.after)
        else:
            store.run("UPDATE pulls SET base_sha = ? WHERE issue_id = ?", update.after, pull["id"])


def _base_deleted(store: Store, repository: Row, pull: Row, sender: Row) -> None:
    """Move to where the deleted base branch was merged; close where it was not."""
    sql = f"{SELECT} WHERE p.repository_id = ? AND p.head_ref = ? AND p.merged_at IS NOT NULL ORDER BY i.id DESC"
    merged = store.one(sql, repository["id"], pull["base_ref"])
    tip = store.git(repository).commit_of(f"{BRANCHES}{merged['base_ref']}") if merged is not None else ""
    if merged is None or not tip:
        close(store, repository, pull, sender)
        return
    store.run("UPDATE pulls SET base_ref = ?, base_sha = ? WHERE issue_id = ?", merged["base_ref"], tip, pull["id"])
    store.update("issues", pull["id"], updated_at=store.now())
    changes = {"base": {"ref": {"from": pull["base_ref"]}, "sha": {"from": pull["base_sha"]}}}
    announce(store, repository, pull, "edited", sender, {"changes": changes})


def close(store: Store, repository: Row, pull: Row, sender: Row) -> None:
    """Close a pull request without merging it."""
    now = store.now()
    store.update("issues", pull["id"], state="closed", closed_at=now, closed_by=sender["id"], updated_at=now)
    announce(store, repository, pull, "closed", sender)


def mark_merged(store: Store, repository: Row, pull: Row, sender: Row, merge_commit: str) -> None:
    """Record that a pull request is merged, tell of it and close the issues its text names."""
    now = store.now()
    store.run(
        "UPDATE pulls SET merged_at = ?, merged_by = ?, merge_commit_sha = ? WHERE issue_id = ?",
        now, sender["id"], merge_commit, pull["id"],
    )  # fmt: skip
    store.update("issues", pull["id"], state="closed", closed_at=now, closed_by=sender["id"], updated_at=now)
    announce(store, repository, pull, "closed", sender)
    if pull["base_ref"] == repository["default_branch"]:
        _close_issues(store, repository, closed_numbers(pull["body"], full_name(store, repository)), sender)


def _close_named(store: Store, repository: Row, update: RefUpdate, sender: Row) -> None:
    """Close the issues that new commits of the default branch name."""
    if NO_COMMIT in (update.before, update.after):
        return
    words = (f"--max-count={_MOST_COMMITS}", f"{update.before}..{update.after}")
    messages = [facts.message for facts in read_commits(store.git(repository), *words)]
    _close_issues(store, repository, closed_numbers("\n".join(messages), full_name(store, repository)), sender)


def _close_issues(store: Store, repository: Row, numbers: Sequence[int], sender: Row) -> None:
    """Close open issues, not pull requests."""
    from tdev.forge.api.conversations import announce as announce_issue

    for number in numbers:
        found = store.value(_OPEN_ISSUE, repository["id"], number)
        if found is None:
            continue
        now = store.now()
        store.update(
            "issues", found, state="closed", state_reason="completed", closed_at=now, closed_by=sender["id"],
            updated_at=now,
        )  # fmt: skip
        announce_issue(store, repository, found, "closed", sender["id"])


def announce(store: Store, repository: Row, pull: Row, action: str, sender: Row, more: Json | None = None) -> None:
    """Queue `pull_request` for one pull request."""
    from tdev.forge.api.pulls import pull_document

    payload = {"number": pull["number"], "pull_request": pull_document(store, pull), **(more or {})}
    events.emit(store, repository, "pull_request", action, payload, sender_id=sender["id"])

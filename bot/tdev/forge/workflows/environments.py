"""Environments: who must agree before a job that names one begins.

Follows "Managing environments for deployment" and "Reviewing deployments". Comes in: a repository, a name, reviewers,
and reviews. Goes out: rows, and which jobs of a run wait. An environment is made when a job first names it.
Any one reviewer's word decides. Wait timers, branch policies, custom rules and teams are left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tdev.forge.store import Row, Store

MAX_REVIEWERS = 6


def find(store: Store, repository_id: int, name: str) -> Row | None:
    """An environment by its name; None where there is none."""
    return store.one("SELECT * FROM environments WHERE repository_id = ? AND name = ?", repository_id, name)


def named(store: Store, repository_id: int, name: str) -> Row:
    """An environment by its name, made when there is none."""
    row = find(store, repository_id, name)
    if row is None:
        now = store.now()
        store.insert("environments", repository_id=repository_id, name=name, created_at=now, updated_at=now)
        row = find(store, repository_id, name)
    if row is None:
        raise KeyError(name)
    return row


def by_id(store: Store, environment_id: int) -> Row:
    """An environment that is known to exist."""
    row = store.one("SELECT * FROM environments WHERE id = ?", environment_id)
    if row is None:
        raise KeyError(environment_id)
    return row


def set_reviewers(store: Store, environment: Row, user_ids: Sequence[int], *, prevent_self_review: bool) -> None:
    """Say who must agree."""
    store.update(
        "environments", environment["id"], reviewers=json.dumps(list(user_ids)),
        prevent_self_review=int(prevent_self_review), updated_at=store.now(),
    )  # fmt: skip


def reviewers(environment: Row) -> list[int]:
    """The accounts one of which must agree."""
    found: list[int] = json.loads(environment["reviewers"])
    return found


def guarded(environment: Row) -> bool:
    """Jobs wait for a review."""
    return bool(reviewers(environment))


def may_review(environment: Row, run: Row, user_id: int) -> bool:
    """An account may decide about a run's jobs."""
    if user_id not in reviewers(environment):
        return False
    return not (environment["prevent_self_review"] and user_id == run["triggering_actor_id"])


def waiting_jobs(store: Store, run: Row) -> list[Row]:
    """The jobs of a run that wait for a review."""
    return store.all("SELECT * FROM workflow_jobs WHERE run_id = ? AND status = 'waiting' ORDER BY id", run["id"])


def record(store: Store, run: Row, environment: Row, user_id: int, state: str, comment: str) -> None:
    """Write a review down: `approved` or `rejected`."""
    store.insert(
        "deployment_reviews", run_id=run["id"], environment_id=environment["id"], user_id=user_id, state=state,
        comment=comment, created_at=store.now(),
    )  # fmt: skip


def reviews(store: Store, run: Row) -> list[Row]:
    """The reviews of a run, oldest first."""
    return store.all("SELECT * FROM deployment_reviews WHERE run_id = ? ORDER BY id", run["id"])

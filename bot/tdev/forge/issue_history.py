"""What happened to an issue or pull request, kept as it is told to Apps.

Comes in: each event that forge/events.py emits about an issue or pull request. Goes out: rows of `issue_events`,
by GitHub's page "Issue event types": labels, assignees, states, titles, locks, reviewers, drafts, merges. Mentions,
references, pushes, deployments and projects are left out.
"""

from __future__ import annotations

import json

from tdev.forge.store import Json, Row, Store

_SAME = ("labeled", "unlabeled", "assigned", "unassigned", "closed", "reopened", "locked", "unlocked",
         "review_requested", "review_request_removed", "ready_for_review")  # fmt: skip
_SUBJECTS = {"issues": "issue", "pull_request": "pull_request"}


def note(store: Store, repository: Row, event: str, payload: Json) -> None:
    """Keep what an event says of an issue's history, if anything."""
    subject = payload.get(_SUBJECTS.get(event, ""))
    if subject is None:
        return
    sql = "SELECT id FROM issues WHERE repository_id = ? AND number = ?"
    issue_id = store.value(sql, repository["id"], subject["number"])
    for kind, more in _kinds(str(payload["action"]), payload, subject):
        store.insert(
            "issue_events",
            repository_id=repository["id"],
            issue_id=issue_id,
            event=kind,
            actor_id=payload["sender"]["id"],
            document=json.dumps(more),
            created_at=store.now(),
        )


def _kinds(action: str, payload: Json, subject: Json) -> list[tuple[str, Json]]:
    """GitHub's names of what an action is, each with what its document holds besides."""
    if action == "edited":
        old = payload.get("changes", {}).get("title")
        return [("renamed", {"rename": {"from": old["from"], "to": subject["title"]}})] if old else []
    if action == "converted_to_draft":
        return [("convert_to_draft", {})]
    if action not in _SAME:
        return []
    merged = (
        [("merged", {"commit_id": subject["merge_commit_sha"]})] if action == "closed" and subject.get("merged") else []
    )
    return [*merged, (action, _more(action, payload, subject))]


def _more(action: str, payload: Json, subject: Json) -> Json:
    """What the document of an action holds besides."""
    if action in ("labeled", "unlabeled"):
        return {"label": {name: payload["label"][name] for name in ("name", "color")}}
    if action in ("assigned", "unassigned"):
        return {"assignee_id": payload["assignee"]["id"]}
    if action in ("review_requested", "review_request_removed"):
        return {"reviewer_id": payload["requested_reviewer"]["id"]}
    if action == "locked":
        return {"lock_reason": subject.get("active_lock_reason")}
    return {"state_reason": subject.get("state_reason")} if action in ("closed", "reopened") else {}

"""Events: what happened in a repository, written once for every App that wants to hear of it.

Follows GitHub's page "Webhook events and payloads". Comes in: the event's name, its action and the
documents it is about (`issue`, `comment`, `pull_request`, …), the same as the REST API shows them.
Goes out: a queued delivery per installation that is subscribed; forge/deliveries.py sends them.

`emit` adds what every payload carries: action, repository, sender and the installation. An App hears
of an event it is subscribed to, in repositories its installation reaches; events about the installation
itself always reach their App. What listens at the store hears of what may start a workflow as well. Webhooks
of repositories and organisations are left out.
"""

from __future__ import annotations

import json
import uuid

from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import html_url, repository_document
from tdev.forge.git.backend import NO_COMMIT, RefUpdate
from tdev.forge.git.commits import CommitFacts, Person, read_commits
from tdev.forge.issue_history import note
from tdev.forge.store import Json, Row, Store, installed_repository_ids, user_by_id

ALWAYS = frozenset({"installation", "installation_repositories", "github_app_authorization", "ping"})
"""Events an App gets without subscribing."""
HEARD = frozenset({"push", "pull_request", "issues", "issue_comment"})
"""Events that are told to what listens at the store."""
_MAX_COMMITS = 2048


def emit(
    store: Store,
    repository: Row | None,
    event: str,
    action: str | None,
    payload: Json,
    *,
    sender_id: int = 0,
    installation: Row | None = None,
) -> None:
    """Queue an event for every App that hears it, or for one installation's App alone.

    `payload` holds the event's own documents; its `sender` may be given there or as an account's id.
    """
    body = {**({"action": action} if action else {}), **payload}
    if repository is not None:
        body.setdefault("repository", repository_document(store, repository))
    if sender_id:
        body.setdefault("sender", user_document(store, user_by_id(store, sender_id)))
    if repository is not None:
        note(store, repository, event, body)
    for row in _hearers(store, repository, event) if installation is None else [installation]:
        seen = body if event in ("installation", "installation_repositories") else {**body, "installation": _short(row)}
        _queue(store, row["app_id"], event, action, seen, installation=row, repository=repository)
    if repository is not None and sender_id and event in HEARD:
        for listener in store.listeners:
            listener(store, repository, event, action or "", body, user_by_id(store, sender_id))


def ping(store: Store, app: Row) -> None:
    """Queue the event that tells an App its webhook is set up."""
    hook = {
        "type": "App",
        "id": app["id"],
        "name": "web",
        "active": True,
        "app_id": app["id"],
        "events": json.loads(app["events"]),
        "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": app["webhook_url"]},
        "created_at": app["created_at"],
        "updated_at": app["updated_at"],
        "deliveries_url": f"{store.api_url}/app/hook/deliveries",
    }
    payload = {"zen": "Mind your words, they are important.", "hook_id": app["id"], "hook": hook}
    if app["webhook_url"]:
        _queue(store, app["id"], "ping", None, payload)


def push(store: Store, repository: Row, update: RefUpdate, sender: Row) -> None:
    """Queue the event for a reference that has moved (GitHub's `push`)."""
    emit(store, repository, "push", None, push_payload(store, repository, update, sender), sender_id=sender["id"])


def push_payload(store: Store, repository: Row, update: RefUpdate, sender: Row) -> Json:
    """The `push` payload without what emit adds: at most 2,048 commits, oldest first."""
    created, deleted = update.before == NO_COMMIT, update.after == NO_COMMIT
    git = store.git(repository)
    page = html_url(store, repository)
    commits: list[CommitFacts] = []
    forced = False
    if not deleted and git.commit_of(update.after):
        others = ("--not", f"--exclude={update.ref}", "--branches") if created else (f"^{update.before}",)
        commits = read_commits(git, f"--max-count={_MAX_COMMITS}", update.after, *others)[::-1]
        if not created:
            forced = not git.run("merge-base", "--is-ancestor", update.before, update.after, check=False).ok
    heads = [] if deleted or not git.commit_of(update.after) else read_commits(git, "-1", update.after)
    between = update.after[:12] if created else f"{update.before[:12]}...{update.after[:12]}"
    return {
        "ref": update.ref,
        "before": update.before,
        "after": update.after,
        "base_ref": None,
        "created": created,
        "deleted": deleted,
        "forced": forced,
        "compare": f"{page}/compare/{between}",
        "commits": [_commit(store, repository, facts) for facts in commits],
        "head_commit": _commit(store, repository, heads[0]) if heads else None,
        "pusher": {"name": sender["login"], "email": sender["email"]},
    }


def _commit(store: Store, repository: Row, facts: CommitFacts) -> Json:
    """A commit as `push` shows it, with the files it touched."""
    git = store.git(repository)
    out = git.run(
        "diff-tree", "--root", "-r", "-z", "--no-renames", "--no-commit-id", "--name-status", facts.sha
    ).stdout
    words = out.split("\0")
    touched = list(zip(words[::2], words[1::2], strict=False))
    return {
        "id": facts.sha,
        "tree_id": facts.tree,
        "distinct": True,
        "message": facts.message,
        "timestamp": facts.committer.when(),
        "url": f"{html_url(store, repository)}/commit/{facts.sha}",
        "author": _person(store, facts.author),
        "committer": _person(store, facts.committer),
        "added": [path for letter, path in touched if letter == "A"],
        "removed": [path for letter, path in touched if letter == "D"],
        "modified": [path for letter, path in touched if letter not in "AD"],
    }


def _person(store: Store, person: Person) -> Json:
    """Name, address and, where the address is an account's, its login."""
    login = store.value("SELECT login FROM users WHERE email = ?", person.email)
    return {"name": person.name, "email": person.email, **({"username": login} if login else {})}


def _hearers(store: Store, repository: Row | None, event: str) -> list[Row]:
    """The installations that are told of an event in a repository."""
    if repository is None:
        return []
    rows = store.all(
        "SELECT i.*, a.events AS app_events FROM installations i JOIN apps a ON a.id = i.app_id "
        "WHERE a.webhook_url <> '' AND i.suspended_at IS NULL AND i.account_id = ? ORDER BY i.id",
        repository["owner_id"],
    )
    return [
        row
        for row in rows
        if (event in ALWAYS or event in json.loads(row["events"]))
        and repository["id"] in installed_repository_ids(store, row)
    ]


def _short(installation: Row) -> Json:
    """The installation as payloads name it."""
    return {"id": installation["id"], "node_id": f"I_forge{installation['id']}"}


def _queue(
    store: Store,
    app_id: int,
    event: str,
    action: str | None,
    payload: Json,
    *,
    installation: Row | None = None,
    repository: Row | None = None,
) -> None:
    """Write one delivery that waits to be sent."""
    store.insert(
        "hook_deliveries",
        guid=str(uuid.uuid4()),
        app_id=app_id,
        installation_id=installation["id"] if installation else None,
        repository_id=repository["id"] if repository else None,
        event=event,
        action=action,
        payload=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        queued_at=store.now(),
    )

"""Setting up the forge's state: what people do in a browser on GitHub and no REST endpoint offers.

Comes in: the store and plain values. Goes out: rows, and for an App its private key and client secret,
which are shown once and not kept. forge/admin_http.py offers the same over HTTP at /_forge, and an App
manifest comes through `add_app` as well. Refused is raised for what can't be.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tdev.errors import Refused
from tdev.forge import events
from tdev.forge.api.installations import announce
from tdev.forge.git.commits import Person, first_commit
from tdev.forge.store import (
    Row,
    Store,
    add_repository,
    add_user,
    hash_of,
    repository_by_id,
    repository_by_name,
)

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LEVELS = ("read", "write", "admin")
_KEY_BITS = 2048


@dataclass(frozen=True)
class NewApp:
    """An App that was just made, with what is shown only now."""

    row: Row
    private_key: str
    """PEM, PKCS#1 as GitHub writes it."""
    client_secret: str


@dataclass(frozen=True)
class AppPlan:
    """What an App is to be."""

    slug: str
    owner_id: int
    permissions: Mapping[str, str]
    events: Sequence[str] = ()
    webhook_url: str = ""
    webhook_secret: str = ""
    name: str = ""
    description: str = ""
    external_url: str = ""
    callback_urls: Sequence[str] = ()
    """Where people may be sent back to after signing in."""


def add_app(store: Store, plan: AppPlan) -> NewApp:
    """Make an App with its bot account and a new RSA key, and queue its `ping`."""
    if not _SLUG.fullmatch(plan.slug):
        raise Refused(f"{plan.slug!r} is no slug.", next_step="Use lower-case letters, digits and single hyphens.")
    if store.one("SELECT 1 FROM apps WHERE slug = ?", plan.slug):
        raise Refused(f"There is an App {plan.slug} already.", next_step="Choose another name.")
    wrong = [name for name, level in plan.permissions.items() if level not in _LEVELS]
    if wrong:
        raise Refused(f"The permission {wrong[0]} has no level.", next_step="Use read, write or admin.")
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    secret, now = secrets.token_hex(20), store.now()
    with store.transaction():
        bot = add_user(store, f"{plan.slug}[bot]", kind="Bot")
        app_id = store.insert(
            "apps",
            slug=plan.slug,
            name=plan.name or plan.slug,
            owner_id=plan.owner_id,
            bot_id=bot["id"],
            description=plan.description or None,
            external_url=plan.external_url or f"{store.base_url}/apps/{plan.slug}",
            client_id=f"Iv23{secrets.token_hex(8)}",
            client_secret=hash_of(secret),
            public_key=key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            permissions=json.dumps(dict(plan.permissions)),
            events=json.dumps(list(plan.events)),
            webhook_url=plan.webhook_url,
            webhook_secret=plan.webhook_secret,
            callback_urls=json.dumps(list(plan.callback_urls)),
            created_at=now,
            updated_at=now,
        )
        row = app_by_id(store, app_id)
        events.ping(store, row)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return NewApp(row, key.private_bytes(*form).decode(), secret)


def app_by_id(store: Store, app_id: int) -> Row:
    """The App with an id that is known to exist."""
    row = store.one("SELECT * FROM apps WHERE id = ?", app_id)
    if row is None:
        raise KeyError(app_id)
    return row


def install(store: Store, app: Row, account: Row, repositories: Sequence[str] | None = None) -> Row:
    """Install an App on an account, on all its repositories or on those named, and tell the App.

    Installed already: its repositories, permissions and events become what is asked for now.
    """
    ids = None if repositories is None else [_owned(store, account, name)["id"] for name in repositories]
    selection, now = ("all" if ids is None else "selected"), store.now()
    granted = {"permissions": app["permissions"], "events": app["events"], "repository_selection": selection}
    with store.transaction():
        sql = "SELECT id FROM installations WHERE app_id = ? AND account_id = ?"
        number = store.value(sql, app["id"], account["id"])
        new = number is None
        if new:
            times = {"created_at": now, "updated_at": now}
            number = store.insert("installations", app_id=app["id"], account_id=account["id"], **granted, **times)
        else:
            store.update("installations", number, **granted, updated_at=now)
        store.run("DELETE FROM installation_repositories WHERE installation_id = ?", number)
        for repository_id in ids or ():
            store.run("INSERT OR IGNORE INTO installation_repositories VALUES (?, ?)", number, repository_id)
        row = installation_by_id(store, number)
        if new:
            announce(store, row, "created", account["id"])
    return row


def installation_by_id(store: Store, installation_id: int) -> Row:
    """The installation with an id that is known to exist."""
    row = store.one("SELECT * FROM installations WHERE id = ?", installation_id)
    if row is None:
        raise KeyError(installation_id)
    return row


def _owned(store: Store, account: Row, name: str) -> Row:
    """A repository of an account; Refused when there is none."""
    row = repository_by_name(store, account["login"], name.rpartition("/")[2])
    if row is None:
        raise Refused(f"{account['login']} has no repository {name}.", next_step="Make it first.")
    return row


def add_filled_repository(
    store: Store, owner: Row, name: str, files: Mapping[str, str], *, private: bool = False, description: str = ""
) -> Row:
    """Make a repository whose first commit holds these files; empty when there are none."""
    row = add_repository(store, owner, name, private=private, description=description)
    if files:
        who = Person.of(owner, store.clock())
        first_commit(store.git(row), row["default_branch"], files, "Initial commit", who)
    return repository_by_id(store, row["id"])

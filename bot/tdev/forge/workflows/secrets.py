"""Secrets and variables of repositories and environments, which jobs get through `secrets.NAME` and `vars.NAME`.

Follows "Using secrets in GitHub Actions" and "Variables reference". Comes in: a repository, an environment (0 for none)
and a name. Goes out: values for a job, an environment's own before its repository's; for everybody else a secret's
name and times. Values stand in the state file as they are: the forge is for this machine.

Secrets of organisations are left out, and so is setting a secret over the REST API, which needs a sealed box.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from tdev.errors import Refused
from tdev.forge.store import Row, Store

SECRET, VARIABLE = "secret", "variable"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHORTEST_LINE = 4
_LARGEST = 48 * 1024
_ALL = "SELECT * FROM actions_settings WHERE kind = ? AND repository_id = ? AND environment_id = ? ORDER BY name"
_ONE = "SELECT * FROM actions_settings WHERE kind = ? AND repository_id = ? AND environment_id = ? AND name = ?"
_REMOVE = "DELETE FROM actions_settings WHERE kind = ? AND repository_id = ? AND environment_id = ? AND name = ?"


def set_secret(store: Store, repository_id: int, name: str, value: str, *, environment_id: int = 0) -> None:
    """Set a secret; Refused for a name or a size GitHub does not take."""
    put(store, SECRET, repository_id, name, value, environment_id=environment_id)


def set_variable(store: Store, repository_id: int, name: str, value: str, *, environment_id: int = 0) -> None:
    """Set a variable; Refused for a name or a size GitHub does not take."""
    put(store, VARIABLE, repository_id, name, value, environment_id=environment_id)


def put(store: Store, kind: str, repository_id: int, name: str, value: str, *, environment_id: int = 0) -> None:
    """Set a secret or a variable; names are kept in capitals."""
    if not _NAME.fullmatch(name) or name.upper().startswith("GITHUB_"):
        raise Refused(
            f"{name} is no name for a {kind}.",
            next_step="Use letters, digits and _, not beginning with a digit or with GITHUB_.",
        )
    if len(value.encode()) > _LARGEST:
        raise Refused(f"The {kind} {name} is larger than 48 KB.", next_step="Keep it shorter.")
    now = store.now()
    store.run(
        "INSERT INTO actions_settings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, "
        "updated_at = excluded.updated_at",
        kind, repository_id, environment_id, name.upper(), value, now, now,
    )  # fmt: skip


def listed(store: Store, kind: str, repository_id: int, environment_id: int = 0) -> list[Row]:
    """All of a kind, by name."""
    return store.all(_ALL, kind, repository_id, environment_id)


def find(store: Store, kind: str, repository_id: int, environment_id: int, name: str) -> Row | None:
    """One by its name, in capitals or not; None where there is none."""
    return store.one(_ONE, kind, repository_id, environment_id, name.upper())


def remove(store: Store, kind: str, repository_id: int, environment_id: int, name: str) -> None:
    """Take one away."""
    store.run(_REMOVE, kind, repository_id, environment_id, name.upper())


def of_job(store: Store, kind: str, repository_id: int, environment_id: int = 0) -> dict[str, str]:
    """What a job sees: its repository's, and over them its environment's."""
    places = (0, environment_id) if environment_id else (0,)
    return {row["name"]: row["value"] for place in places for row in listed(store, kind, repository_id, place)}


def masks(values: Iterable[str]) -> tuple[bytes, ...]:
    """What must not stand in a log: each value, its lines, and both in the forms texts are often written in."""
    found: set[bytes] = set()
    for value in values:
        lines = [line.strip() for line in value.splitlines() if len(line.strip()) >= _SHORTEST_LINE]
        for text in (value, value.strip(), *lines):
            found |= {text.encode(), quote(text, safe="").encode(), json.dumps(text)[1:-1].encode(), *_encoded(text)}
    return tuple(sorted((each for each in found if each.strip()), key=len, reverse=True))


def _encoded(text: str) -> Iterable[bytes]:
    """The text as base64, wherever in a longer text it stands; only what depends on nothing beside it."""
    raw = text.encode()
    if len(raw) < _SHORTEST_LINE:
        return
    for form in (base64.b64encode, base64.urlsafe_b64encode):
        yield form(raw)
        yield form(raw).rstrip(b"=")
        for before in range(3):
            coded = form(b"\0" * before + raw)
            whole = coded[(0, 2, 3)[before] : len(coded) - (0, 3, 2)[(before + len(raw)) % 3]]
            if len(whole) >= _SHORTEST_LINE:
                yield whole

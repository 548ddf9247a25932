"""The forge's state: one SQLite file and, beside it, one bare git repository per repository.

Comes in: a folder, the address the forge is reached at, a clock. Goes out: rows (`sqlite3.Row`) and
ids. Handlers in forge/api ask with SQL of their own through `one`, `all` and `run`; what several
of them need about accounts, Apps and repositories is here. All calls belong to one thread, the event
loop's; every statement is on disk when it returns, and `transaction` groups several.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tdev.adapters.git import Git
from tdev.errors import Refused
from tdev.forge.schema import SCHEMA

Row = sqlite3.Row
Json = dict[str, Any]


@dataclass
class Store:
    """An open state folder; make one with `open_store`."""

    root: Path
    """Folder with forge.sqlite and repositories/."""
    base_url: str
    """Address of the forge, without a slash at the end; its REST API is below `api_url`."""
    connection: sqlite3.Connection
    """The open SQLite file."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What git may see of our environment."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    listeners: list[Callable[[Store, Row, str, str, Json, Row], None]] = field(default_factory=list)
    """Told of pushes and pull requests: store, repository, event, action, payload, sender. Workflows begin so."""

    @property
    def api_url(self) -> str:
        """Address of the REST API, at the path GitHub Enterprise Server has it."""
        return f"{self.base_url}/api/v3"

    @property
    def admin_token(self) -> str:
        """The secret that opens /_forge; made when the folder is new."""
        return str(self.value("SELECT value FROM kept WHERE name = 'admin_token'"))

    def one(self, sql: str, *values: object) -> Row | None:
        """The first row, or None."""
        row: Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        """Every row."""
        return self.connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """First column of the first row, or None."""
        row = self.one(sql, *values)
        return None if row is None else row[0]

    def run(self, sql: str, *values: object) -> int:
        """Carry out a statement; returns the id of the row it inserted last."""
        return int(self.connection.execute(sql, values).lastrowid or 0)

    def insert(self, table: str, /, **columns: object) -> int:
        """Insert a row and return its id."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        return self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608

    def update(self, table: str, row_id: int, /, **columns: object) -> None:
        """Change columns of the row with this id."""
        if columns:
            names = ", ".join(f"{name} = ?" for name in columns)
            self.run(f"UPDATE {table} SET {names} WHERE id = ?", *columns.values(), row_id)  # noqa: S608

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements of the block, or none."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def now(self) -> str:
        """The clock's time as GitHub writes it."""
        return timestamp(self.clock())

    def git(self, repository: Row) -> Git:
        """Git in the bare folder of a repository."""
        return Git(self.folder(repository), self.environment)

    def folder(self, repository: Row) -> Path:
        """The bare folder of a repository."""
        owner = str(self.value("SELECT login FROM users WHERE id = ?", repository["owner_id"]))
        return self.root / "repositories" / owner.lower() / f"{repository['name'].lower()}.git"


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as 2026-01-31T12:00:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def open_store(
    root: Path, *, base_url: str, clock: Callable[[], float] = time.time, environment: Mapping[str, str] | None = None
) -> Store:
    """Open the state folder, making it when it is new."""
    (root / "repositories").mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(root / "forge.sqlite", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.executescript(SCHEMA)
    store = Store(root, base_url.rstrip("/"), connection, environment or {}, clock)
    store.run("INSERT OR IGNORE INTO kept VALUES ('admin_token', ?)", f"forge_{secrets.token_hex(20)}")
    return store


def add_user(store: Store, login: str, *, kind: str = "User", site_admin: bool = False) -> Row:
    """Add an account (`User`, `Organization` or `Bot`) and return its row; Refused when the login is taken."""
    if user_by_login(store, login) is not None:
        raise Refused(f"The login {login} is taken.", next_step="Choose another login.")
    email = None if kind == "Organization" else f"{login}@users.noreply.forge.example"
    row_id = store.insert(
        "users", login=login, type=kind, email=email, site_admin=int(site_admin), created_at=store.now()
    )
    return user_by_id(store, row_id)


def user_by_login(store: Store, login: str) -> Row | None:
    """The account with a login, upper and lower case alike."""
    return store.one("SELECT * FROM users WHERE login = ?", login)


def user_by_id(store: Store, user_id: int) -> Row:
    """The account with an id that is known to exist."""
    row = store.one("SELECT * FROM users WHERE id = ?", user_id)
    if row is None:
        raise KeyError(user_id)
    return row


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_personal_token(store: Store, user_id: int) -> str:
    """A new personal access token of a user; it may do what the user may."""
    token = f"ghp_{secrets.token_hex(18)}"
    store.insert("tokens", hash=hash_of(token), user_id=user_id, created_at=store.now())
    return token


def add_user_token(store: Store, user_id: int, app_id: int) -> str:
    """A new user access token of an App; it may do what both the user and the App may."""
    token = f"ghu_{secrets.token_hex(18)}"
    store.insert("tokens", hash=hash_of(token), user_id=user_id, app_id=app_id, created_at=store.now())
    return token


def add_installation_token(
    store: Store,
    installation: Row,
    *,
    permissions: Mapping[str, str],
    repository_ids: Sequence[int] | None,
    lifetime: int = 3600,
) -> tuple[str, str]:
    """A new installation access token and when it expires; `repository_ids` None = all of the installation."""
    token = f"ghs_{secrets.token_hex(18)}"
    expires = timestamp(store.clock() + lifetime)
    store.insert(
        "tokens",
        hash=hash_of(token),
        installation_id=installation["id"],
        permissions=json.dumps(dict(permissions)),
        repository_ids=None if repository_ids is None else json.dumps(list(repository_ids)),
        created_at=store.now(),
        expires_at=expires,
    )
    return token, expires


def add_repository(
    store: Store, owner: Row, name: str, *, private: bool = False, description: str = "", default_branch: str = "main"
) -> Row:
    """Add a repository with an empty bare git folder; Refused when the owner has one of that name."""
    if repository_by_name(store, owner["login"], name) is not None:
        raise Refused(f"{owner['login']} has a repository {name} already.", next_step="Choose another name.")
    now = store.now()
    row_id = store.insert(
        "repositories",
        owner_id=owner["id"],
        name=name,
        private=int(private),
        description=description or None,
        default_branch=default_branch,
        created_at=now,
        updated_at=now,
        pushed_at=now,
    )
    row = repository_by_id(store, row_id)
    folder = store.folder(row)
    folder.mkdir(parents=True)
    Git(folder, store.environment).run("init", "--quiet", "--bare", f"--initial-branch={default_branch}")
    return row


def repository_by_name(store: Store, owner: str, name: str) -> Row | None:
    """The repository owner/name."""
    return store.one(
        "SELECT r.* FROM repositories r JOIN users u ON u.id = r.owner_id WHERE u.login = ? AND r.name = ?", owner, name
    )


def repository_by_id(store: Store, repository_id: int) -> Row:
    """The repository with an id that is known to exist."""
    row = store.one("SELECT * FROM repositories WHERE id = ?", repository_id)
    if row is None:
        raise KeyError(repository_id)
    return row


def set_collaborator(store: Store, repository_id: int, user_id: int, role: str) -> None:
    """Give a user a role: `read`, `triage`, `write`, `maintain` or `admin`."""
    store.run("INSERT OR REPLACE INTO collaborators VALUES (?, ?, ?)", repository_id, user_id, role)


def installed_repository_ids(store: Store, installation: Row) -> frozenset[int]:
    """Ids of the repositories an installation reaches."""
    if installation["repository_selection"] == "all":
        rows = store.all("SELECT id FROM repositories WHERE owner_id = ?", installation["account_id"])
    else:
        rows = store.all(
            "SELECT repository_id FROM installation_repositories WHERE installation_id = ?", installation["id"]
        )
    return frozenset(row[0] for row in rows)


def next_number(store: Store, repository_id: int) -> int:
    """The next number for an issue or pull request of a repository."""
    number = store.value(
        "UPDATE repositories SET last_number = last_number + 1 WHERE id = ? RETURNING last_number", repository_id
    )
    return int(number)

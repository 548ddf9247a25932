"""One request to the REST API, as a handler sees it.

A Call carries the store, who is asking, what the path and the query say and the parsed JSON body.
`text`, `flag` and `names` read a field of the body and answer 422 where it is of another kind;
`page` cuts a list as "Using pagination in the REST API" documents, `per_page` at most 100, and
writes the Link header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from tdev.adapters.git import Git
from tdev.forge.answers import Answer, ApiError, invalid, not_found
from tdev.forge.api_versions import OLDEST
from tdev.forge.store import Json, Row, Store, user_by_id

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(frozen=True)
class Actor:
    """Who is asking."""

    kind: str
    """`anonymous`, `user`, `app` (a JWT) or `installation`."""
    user_id: int = 0
    """The account that what is written belongs to: the user, or the App's bot; 0 for nobody."""
    app_id: int = 0
    installation_id: int = 0
    permissions: Mapping[str, str] = field(default_factory=dict)
    """Of an installation token."""
    repository_ids: frozenset[int] = frozenset()
    """Of an installation token."""
    token_hash: str = ""
    site_admin: bool = False

    @property
    def key(self) -> str:
        """What rate limits count by."""
        number = self.installation_id or self.app_id or self.user_id
        return f"{self.kind}:{number}"


@dataclass(frozen=True)
class Call:
    """A request that has passed authentication."""

    store: Store
    actor: Actor
    path: Mapping[str, str]
    """Path parameters by the names of GitHub's template."""
    query: Mapping[str, str]
    body: Any
    """Parsed JSON; an empty mapping when there was no body."""
    url: str
    """Address that was asked, without the query."""
    accept: str = ""
    """The Accept header."""
    found: Row | None = None
    """The repository of the path, when the path has {owner} and {repo}."""
    limits: Any = None
    """The forge's rate limits (limits.Limits)."""
    api_version: str = OLDEST
    """The version of the API that is asked for."""

    @property
    def repository(self) -> Row:
        """The repository of the path; 404 where there is none."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def git(self) -> Git:
        """Git in the repository of the path."""
        return self.store.git(self.repository)

    @property
    def user(self) -> Row:
        """The account that is asking; 401 for nobody."""
        if not self.actor.user_id:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Requires authentication")
        return user_by_id(self.store, self.actor.user_id)

    @property
    def document(self) -> Json:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise ApiError(HTTPStatus.BAD_REQUEST, "Body should be a JSON object")
        return self.body

    def number(self, name: str) -> int:
        """A path parameter that is a number; 404 otherwise."""
        word = self.path[name]
        if not word.isdecimal() or len(word) > 15:
            raise not_found()
        return int(word)

    def text(self, name: str, *, resource: str, default: str | None = None) -> str:
        """A field of the body that is text; 422 when it is missing without a default, or of another kind."""
        value = self.document.get(name)
        if value is None:
            if default is None:
                raise invalid(resource, name, "missing_field")
            return default
        if not isinstance(value, str):
            raise invalid(resource, name, "invalid", f"{name} is not a string.")
        return value

    def flag(self, name: str, *, resource: str, default: bool = False) -> bool:
        """A field of the body that is true or false."""
        value = self.document.get(name, default)
        if not isinstance(value, bool):
            raise invalid(resource, name, "invalid", f"{name} is not a boolean.")
        return value

    def names(self, name: str, *, resource: str) -> list[str]:
        """A field of the body that is a list of texts, or of objects with a name (as label lists may be)."""
        value = self.document.get(name) or []
        if not isinstance(value, list):
            raise invalid(resource, name, "invalid", f"{name} is not a list.")
        items = [item.get("name") if isinstance(item, dict) else item for item in value]
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) != len(items):
            raise invalid(resource, name, "invalid", f"{name} is not a list of strings.")
        return texts

    def page(
        self,
        rows: Sequence[Any],
        render: Callable[[Any], Any],
        *,
        wrap: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One page of a list; with `wrap`, an object with total_count and the list under that name."""
        size = min(max(_whole(self.query.get("per_page"), 30), 1), 100)
        page = max(_whole(self.query.get("page"), 1), 1)
        last = max(-(-len(rows) // size), 1)
        items = [render(row) for row in rows[(page - 1) * size : page * size]]
        targets = {"prev": page - 1 if page > 1 else 0, "next": page + 1 if page < last else 0}
        targets |= {"last": last if page < last else 0, "first": 1 if page > 1 else 0}
        links = [f'<{self._page_url(target)}>; rel="{name}"' for name, target in targets.items() if target]
        headers = {"Link": ", ".join(links)} if links else {}
        if wrap:
            return Answer({"total_count": len(rows), **(more or {}), wrap: items}, headers=headers)
        return Answer(items, headers=headers)

    def _page_url(self, page: int) -> str:
        """The address of another page of this list."""
        return f"{self.url}?{urlencode({**self.query, 'page': page})}"


Handler = Callable[[Call], Awaitable[Answer]]
"""What answers one route of the REST API."""


def _whole(word: str | None, default: int) -> int:
    """The number a query parameter says."""
    return int(word) if word and word.isdecimal() and len(word) < 10 else default


def role_of(store: Store, repository: Row, user_id: int) -> str:
    """A user's role in a repository: one of ROLES. Everyone reads a public one; its owner is admin."""
    if user_id and user_id == repository["owner_id"]:
        return "admin"
    role = store.value(
        "SELECT role FROM collaborators WHERE repository_id = ? AND user_id = ?", repository["id"], user_id
    )
    if role:
        return str(role)
    if user_id and store.value("SELECT site_admin FROM users WHERE id = ?", user_id):
        return "admin"
    return "none" if repository["private"] else "read"

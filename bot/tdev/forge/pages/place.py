"""What every page of a repository begins with: may this be seen, and where in the forge are we.

Comes in: a request with {owner} and {name}. Goes out: a Place, or 404: private repositories are shown only to
requests with a token (in the Authorization header) that may read them.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import hdrs, web

from tdev.forge.access.authentication import identify
from tdev.forge.access.permissions import check
from tdev.forge.answers import ApiError
from tdev.forge.api.repositories import full_name, html_url
from tdev.forge.pages.html import Html, fill, joined, link
from tdev.forge.pages.markdown import rendered
from tdev.forge.store import Row, Store, repository_by_name


@dataclass(frozen=True)
class Place:
    """A repository somebody looks at."""

    store: Store
    repository: Row

    @property
    def name(self) -> str:
        """owner/name."""
        return full_name(self.store, self.repository)

    @property
    def url(self) -> str:
        """Address of its page."""
        return html_url(self.store, self.repository)

    @property
    def trail(self) -> Html:
        """Links of the page's head."""
        tabs = (("issues", "Issues"), ("pulls", "Pull requests"), ("actions", "Actions"))
        return joined([link(self.url, self.name), *(link(f"{self.url}/{path}", word) for path, word in tabs)])

    def login(self, user_id: int | None) -> str:
        """An account's login."""
        return str(self.store.value("SELECT login FROM users WHERE id = ?", user_id) or "ghost")


def seen(store: Store, request: web.Request, permission: str = "contents:read") -> Place:
    """The repository of the path; 404 when it does not exist or must not be seen."""
    repository = repository_by_name(store, request.match_info["owner"], request.match_info["name"])
    if repository is None:
        raise web.HTTPNotFound(text="Not Found")
    try:
        actor = identify(store, request.headers.get(hdrs.AUTHORIZATION, ""))
        check(store, actor, repository, permission)
    except ApiError as error:
        raise web.HTTPNotFound(text="Not Found") from error
    return Place(store, repository)


def number_in(request: web.Request, name: str) -> int:
    """A number of the path; 404 when it is none."""
    word = request.match_info[name]
    if not word.isdecimal() or len(word) > 15:
        raise web.HTTPNotFound(text="Not Found")
    return int(word)


def text_box(head: Html, text: str | None, *, breaks: bool = True) -> Html:
    """A box with a head and a text in Markdown; `breaks` keeps line ends."""
    return fill(
        '<div class="box"><div class="head">{head}</div><div class="text">{text}</div></div>',
        head=head, text=rendered(text or "*No description provided.*", breaks=breaks),
    )  # fmt: skip

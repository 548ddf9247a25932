"""The table of the REST API: every route the forge answers.

Each row is method, path template as in GitHub's OpenAPI description, permission and handler; the rows
stand in forge/api beside their handlers and are only put together here. Goes out: `find`, the route
for a request with its path parameters. A permission is written `issues:write`, `|` between
alternatives, `:open` for what everybody who reads may do, `app` for an App's JSON Web Token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from tdev.forge.access import app_manifest
from tdev.forge.api import (
    accounts,
    apps,
    assignees,
    branches,
    check_suites,
    checks,
    code_scanning,
    comments,
    commits,
    contents,
    git_objects,
    installations,
    issue_events,
    issues,
    labels,
    merging,
    meta,
    protection,
    pull_files,
    pulls,
    rate_limit,
    reactions,
    repositories,
    reviews,
    rulesets,
    statuses,
)
from tdev.forge.call import Handler
from tdev.forge.workflows import table as actions_table

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    *meta.ROUTES,
    *rate_limit.ROUTES,
    *accounts.ROUTES,
    *apps.ROUTES,
    *installations.ROUTES,
    *repositories.ROUTES,
    *contents.ROUTES,
    *git_objects.ROUTES,
    *branches.ROUTES,
    *commits.ROUTES,
    *issues.ROUTES,
    *issue_events.ROUTES,
    *comments.ROUTES,
    *labels.ROUTES,
    *reactions.ROUTES,
    *assignees.ROUTES,
    *pulls.ROUTES,
    *reviews.ROUTES,
    *pull_files.ROUTES,
    *merging.ROUTES,
    *checks.ROUTES,
    *check_suites.ROUTES,
    *statuses.ROUTES,
    *code_scanning.ROUTES,
    *rulesets.ROUTES,
    *protection.ROUTES,
    *app_manifest.ROUTES,
    *actions_table.ROUTES,
)
"""Every row."""
_WITH_SLASHES = frozenset({"path", "ref", "branch", "basehead", "dir", "name"})
"""Parameters that may hold slashes: paths of files, and names of references and labels."""


@dataclass(frozen=True)
class Route:
    """One row of the table."""

    method: str
    template: str
    permission: str
    handler: Handler
    pattern: re.Pattern[str]
    """Matches the path as it was sent, percent-encoded."""


def _route(row: tuple[str, str, str, Handler]) -> Route:
    """A row with its pattern."""
    method, template, permission, handler = row
    parts = re.split(r"\{(\w+)\}", template)
    words = [
        (f"(?P<{part}>{'.+' if part in _WITH_SLASHES else '[^/]+'})" if at % 2 else re.escape(part))
        for at, part in enumerate(parts)
    ]
    pattern = "".join(words).replace("/(?P<path>.+)", "(?:/(?P<path>.*))?")
    return Route(method, template, permission, handler, re.compile(pattern))


def _order(route: Route) -> tuple[int, int]:
    """Longer templates first, and of those the ones with fewer parameters."""
    return (-route.template.count("/"), route.template.count("{"))


@lru_cache(maxsize=1)
def _sorted() -> tuple[Route, ...]:
    """The table in the order it is searched."""
    return tuple(sorted(map(_route, ROUTES), key=_order))


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route for a method and an encoded path, with decoded parameters; HEAD is answered as GET."""
    wanted = "GET" if method == "HEAD" else method
    for route in _sorted():
        match = route.pattern.fullmatch(path) if route.method == wanted else None
        if match:
            return route, {name: unquote(word or "") for name, word in match.groupdict().items()}
    return None

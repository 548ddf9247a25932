"""Rate limits: the primary one per hour, and the secondary ones against bursts.

Follows "Rate limits for the REST API": 5,000 requests an hour for a user or an installation, 60 for
nobody, told in the x-ratelimit headers; and, as secondary limits, 100 requests at once, 900 points a
minute (reading 1, writing 5) and 80 requests a minute that make content. Primary counters are in the
store and outlive a restart; secondary ones are in memory. Both can be changed at /_forge/limits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus

from tdev.forge.answers import ApiError
from tdev.forge.call import Actor
from tdev.forge.store import Store

_HOUR = 3600
_MINUTE = 60.0


@dataclass
class Limits:
    """The limits, and what was spent of the secondary ones."""

    core: int = 5000
    """Requests an hour for users, Apps and installations."""
    anonymous: int = 60
    """Requests an hour for nobody."""
    concurrent: int = 100
    """Requests at the same time."""
    points: int = 900
    """Points a minute: 1 for reading, 5 for writing."""
    content: int = 80
    """Requests a minute that make content."""
    running: dict[str, int] = field(default_factory=dict)
    recent: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Budget:
    """What one actor has of the primary limit."""

    limit: int
    used: int
    resets_at: int

    def headers(self) -> dict[str, str]:
        """The five x-ratelimit headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self.used, 0)),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(self.resets_at),
            "X-RateLimit-Resource": "core",
        }

    def document(self) -> dict[str, int]:
        """As /rate_limit shows it."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": max(self.limit - self.used, 0),
            "reset": self.resets_at,
        }


def budget(store: Store, limits: Limits, actor: Actor) -> Budget:
    """What the actor has left now, without spending any."""
    now = int(store.clock())
    limit = limits.anonymous if actor.kind == "anonymous" else limits.core
    row = store.one("SELECT * FROM spent WHERE key = ?", actor.key)
    if row is None or row["resets_at"] <= now:
        return Budget(limit, 0, now + _HOUR)
    return Budget(limit, row["used"], row["resets_at"])


def spend(store: Store, limits: Limits, actor: Actor) -> Budget:
    """Count one request; ApiError 403 when none is left."""
    have = budget(store, limits, actor)
    if have.used >= have.limit:
        who = f"installation ID {actor.installation_id}" if actor.installation_id else f"user ID {actor.user_id}"
        raise ApiError(HTTPStatus.FORBIDDEN, f"API rate limit exceeded for {who}.", headers=have.headers())
    have = Budget(have.limit, have.used + 1, have.resets_at)
    store.run("INSERT OR REPLACE INTO spent VALUES (?, ?, ?)", actor.key, have.used, have.resets_at)
    return have


def give_back(store: Store, actor: Actor, have: Budget) -> Budget:
    """Uncount a request that was answered 304: those are free."""
    store.run("UPDATE spent SET used = used - 1 WHERE key = ? AND used > 0", actor.key)
    return Budget(have.limit, max(have.used - 1, 0), have.resets_at)


def check_secondary(limits: Limits, actor: Actor, method: str, now: float) -> None:
    """Count a request against the secondary limits; ApiError 403 with Retry-After when one is passed."""
    recent = limits.recent.setdefault(actor.key, deque())
    while recent and recent[0][0] <= now - _MINUTE:
        recent.popleft()
    cost = 1 if method in ("GET", "HEAD", "OPTIONS") else 5
    writes = sum(1 for _, points in recent if points > 1)
    too_many = (
        limits.running.get(actor.key, 0) >= limits.concurrent
        or sum(points for _, points in recent) + cost > limits.points
        or (cost > 1 and writes >= limits.content)
    )
    if too_many:
        wait = max(int(recent[0][0] + _MINUTE - now), 1) if recent else 1
        raise ApiError(
            HTTPStatus.FORBIDDEN,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            headers={"Retry-After": str(wait)},
        )
    recent.append((now, cost))

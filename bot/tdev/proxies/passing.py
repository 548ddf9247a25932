"""Passing: one request to the model on its way, and what the log says of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tdev.core.model_usage import Tokens
from tdev.proxies.account import Promise


@dataclass
class Passing:
    """What is known of one request."""

    path: str
    """As the client wrote it, cut to a sensible length."""
    model: str = ""
    promise: Promise | None = None
    """Money held back for it; None = it costs nothing."""
    least: int = 0
    """Tokens that its text makes at the very least."""
    status: int = 0
    """HTTP status of the answer; 0 = there was none."""
    reason: str = ""
    """Why it was refused or broke off; empty = it was not."""
    left: bool = False
    """The client is gone."""
    began: float = field(default_factory=time.monotonic)

    def asks(self) -> None:
        """It is sent: from here on its prompt counts."""
        if self.promise:
            self.promise.asked = True
        self.hears(Tokens())

    def hears(self, tokens: Tokens) -> bool:
        """Note what was used so far; False when the budget is thereby reached."""
        return self.promise is None or self.promise.use(tokens.at_least(self.least, 0))

    def is_given_up(self) -> None:
        """Nobody hears its end: it counts as if the provider had made all that it was granted."""
        if self.promise and self.promise.asked:
            self.reason = self.reason or "given up"
            self.promise.use(self.promise.used.at_least(self.least, self.promise.granted))

    def costs_nothing(self, *, asked: bool) -> None:
        """The provider answered with an error, or (not `asked`) was not reached."""
        if self.promise:
            self.promise.use(Tokens())
            self.promise.asked = asked

    def line(self, provider: str) -> dict[str, object]:
        """Its line in the log."""
        used = self.promise.used if self.promise else Tokens()
        line: dict[str, object] = {
            "provider": provider,
            "path": self.path,
            "model": self.model,
            "status": self.status,
            "input_tokens": used.input,
            "cache_write_tokens": used.cache_write + used.cache_write_hour,
            "cache_read_tokens": used.cache_read,
            "output_tokens": used.output,
            "usd": round(self.promise.spent, 6) if self.promise else 0.0,
            "ms": round((time.monotonic() - self.began) * 1000),
        }
        return line | ({"reason": self.reason} if self.reason else {})

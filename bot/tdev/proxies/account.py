"""The money of one model proxy: what is spent, what is promised to requests under way, what is left.

A request is paid for before it is sent: its prompt as estimated, and as many tokens of answer as it may get. That
number is lowered to what the rest pays for, because thinking is not always shown while it goes on, so that cutting an
answer off would come too late. Half of the rest is the most that one request gets, so that others can go on beside it.

All of it lives in the loop of the proxy; only `usage` may be called from elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from tdev.core.model_prices import price_of
from tdev.core.model_usage import ModelUsage, Tokens

_ESTIMATED_CHARACTERS = 4
"""Characters of a prompt that make a token, as an estimate."""
_CACHE_SECONDS = 300.0
"""How long a provider keeps a prompt."""
_FAIR_TOKENS = 8192
"""An answer of this length is worth the last half of the money, too."""
_LEAST_TOKENS = 256
"""An answer that would have to be shorter than this is not worth its prompt."""


class OutOfMoney(Exception):
    """The rest of the budget does not pay for the request."""


class Promise:
    """Money held back for one request."""

    def __init__(self, account: Account, model: str, usd: float, granted: int) -> None:
        self._account = account
        self._model = model
        self._usd = usd
        self.granted = granted
        """Tokens of answer that are paid for."""
        self.used = Tokens()
        """What it used so far."""
        self.asked = False
        """Whether it reached the provider."""
        self._open = True

    @property
    def spent(self) -> float:
        """US dollars for what was used so far."""
        return self.used.usd(price_of(self._model))

    def use(self, tokens: Tokens) -> bool:
        """Note what was used so far; False when the whole budget is thereby reached."""
        self.used = tokens
        return self._account.holds()

    def settle(self) -> None:
        """The request is over. Doing it twice does no harm."""
        if self._open:
            self._open = False
            self._account.close(self, self._model, self._usd)


class Account:
    """Spent, promised, left."""

    def __init__(self, usd: float) -> None:
        self._limit = usd
        self._settled = ModelUsage()
        self._promised = 0.0
        self._open: dict[int, Promise] = {}
        self._changed = asyncio.Condition()
        self._cached: dict[str, tuple[float, int]] = {}

    def usage(self) -> ModelUsage:
        """What was used, requests under way included as far as is known."""
        usage = self._settled
        for promise in [promise for promise in list(self._open.values()) if promise.asked]:
            usage = usage.plus(promise.used, promise.spent)
        return usage

    def refuse(self, *, stopped: bool = False) -> None:
        """Count a request that did not pass, or an answer that was cut off (`stopped`)."""
        self._settled = replace(
            self._settled, refused=self._settled.refused + 1, stopped=self._settled.stopped or stopped
        )

    def holds(self) -> bool:
        """Whether the budget is not reached; where it is, that is noted."""
        spent = self._settled.usd + sum(promise.spent for promise in self._open.values())
        if spent > self._limit:
            self._settled = replace(self._settled, stopped=True)
        return spent <= self._limit

    async def promise(self, model: str, characters: int, wanted: int, least: int = _LEAST_TOKENS) -> Promise:
        """Hold money back for a request, after waiting for others when it is only they that hold it.

        Raises OutOfMoney when the rest does not pay for `least` tokens of answer.
        """
        async with self._changed:
            while True:
                usd, granted = self._affordable(model, characters // _ESTIMATED_CHARACTERS, wanted)
                if granted >= min(wanted, least):
                    promise = Promise(self, model, usd, granted)
                    self._promised += usd
                    self._open[id(promise)] = promise
                    return promise
                if not self._open:
                    self._settled = replace(self._settled, stopped=True)
                    raise OutOfMoney
                await self._changed.wait()

    def close(self, promise: Promise, model: str, usd: float) -> None:
        """Count a request that is over, and free what it held back."""
        del self._open[id(promise)]
        self._promised -= usd
        if promise.asked:
            self._settled = self._settled.plus(promise.used, promise.spent)
            self._cached[model] = (time.monotonic(), promise.used.prompt - promise.used.input)
            self.holds()
        self._wake = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _affordable(self, model: str, prompt: int, wanted: int) -> tuple[float, int]:
        """US dollars to hold back, and the tokens of answer that they pay for (not above `wanted`)."""
        seen, cached = self._cached.get(model, (0.0, 0))
        read = min(prompt, cached) if time.monotonic() - seen < _CACHE_SECONDS else 0
        price = price_of(model)
        asking = Tokens(cache_write=prompt - read, cache_read=read).usd(price)
        each = price.at(prompt).output / 1_000_000
        left = self._limit - self._settled.usd - self._promised - asking
        payable = max(0, int(left / each))
        granted = min(wanted, max(payable // 2, min(payable, _FAIR_TOKENS)))
        return asking + granted * each, granted

"""List prices of Claude models, and which model a provider's id means.

Anthropic, Bedrock and Vertex name the same model differently (`claude-sonnet-4-5-20250929`,
`us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `claude-sonnet-4-5@20250929`); a Release is what they have in common.
A model that is not in the table is counted at the dearest prices of it, so that an unknown name is never cheap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

FAMILIES = ("haiku", "sonnet", "opus", "fable", "mythos")
"""The families of models; all but the last are also aliases that Claude Code resolves itself."""


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float
    cache_write: float
    """Written to the cache for five minutes."""
    cache_write_hour: float
    """Written to the cache for an hour."""
    cache_read: float
    long_above: int = 0
    """Prompts of more tokens than this cost `long_factor` times as much, all tokens of them; 0 = none does."""
    long_factor: float = 1.0

    def at(self, prompt_tokens: int) -> Price:
        """What holds for a prompt of that many tokens, cached ones included."""
        if not self.long_above or prompt_tokens <= self.long_above:
            return self
        factor = self.long_factor
        return Price(
            self.input * factor,
            self.output * factor,
            self.cache_write * factor,
            self.cache_write_hour * factor,
            self.cache_read * factor,
        )


@dataclass(frozen=True)
class Release:
    """One model, whoever provides it."""

    family: str
    version: tuple[int, ...]
    """(4, 5) for 4.5; (4,) for 4."""


def _usual(dollars_in: float, dollars_out: float, cache_read: float | None = None) -> Price:
    """Prices in the usual relation: a cache write costs 1.25 of the input (an hour's 2), a read a tenth."""
    read = dollars_in / 10 if cache_read is None else cache_read
    return Price(dollars_in, dollars_out, dollars_in * 1.25, dollars_in * 2, read)


PRICES: dict[Release, Price] = {
    Release("haiku", (3, 5)): _usual(0.8, 4),
    Release("haiku", (4, 5)): _usual(1, 5),
    Release("haiku", (5, 5)): replace(_usual(0.1, 0.5), long_above=100_000, long_factor=5.0),
    Release("sonnet", (3, 5)): _usual(3, 15),
    Release("sonnet", (3, 7)): _usual(3, 15),
    Release("sonnet", (4,)): _usual(3, 15),
    Release("sonnet", (4, 5)): _usual(3, 15),
    Release("sonnet", (4, 6)): _usual(3, 15),
    Release("sonnet", (5,)): _usual(2, 10),
    Release("sonnet", (5, 5)): _usual(2, 10, 0.1),
    Release("opus", (4,)): _usual(15, 75),
    Release("opus", (4, 1)): _usual(15, 75),
    Release("opus", (4, 5)): _usual(5, 25),
    Release("opus", (4, 6)): _usual(5, 25),
    Release("opus", (4, 7)): _usual(5, 25),
    Release("opus", (4, 8)): _usual(5, 25),
    Release("opus", (5,)): _usual(5, 25),
    Release("opus", (5, 5)): _usual(4, 20, 0.2),
    Release("fable", (5,)): _usual(10, 50),
    Release("fable", (5, 1)): _usual(10, 50, 0.25),
    Release("fable", (5, 2)): _usual(8, 40, 0.2),
    Release("mythos", (5,)): _usual(10, 50),
    Release("mythos", (5, 1)): _usual(10, 50, 0.25),
    Release("mythos", (5, 2)): _usual(8, 40, 0.2),
}
"""The public list, late 2026. Another price of yours only makes the budget more or less careful than it says."""

DEAREST = max(PRICES.values(), key=lambda price: price.output)

_NUMBER = r"\d{1,2}"
_NEW_NAME = re.compile(rf"claude-({'|'.join(FAMILIES)})-({_NUMBER})(?:-({_NUMBER}))?(?![0-9])")
_OLD_NAME = re.compile(rf"claude-({_NUMBER})(?:-({_NUMBER}))?-({'|'.join(FAMILIES)})(?![a-z])")


def release_of(model: str) -> Release | None:
    """The model that a provider's id names; None when the id has no such form."""
    if found := _NEW_NAME.search(model):
        family, major, minor = found.groups()
    elif found := _OLD_NAME.search(model):
        major, minor, family = found.groups()
    else:
        return None
    version = (int(major), int(minor)) if minor and int(minor) else (int(major),)
    return Release(family, version)


def price_of(model: str) -> Price:
    """List price of a model by any provider's id; the dearest when it is not known."""
    release = release_of(model)
    return PRICES.get(release, DEAREST) if release else DEAREST

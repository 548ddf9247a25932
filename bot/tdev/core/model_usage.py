"""What was asked of a model: requests, tokens, US dollars."""

from __future__ import annotations

from dataclasses import dataclass

from tdev.core.model_prices import Price

_MILLION = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """The tokens of one answer, as they are billed."""

    input: int = 0
    """Read afresh, neither from the cache nor into it."""
    cache_write: int = 0
    """Written to the cache for five minutes."""
    cache_write_hour: int = 0
    """Written to the cache for an hour."""
    cache_read: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        """All that went in."""
        return self.input + self.cache_write + self.cache_write_hour + self.cache_read

    def at_least(self, prompt: int, output: int) -> Tokens:
        """These, or more where less is claimed than must have passed; what is missing counts as plain input."""
        return Tokens(
            self.input + max(0, prompt - self.prompt),
            self.cache_write,
            self.cache_write_hour,
            self.cache_read,
            max(self.output, output),
        )

    def usd(self, price: Price) -> float:
        """US dollars."""
        rate = price.at(self.prompt)
        dollars = (
            self.input * rate.input
            + self.cache_write * rate.cache_write
            + self.cache_write_hour * rate.cache_write_hour
            + self.cache_read * rate.cache_read
            + self.output * rate.output
        )
        return dollars / _MILLION


@dataclass(frozen=True)
class ModelUsage:
    """What passed through one model proxy so far."""

    requests: int = 0
    """Requests that reached the model's provider and asked for an answer."""
    input_tokens: int = 0
    """Read afresh."""
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    """US dollars at list prices."""
    refused: int = 0
    """Requests that were not let through, those for want of money included."""
    stopped: bool = False
    """The budget was reached: something was refused or cut off for want of money."""

    def plus(self, tokens: Tokens, usd: float) -> ModelUsage:
        """With one more request."""
        return ModelUsage(
            self.requests + 1,
            self.input_tokens + tokens.input,
            self.cache_write_tokens + tokens.cache_write + tokens.cache_write_hour,
            self.cache_read_tokens + tokens.cache_read,
            self.output_tokens + tokens.output,
            self.usd + usd,
            self.refused,
            self.stopped,
        )

"""What passed the registry proxy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Passed:
    """What went to and from one host."""

    connections: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True)
class Traffic:
    """What passed so far."""

    hosts: Mapping[str, Passed] = field(default_factory=dict)
    """By `host:port`."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """How often what was refused: `host:port` or the kind of request."""


class NotLet(Exception):
    """A connection that may not be, or may not go on; the text says why."""


@dataclass
class Flow:
    """One connection as it goes on."""

    place: str = ""
    """`host:port`; empty until it is known."""
    stands: bool = False
    """The host is connected, so that the client can't be told anything any more."""
    sent: int = 0
    """Bytes."""
    received: int = 0
    """Bytes."""

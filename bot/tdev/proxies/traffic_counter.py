"""Counts what passes the registry proxy, and says when it is too much."""

from __future__ import annotations

from tdev.proxies.traffic import Flow, NotLet, Passed, Traffic

CONNECTIONS_AT_ONCE = 64
CONNECTIONS = 10_000
SENT_BYTES = 16 * 1024 * 1024
"""All that an install may send: it asks for much and tells little."""
SENT_BYTES_PER_CONNECTION = 2 * 1024 * 1024
_MOST_TOLD_APART = 1000


class Counter:
    """Counts; lives in the loop of the proxy, only `traffic` may be called from elsewhere."""

    def __init__(self) -> None:
        self._hosts: dict[str, Passed] = {}
        self._refused: dict[str, int] = {}
        self._open = 0
        self._all = 0
        self._sent = 0

    def traffic(self) -> Traffic:
        """What passed so far."""
        return Traffic(dict(self._hosts), dict(self._refused))

    def open(self) -> None:
        """One more connection; raises NotLet when there are too many. Each needs its `close`."""
        self._open += 1
        self._all += 1
        if self._open > CONNECTIONS_AT_ONCE or self._all > CONNECTIONS:
            raise NotLet("too many connections")

    def close(self) -> None:
        """One connection less."""
        self._open -= 1

    def connect(self, flow: Flow) -> None:
        """The host is connected."""
        flow.stands = True
        self._add(flow.place, Passed(1))

    def send(self, flow: Flow, length: int) -> None:
        """Bytes are about to be sent; raises NotLet when they are too many."""
        if self._sent + length > SENT_BYTES or flow.sent + length > SENT_BYTES_PER_CONNECTION:
            raise NotLet("too much was sent")
        self._sent += length
        flow.sent += length
        self._add(flow.place, Passed(0, length))

    def receive(self, flow: Flow, length: int) -> None:
        """Bytes came."""
        flow.received += length
        self._add(flow.place, Passed(0, 0, length))

    def refuse(self, what: str) -> None:
        """Something was refused; beyond a thousand different things they are not told apart any more."""
        key = what if what in self._refused or len(self._refused) < _MOST_TOLD_APART else "others"
        self._refused[key] = self._refused.get(key, 0) + 1

    def _add(self, host: str, more: Passed) -> None:
        was = self._hosts.get(host, Passed())
        self._hosts[host] = Passed(
            was.connections + more.connections,
            was.sent_bytes + more.sent_bytes,
            was.received_bytes + more.received_bytes,
        )

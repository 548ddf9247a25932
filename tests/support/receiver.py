"""A webhook receiver on loopback that checks signatures by itself and keeps what came."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One delivery."""

    event: str
    guid: str
    headers: dict[str, str]
    body: bytes
    signed: bool
    """Both signatures are those of the body."""

    @property
    def payload(self) -> dict[str, Any]:
        """The body, parsed."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


@dataclass
class Receiver:
    """The running receiver."""

    url: str
    secret: str
    came: list[Received] = field(default_factory=list)
    status: int = 202
    """What it answers."""

    def wait(self, fits: Callable[[Received], bool], *, count: int = 1, seconds: float = 10) -> list[Received]:
        """Wait until this many deliveries that fit have come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = [each for each in self.came if fits(each)]
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"only {[(each.event, each.payload.get('action')) for each in self.came]} came")

    def named(self, event: str, action: str | None = None, **how: Any) -> Received:
        """The first delivery of an event."""
        return self.wait(lambda each: each.event == event and each.payload.get("action") == action, **how)[0]


@contextmanager
def receiving(secret: str = "a secret that is long enough") -> Iterator[Receiver]:
    """Run a receiver until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = {
                "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
                "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
            }
            signed = all(self.headers[name] == value for name, value in wanted.items())
            headers = dict(self.headers.items())
            event, guid = self.headers["X-GitHub-Event"], self.headers["X-GitHub-Delivery"]
            receiver.came.append(Received(event, guid, headers, body, signed))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"noted")

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/webhook", secret)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()

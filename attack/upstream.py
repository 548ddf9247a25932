"""The other side of the model's proxy: a server that answers all requests alike and keeps what it was sent.

It lies about what was used, but keeps to max_tokens, four characters each: that is the provider's own limit.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LONGEST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One request that got through the proxy."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    """Empty where it is no JSON object."""


@dataclass
class Upstream:
    """The server."""

    url: str
    usage: dict[str, Any]
    """What each answer claims to have used."""
    text: str = "ok"
    """What each answer says, as far as the request pays for it."""
    received: list[Received] = field(default_factory=list)
    answered_bytes: int = 0
    """Bytes of all texts of all answers."""


@contextlib.contextmanager
def serving(usage: dict[str, Any] | None = None, text: str = "ok") -> Iterator[Upstream]:
    """Run the server until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    up = Upstream(f"http://127.0.0.1:{server.server_port}", usage or {"input_tokens": 10, "output_tokens": 5}, text)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"up": up})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield up
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    up: Upstream
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        """Take any method, as it is."""
        with contextlib.suppress(OSError, ValueError):
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._answer()

    def _answer(self) -> None:
        data = self.rfile.read(min(int(self.headers.get("content-length") or 0), _LONGEST))
        try:
            body = json.loads(data or b"{}")
        except ValueError:
            body = {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        up = self.up
        up.received.append(Received(self.command, self.path, headers, body if isinstance(body, dict) else {}))
        paid = up.received[-1].body.get("max_tokens")
        text = up.text[: 4 * paid] if isinstance(paid, int) else up.text
        up.answered_bytes += len(text)
        said = {
            "id": "msg_1", "type": "message", "role": "assistant", "model": up.received[-1].body.get("model", ""),
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None,
            "usage": up.usage,
        }  # fmt: skip
        answer = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

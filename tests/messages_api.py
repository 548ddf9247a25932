"""A scripted Messages API on loopback: what a model says is written in the test, all else is real.

    with MessagesApi([use("Read", file_path="a.py"), lambda request: say(f"{len(request.tool_results)} read")]) as api:
        ...  # run something with ANTHROPIC_BASE_URL=api.url and any key
    assert "a.py" in api.requests[0].text

A script is a list of turns, one per request that offers tools or asks for a format (requests without either are the
client's small side questions; they get `side` and use up no turn). A turn is one of

- a reply: `say(text)`, `use(tool, **input)`, or several of them as `Reply((say_block, use_block), ...)`;
- trouble: `Failure(status)`, `Cut(after_events)`, `Stall(seconds)`, `Raw(bytes)`;
- a function of the Request that returns one of these, so that a script can react to tool results and to feedback.

A list as long as needed can be had by a generator. When the script has no turn left, requests get a 400 that says so
and `api.overrun` counts them. Both forms of the protocol are spoken: server-sent events and one JSON body.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any

Json = dict[str, Any]
_FAILURE_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
_ids = count(1)


@dataclass(frozen=True)
class Reply:
    """What the model says in one turn."""

    blocks: tuple[Json, ...]
    """Content blocks: text or tool_use."""
    input_tokens: int = 5000  # more than a request holds: no less than was sent is counted
    output_tokens: int = 200
    stop_reason: str = ""
    """Empty = `tool_use` when a block is one, else `end_turn`."""


@dataclass(frozen=True)
class Failure:
    """An error instead of a reply."""

    status: int
    """HTTP status; the error type follows from it."""
    message: str = "scripted failure"
    headers: tuple[tuple[str, str], ...] = ()
    """E.g. (("retry-after", "0"),)."""


@dataclass(frozen=True)
class Cut:
    """A reply whose stream breaks off."""

    reply: Reply
    after_events: int = 3
    """Events sent before the connection is closed."""


@dataclass(frozen=True)
class Stall:
    """Silence: the request is read, nothing is answered, then the connection is closed."""

    seconds: float


@dataclass(frozen=True)
class Raw:
    """Any bytes as an answer with status 200; what is not whole is broken off where more was promised."""

    body: bytes
    type: str = "application/json"
    whole: bool = True


Answer = Reply | Failure | Cut | Stall | Raw


@dataclass(frozen=True)
class Request:
    """One request that reached the server."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: Json

    @property
    def text(self) -> str:
        """Everything the model is told: system prompt and all messages, tool results included."""
        return "\n".join([_text_of(self.body.get("system", "")), *map(_text_of, self.messages)])

    @property
    def messages(self) -> list[Json]:
        """The conversation so far."""
        return list(self.body.get("messages", []))

    @property
    def tools(self) -> frozenset[str]:
        """Names of the tools offered."""
        return frozenset(str(tool.get("name", "")) for tool in self.body.get("tools") or [])

    @property
    def prompts(self) -> list[str]:
        """The texts of the user, oldest first, without tool results."""
        texts = []
        for message in self.messages:
            content = message["content"]
            if message["role"] == "user":
                blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
                texts += [block["text"] for block in blocks if block.get("type") == "text"]
        return texts

    @property
    def tool_results(self) -> list[str]:
        """The results in the user's last message, as text; a failed one begins with `error: `."""
        content = next((message["content"] for message in reversed(self.messages) if message["role"] == "user"), [])
        results = [block for block in content if isinstance(block, dict) and block.get("type") == "tool_result"]
        return [("error: " if block.get("is_error") else "") + _text_of(block.get("content", "")) for block in results]


Turn = Answer | Callable[[Request], Answer]


def say(text: str, **usage: int) -> Reply:
    """A turn that says something and ends."""
    return Reply((text_block(text),), **usage)


def use(tool: str, **arguments: Any) -> Reply:
    """A turn that calls one tool."""
    return Reply((use_block(tool, **arguments),))


def text_block(text: str) -> Json:
    """A text block, to be combined in a Reply."""
    return {"type": "text", "text": text}


def use_block(tool: str, **arguments: Any) -> Json:
    """A tool_use block, to be combined in a Reply."""
    return {"type": "tool_use", "id": f"toolu_{next(_ids):016}", "name": tool, "input": arguments}


@dataclass
class MessagesApi:
    """The server; a context manager."""

    script: Iterable[Turn] = ()
    """The turns, in order."""
    side: str = "ok"
    """Answer to requests without tools and without a format."""
    requests: list[Request] = field(default_factory=list)
    """Every request that used up a turn, oldest first."""
    side_requests: list[Request] = field(default_factory=list)
    """The others."""
    overrun: int = 0
    """Requests that came after the script's end."""
    handler: type[BaseHTTPRequestHandler] | None = None
    """What speaks the protocol, where it is not that of the Messages API itself (provider_apis.py)."""

    def __enter__(self) -> MessagesApi:
        self._turns: Iterator[Turn] = iter(self.script)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """What ANTHROPIC_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def left(self) -> list[Turn]:
        """The turns nobody asked for."""
        return list(self._turns)

    def answer(self, request: Request) -> Answer:
        """Record the request and take the next turn."""
        if not request.tools and "format" not in (request.body.get("output_config") or {}):
            self.side_requests.append(request)
            return say(self.side, input_tokens=10, output_tokens=1)
        with self._lock:
            self.requests.append(request)
            turn = next(self._turns, None)
        if turn is None:
            self.overrun += 1
            return Failure(400, "the script has no turn left")
        return turn(request) if callable(turn) else turn

    def wait(self, seconds: float) -> None:
        """Stay silent, but not beyond the server's end."""
        self._closing.wait(seconds)


def events_of(reply: Reply, model: str) -> Iterator[tuple[str, Json]]:
    """The server-sent events of one reply."""
    message = {**_message(reply, model), "content": [], "stop_reason": None}
    message["usage"] = {**message["usage"], "output_tokens": 1}
    yield "message_start", {"message": message}
    for index, block in enumerate(reply.blocks):
        is_text = block["type"] == "text"
        yield "content_block_start", {"index": index, "content_block": {**block, **_EMPTY[block["type"]]}}
        data = block["text"] if is_text else json.dumps(block["input"])
        for start in range(0, len(data), 2000):
            piece = data[start : start + 2000]
            delta = {"type": "text_delta", "text": piece} if is_text else _json_delta(piece)
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    yield (
        "message_delta",
        {
            "delta": {"stop_reason": _stop_reason(reply), "stop_sequence": None},
            "usage": {"output_tokens": reply.output_tokens},
        },
    )
    yield "message_stop", {}


def sse(reply: Reply, model: str = "claude-sonnet-5-5") -> Iterator[bytes]:
    """The same as they are sent."""
    for name, data in events_of(reply, model):
        yield f"event: {name}\ndata: {json.dumps({'type': name, **data}, ensure_ascii=False)}\n\n".encode()


_EMPTY: dict[str, Json] = {"text": {"text": ""}, "tool_use": {"input": {}}}


def _json_delta(piece: str) -> Json:
    return {"type": "input_json_delta", "partial_json": piece}


def _stop_reason(reply: Reply) -> str:
    uses = any(block["type"] == "tool_use" for block in reply.blocks)
    return reply.stop_reason or ("tool_use" if uses else "end_turn")


def _message(reply: Reply, model: str) -> Json:
    return {
        "id": f"msg_{next(_ids):016}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(reply.blocks),
        "stop_reason": _stop_reason(reply),
        "stop_sequence": None,
        "usage": {
            "input_tokens": reply.input_tokens,
            "output_tokens": reply.output_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }


def _text_of(value: Any) -> str:
    """All text below a value of the protocol."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(map(_text_of, value))
    if isinstance(value, dict):
        parts = [value.get("text", ""), value.get("content", ""), value.get("thinking", "")]
        shown = json.dumps(value["input"], ensure_ascii=False) if "input" in value else ""
        return "\n".join(text for text in [*map(_text_of, parts), shown] if text)
    return ""


class _Server(ThreadingHTTPServer):
    """The server, knowing its script."""

    daemon_threads = True

    def __init__(self, api: MessagesApi) -> None:
        super().__init__(("127.0.0.1", 0), api.handler or MessagesHandler)
        self.api = api


class MessagesHandler(BaseHTTPRequestHandler):
    """The Messages API itself."""

    server: _Server
    protocol_version = "HTTP/1.1"
    stream_type = "text/event-stream"
    """Content type of a stream."""

    def framed(self, reply: Reply, model: str) -> Iterable[bytes]:
        """A reply's stream, event by event."""
        return sse(reply, model)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._send(200, b"")

    def do_GET(self) -> None:
        self._fail(Failure(404, "not found"))

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        if path not in ("/v1/messages", "/v1/messages/count_tokens"):
            return self._fail(Failure(404, f"no such path: {path}"))
        request = Request(self.path, headers, json.loads(data))
        if path.endswith("count_tokens"):
            return self._send(200, json.dumps({"input_tokens": len(data) // 4}).encode())
        return self._answer(request, self.server.api.answer(request))

    def _answer(self, request: Request, answer: Answer) -> None:
        model = str(request.body.get("model", ""))
        match answer:
            case Failure():
                self._fail(answer)
            case Stall(seconds):
                self.server.api.wait(seconds)
                self.close_connection = True
            case Raw(body, kind, whole):
                self._chunks([body], kind, whole=whole)
            case Cut(reply, after_events):
                self._chunks(list(self.framed(reply, model))[:after_events], self.stream_type, whole=False)
            case Reply() if request.body.get("stream"):
                self._chunks(self.framed(answer, model), self.stream_type, whole=True)
            case Reply():
                self._send(200, json.dumps(_message(answer, model)).encode())

    def _fail(self, failure: Failure) -> None:
        error = {"type": _FAILURE_TYPES.get(failure.status, "api_error"), "message": failure.message}
        self._send(failure.status, json.dumps({"type": "error", "error": error}).encode(), *failure.headers)

    def _send(self, status: int, data: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("content-type", "application/json"), ("content-length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self._write(data)

    def _chunks(self, chunks: Iterable[bytes], kind: str, *, whole: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self._write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if whole:
            self._write(b"0\r\n\r\n")
        else:
            time.sleep(0.05)
            self.close_connection = True

    def _write(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

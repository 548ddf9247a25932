"""A model proxy before a scripted API, the real Claude Code behind it, and clients that write bytes of their own."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tdev.proxies.model import ModelProxy

KEY = "sk-the-real-key-0123456789"


@dataclass(frozen=True)
class Answered:
    """An HTTP answer, read to the connection's end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> tuple[str, str]:
        """Type and message of the Messages API's error."""
        error = json.loads(self.body)["error"]
        return error["type"], error["message"]


def question(**changes: Any) -> dict[str, Any]:
    """A plain request."""
    usual = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello?"}]}
    return {**usual, "tools": [{"name": "t", "input_schema": {}}], **changes}


def post(proxy: ModelProxy, body: object, path: str = "/v1/messages", headers: str = "") -> Answered:
    """The answer to a POST."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(data)}\r\n{headers}\r\n"
    return raw(proxy.socket, head.encode() + data)


def raw(path: Path, data: bytes, seconds: float = 10) -> Answered:
    """The answer to bytes that are sent as they are."""
    return answered(spoken(path, data, seconds))


def spoken(path: Path, data: bytes, seconds: float = 10) -> bytes:
    """Everything that comes back until the other side closes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(seconds)
        client.connect(str(path))
        client.sendall(data)
        got = bytearray()
        with contextlib.suppress(ConnectionResetError):
            while block := client.recv(65536):
                got += block
    return bytes(got)


def answered(data: bytes) -> Answered:
    """Bytes as an answer, chunks put together."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Answered(int(line.split(" ")[1]), headers, body)


def _unchunked(data: bytes) -> bytes:
    whole = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size or b"0", 16)
        whole, data = whole + data[:length], data[length + 2 :]
    return whole


@contextlib.contextmanager
def tcp_port(path: Path) -> Iterator[int]:
    """A loopback port each of whose connections is joined to a Unix socket, as in the sandbox."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(path))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with contextlib.suppress(OSError):
            end.shutdown(how)


def claude(proxy: ModelProxy, folder: Path, *words: str, retries: int = 1, **variables: str) -> dict[str, Any]:
    """The result of the real Claude Code, asked "Go." behind the proxy."""
    spec = find_spec("claude_agent_sdk")
    assert spec and spec.origin
    program = Path(spec.origin).parent / "_bundled" / "claude"
    home = folder / "home"
    home.mkdir(exist_ok=True)
    flags = (
        "--output-format",
        "json",
        "--setting-sources",
        "",
        "--strict-mcp-config",
        "--permission-mode",
        "acceptEdits",
    )
    with tcp_port(proxy.socket) as port:
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_MAX_RETRIES": str(retries),
            **proxy.provider.client_environment(port),
            **variables,
        }
        command = (str(program), "-p", "Go.", "--tools", "Write,Read", *flags, *(words or ("--model", "sonnet")))
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result

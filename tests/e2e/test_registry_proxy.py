"""The registry proxy: installers reach the index through it, and nobody reaches anything else."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.model_proxy import raw, spoken, tcp_port
from tdev.proxies.registry import RegistryProxy, registry_proxy
from tdev.proxies.traffic_counter import SENT_BYTES_PER_CONNECTION
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
Through = Callable[..., contextlib.AbstractContextManager[RegistryProxy]]


def _wheel(name: str) -> bytes:
    """A wheel with one module."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "VALUE = 42\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return buffer.getvalue()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index on loopback with one package."""
    root = tmp_path / "index"
    wheel = _wheel("answer")
    page = f'<a href="/files/answer-1.0-py3-none-any.whl#sha256={hashlib.sha256(wheel).hexdigest()}">answer</a>'
    for path, data in {"simple/answer/index.html": page.encode(), "files/answer-1.0-py3-none-any.whl": wheel}.items():
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def through(settings: Settings, tmp_path: Path) -> Through:
    """A registry proxy on a machine that is set up with these variables."""

    def start(variables: Mapping[str, str], extra: tuple[str, ...] = (), idle: float = 5.0) -> object:
        ours = replace(settings, installer_environment=variables, user_home=tmp_path)
        return registry_proxy(ours, tmp_path / "s" / "registry", extra, tmp_path / "log.jsonl", idle_seconds=idle)

    return start  # type: ignore[return-value]


def _uv(proxy: RegistryProxy, target: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    uv = Path(sys.executable).parent / "uv"
    with tcp_port(proxy.socket) as port:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(target), **proxy.environment(port)}
        command = (
            str(uv),
            "pip",
            "install",
            "--no-cache",
            "--no-config",
            "--python",
            sys.executable,
            "--target",
            str(target),
        )
        return subprocess.run(
            (*command, *packages),
            env={**environment, "UV_HTTP_RETRIES": "0"},
            capture_output=True,
            text=True,
            timeout=60,
        )


def test_an_installer_gets_its_package(through: Through, index: str, tmp_path: Path) -> None:
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        done = _uv(proxy, tmp_path / "target", "answer")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "target" / "answer.py").read_text() == "VALUE = 42\n"
    (place,) = proxy.traffic().hosts
    assert place == index.removeprefix("http://").removesuffix("/simple")
    passed = proxy.traffic().hosts[place]
    assert passed.connections >= 2 and 0 < passed.sent_bytes < 5000 and passed.received_bytes > 500


def test_no_other_index_is_reached(through: Through, index: str, tmp_path: Path) -> None:
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        done = _uv(proxy, tmp_path / "target", "--extra-index-url", "https://evil.example/simple", "other")
    assert done.returncode != 0
    assert set(proxy.traffic().refused) == {"evil.example:443"}
    assert "evil.example" in (tmp_path / "log.jsonl").read_text()


@pytest.mark.parametrize(
    "request_line",
    [
        "GET http://{index}/../../etc/passwd HTTP/1.1",
        "POST http://{index}/simple/ HTTP/1.1",
        "PUT http://{index}/simple/ HTTP/1.1",
        "GET /simple/ HTTP/1.1",
        "GET http://user@{index}/simple/ HTTP/1.1",
        "GET http://{index}@evil.example/ HTTP/1.1",
        "GET http://evil.example/?{index} HTTP/1.1",
        "GET https://{index}/simple/ HTTP/1.1",
        "GET ftp://{index}/simple/ HTTP/1.1",
        "GET http://localhost:1/ HTTP/1.1",
        "GET http://[::1]:1/ HTTP/1.1",
        "GET http://127.1:80/ HTTP/1.1",
        "GET http://169.254.169.254/latest/meta-data HTTP/1.1",
        "CONNECT {index} HTTP/1.1",
        "CONNECT 169.254.169.254:443 HTTP/1.1",
        "CONNECT other.example:443 HTTP/1.1",
        "CONNECT other.example:22 HTTP/1.1",
        "CONNECT https://other.example:443 HTTP/1.1",
        "CONNECT other.example HTTP/1.1",
        "nonsense",
        "GET http://{index}/simple/ HTTP/2.0",
    ],
)
def test_hostile_requests_are_refused(through: Through, index: str, request_line: str) -> None:
    place = index.removeprefix("http://").removesuffix("/simple")
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        line = request_line.format(index=place)
        answer = raw(proxy.socket, f"{line}\r\nhost: {place}\r\n\r\n".encode())
        if "passwd" in line:
            assert answer.status == 404
        else:
            assert answer.status == 403
            assert sum(proxy.traffic().refused.values()) == 1
            assert not proxy.traffic().hosts


@pytest.mark.parametrize(
    "header", ["content-length: 5", "transfer-encoding: chunked", "bad header", "x: a\x00b", " folded"]
)
def test_requests_with_a_body_or_broken_headers_are_refused(through: Through, index: str, header: str) -> None:
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        assert raw(proxy.socket, f"GET {index}/ HTTP/1.1\r\n{header}\r\n\r\nhello".encode()).status == 403


def test_a_second_request_on_the_connection_is_not_passed_on(through: Through, index: str) -> None:
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        one = f"GET {index}/answer/ HTTP/1.1\r\n\r\n"
        got = spoken(proxy.socket, f"{one}POST {index}/ HTTP/1.1\r\ncontent-length: 0\r\n\r\n".encode())
    assert got.count(b"HTTP/1.") <= 1


def test_a_head_without_end_is_given_up(through: Through, index: str) -> None:
    with through({"UV_DEFAULT_INDEX": index}, idle=0.5) as proxy:
        began = time.monotonic()
        spoken(proxy.socket, b"GET http://x/ HTTP/1.1\r\nx: ")
        assert time.monotonic() - began < 5
        assert raw(proxy.socket, b"GET http://x/ HTTP/1.1\r\nx: " + b"y" * 100_000 + b"\r\n\r\n").status == 400


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that keeps what it is sent, for tunnels."""
    server = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=_swallow, args=(client, got), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1], got
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def _swallow(client: socket.socket, got: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while block := client.recv(65536):
            got.append(block)


def _hello(name: str | None) -> bytes:
    """The first bytes of a TLS client that asks for that host."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


def _tunnelled(proxy: RegistryProxy, place: str, data: bytes) -> bytes:
    return spoken(proxy.socket, f"CONNECT {place} HTTP/1.1\r\n\r\n".encode() + data)


def test_a_tunnel_speaks_tls_with_its_own_host(through: Through, listener: tuple[int, list[bytes]]) -> None:
    port, got = listener
    place = f"localhost:{port}"
    with through({"UV_DEFAULT_INDEX": f"https://{place}/simple"}, idle=1.0) as proxy:
        assert _tunnelled(proxy, place, _hello("localhost")).startswith(b"HTTP/1.1 200")
        assert b"".join(got).startswith(b"\x16\x03\x01") and b"localhost" in b"".join(got)
        length = len(b"".join(got))
        for other in (_hello("evil.example"), _hello(None), b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n" * 20):
            _tunnelled(proxy, place, other)
        assert len(b"".join(got)) == length
        assert proxy.traffic().refused == {place: 4}


def test_little_can_be_sent_out(through: Through, listener: tuple[int, list[bytes]]) -> None:
    port, got = listener
    place = f"localhost:{port}"
    with through({"UV_DEFAULT_INDEX": f"https://{place}/simple"}, idle=3.0) as proxy:
        with contextlib.suppress(OSError):
            _tunnelled(proxy, place, _hello("localhost") + b"\x17" * (SENT_BYTES_PER_CONNECTION + 100_000))
        assert len(b"".join(got)) <= SENT_BYTES_PER_CONNECTION
        assert proxy.traffic().refused == {place: 1}


def test_a_name_of_the_policy_that_means_this_machine_is_refused(
    through: Through, listener: tuple[int, list[bytes]]
) -> None:
    with through({}, extra=("localhost",)) as proxy:
        answer = raw(proxy.socket, b"CONNECT localhost:443 HTTP/1.1\r\n\r\n")
        assert answer.status == 403 and b"no public address" in answer.body
    assert not listener[1]


def test_the_machines_own_proxy_is_used(through: Through) -> None:
    seen: list[bytes] = []
    with _proxy_of_the_machine(seen) as port:
        variables = {
            "UV_DEFAULT_INDEX": "https://index.example/simple",
            "HTTPS_PROXY": f"http://u:p%40@127.0.0.1:{port}",
        }
        with through(variables) as proxy:
            got = _tunnelled(proxy, "index.example:443", _hello("index.example"))
    assert got.startswith(b"HTTP/1.1 200")
    assert seen[0].startswith(b"CONNECT index.example:443 HTTP/1.1\r\n")
    assert b"proxy-authorization: Basic dTpwQA==" in seen[0]


@contextlib.contextmanager
def _proxy_of_the_machine(seen: list[bytes]) -> Iterator[int]:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            client, _ = server.accept()
            seen.append(client.recv(65536))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            client.recv(65536)
            client.close()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def test_it_tells_installers_where_the_indexes_are(through: Through, tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "uv"
    folder.mkdir(parents=True)
    (folder / "uv.toml").write_text('[[index]]\nurl = "https://a.example/simple"\ndefault = true\n')
    with through(
        {"PIP_EXTRA_INDEX_URL": "https://u:p@b.example/simple", "HTTPS_PROXY": "http://proxy.example"}
    ) as proxy:
        environment = proxy.environment(8118)
        with_passwords = proxy.environment(8118, passwords=True)
    assert environment["UV_DEFAULT_INDEX"] == "https://a.example/simple"
    assert environment["PIP_EXTRA_INDEX_URL"] == "https://b.example/simple"
    assert with_passwords["PIP_EXTRA_INDEX_URL"] == "https://u:p@b.example/simple"
    assert {environment[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "https_proxy")} == {"http://127.0.0.1:8118"}
    assert environment["NO_PROXY"] == ""


def test_log_lines_are_json(through: Through, index: str, tmp_path: Path) -> None:
    with through({"UV_DEFAULT_INDEX": index}) as proxy:
        raw(proxy.socket, f"GET {index}/answer/ HTTP/1.1\r\n\r\n".encode())
        raw(proxy.socket, b"GET http://evil.example/ HTTP/1.1\r\n\r\n")
    passed, refused = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    assert (passed["place"], refused["place"]) == (index[7:-7], "evil.example:80")
    assert "reason" not in passed and refused["reason"]

"""The webhook of a real `tdev serve` on loopback: what it takes, what it refuses, and what a kill leaves."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from support.bot_server import Server
from support.command import command_environment
from support.deliveries import SECRET, cases, headers, payload
from support.keys import app_key
from tdev.settings import Settings
from tdev.triggers.table import TRIGGERS, intent_of

pytestmark = pytest.mark.e2e
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: GitHub is down, so deliveries stay in the inbox."""


@pytest.fixture
def private_key() -> str:
    """A private key for an App."""
    return app_key()


@pytest.fixture
def serve(settings: Settings, private_key: str) -> Iterator[Callable[[], Server]]:
    """Starts servers that share one database; those that still run at the end are stopped."""
    started: list[Server] = []

    def start() -> Server:
        started.append(Server(settings, private_key, TDEV_GITHUB_API_URL=NOWHERE))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.fixture
def server(serve: Callable[[], Server]) -> Server:
    """One running server."""
    return serve()


def test_every_recorded_payload_is_answered_and_each_act_of_ours_is_stored_once(server: Server) -> None:
    acts = {}
    for event, case in cases():
        intent = intent_of(event, payload(event, case))
        assert server.deliver(event, case) == (202 if intent is None else 200), (event, case)
        if intent is not None:
            acts[intent.key] = event
    stored = [event for _, event, _ in server.rows()]
    assert sorted(stored) == sorted(acts.values())
    assert set(stored) == set(TRIGGERS)


def test_the_same_delivery_ten_times_at_once_is_one_row(server: Server) -> None:
    delivery = str(uuid.uuid4())
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: server.deliver("issues", "labeled-build", delivery), range(10)))
    assert statuses == [200] * 10
    assert [row[0] for row in server.rows()] == [delivery]


def test_the_same_act_under_another_delivery_id_is_one_row(server: Server) -> None:
    assert [server.deliver("issue_comment", "evolve") for _ in range(3)] == [200] * 3
    assert len(server.rows()) == 1


def body_of(event: str = "issues", case: str = "labeled-build") -> bytes:
    return json.dumps(payload(event, case)).encode()


def test_headers_signatures_and_bodies_that_are_wrong(server: Server) -> None:
    body = body_of()
    good = headers("issues", body)
    sha1 = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    unsigned = {name: value for name, value in good.items() if name != "X-Hub-Signature-256"}
    for name in ("X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"):
        assert server.send(body, {key: value for key, value in good.items() if key != name}) == 400, name
    assert server.send(body, {**unsigned, "X-Hub-Signature": sha1}) == 400
    assert server.send(body, {**good, "X-GitHub-Event": "is sues"}) == 400
    assert server.send(body, {**good, "X-GitHub-Delivery": "../x"}) == 400
    for signature in (sha1, "sha256=" + "0" * 64, "\xe9" * 71, "sha256=", good["X-Hub-Signature-256"] + "00"):
        assert server.send(body, {**good, "X-Hub-Signature-256": signature}) == 401, signature
    assert server.send(body, headers("issues", body, secret="some other secret")) == 401
    assert server.send(body + b" ", good) == 401
    assert server.send(body[:-1], good) == 401
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-16"):
        assert server.send(body, {**good, "Content-Type": kind}) == 415, kind
    assert server.send(body, {key: value for key, value in good.items() if key != "Content-Type"}) == 415
    for wrong in (b"", b"{", b"[]", b"null", b'"x"', b"\xff{}", b"[" * 200_000, b'{"a": ' + b"9" * 10_000 + b"}"):
        assert server.send(wrong, headers("issues", wrong)) == 400, wrong[:20]
    assert server.send(b"", {}, "/webhook", "GET") == 405
    assert server.send(b"", {}, "/elsewhere", "GET") == 404
    assert server.rows() == []
    assert server.send(body, good) == 200


def test_a_body_above_the_cap_is_refused_with_and_without_its_length(server: Server) -> None:
    body = b'{"action": "' + b"x" * (26 * 1024 * 1024) + b'"}'
    given = headers("issues", body)
    assert refused(server, body, given) == 413
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        pieces = (body[start : start + 65536] for start in range(0, len(body), 65536))
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/webhook", pieces, given, encode_chunked=True)
        assert connection.getresponse().status == 413
    just_below = b'{"action": "' + b"x" * (25 * 1024 * 1024 - 14) + b'"}'
    assert server.send(just_below, headers("issues", just_below)) == 202
    bomb = gzip.compress(body)
    assert server.send(bomb, {**headers("issues", bomb), "Content-Encoding": "gzip"}) in (400, 401, 413)
    assert server.rows() == []


def refused(server: Server, body: bytes, given: dict[str, str]) -> int:
    """Status of a request whose body may not be read to its end."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/webhook", body, given)
        return connection.getresponse().status


def test_a_body_that_breaks_off_is_not_stored(server: Server) -> None:
    body = body_of()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers("issues", body).items())
    with closing(socket.create_connection(("127.0.0.1", server.port), 10)) as connection:
        head = f"POST /webhook HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:100])
    assert server.deliver("issue_comment", "evolve") == 200
    assert [event for _, event, _ in server.rows()] == ["issue_comment"]


def test_events_that_are_not_ours_or_not_yet_known_are_accepted(server: Server) -> None:
    for event in ("ping", "push", "star", "check_run", "installation", "an_event_of_next_year", "marketplace_purchase"):
        for body in (b"{}", b'{"action": "created"}', b'{"action": 1, "installation": null, "x": "\\ud800"}'):
            assert server.send(body, headers(event, body)) == 202, event
    assert server.rows() == []


def test_what_was_answered_2xx_survives_a_kill_and_is_worked_on_later(serve: Callable[[], Server]) -> None:
    first = serve()
    deliveries = [str(uuid.uuid4()) for _ in range(4)]
    known = [
        ("issues", "labeled-build"),
        ("issue_comment", "evolve"),
        ("workflow_run", "completed"),
        ("workflow_job", "in-progress"),
    ]
    for delivery, (event, case) in zip(deliveries, known, strict=True):
        assert first.deliver(event, case, delivery) == 200
    first.stop(signal.SIGKILL)
    second = serve()
    assert [row[0] for row in second.rows()] == deliveries
    assert second.deliver("issues", "labeled-build", deliveries[0]) == 200
    assert len(second.rows()) == 4
    status, answer = second.ask(b"", {}, "/health", "GET")
    assert status == 200 and json.loads(answer)["deliveries"]["waiting"] >= 1


def test_killed_at_any_moment_nothing_acknowledged_is_lost(serve: Callable[[], Server]) -> None:
    acknowledged: list[str] = []
    for turn in range(3):
        server = serve()

        def send(number: int, server: Server = server, turn: int = turn) -> None:
            body = payload("issue_comment", "evolve")
            body["comment"]["id"] = turn * 10_000 + number + 1
            data = json.dumps(body).encode()
            delivery = str(uuid.uuid4())
            try:
                if server.send(data, headers("issue_comment", data, delivery=delivery)) == 200:
                    acknowledged.append(delivery)
            except (OSError, http.client.HTTPException):
                return

        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(send, number) for number in range(200)]
            time.sleep(0.1 + 0.07 * turn)
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            assert all(future.exception() is None for future in sent)
    stored = {row[0] for row in serve().rows()}
    assert acknowledged and set(acknowledged) <= stored


def test_it_stops_politely_and_a_second_one_is_refused(server: Server, settings: Settings, private_key: str) -> None:
    environment = command_environment(settings) | {
        "TDEV_WEBHOOK_SECRET": SECRET,
        "TDEV_APP_ID": "1",
        "TDEV_APP_PRIVATE_KEY": private_key,
    }
    command = (sys.executable, "-m", "tdev.cli.main", "serve", "--port", "0")
    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert second.returncode == 2 and "Another bot is at work" in second.stderr
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("missing", "word"),
    [
        ({"TDEV_WEBHOOK_SECRET": ""}, "TDEV_WEBHOOK_SECRET is not set"),
        ({"TDEV_WEBHOOK_SECRET": "short"}, "TDEV_WEBHOOK_SECRET is too short"),
        ({"TDEV_APP_ID": ""}, "TDEV_APP_ID is not set"),
        ({"TDEV_APP_PRIVATE_KEY": ""}, "private key is not set"),
        ({"TDEV_APP_PRIVATE_KEY": "no key"}, "no unencrypted PEM key"),
        ({"TDEV_APP_PRIVATE_KEY": "", "TDEV_APP_PRIVATE_KEY_FILE": "/does/not/exist"}, "can't be read"),
        ({"TDEV_POLL_SECONDS": "soon"}, "TDEV_POLL_SECONDS='soon' is not a positive number"),
    ],
)
def test_it_does_not_start_without_what_protects_it(
    settings: Settings, private_key: str, missing: dict[str, str], word: str
) -> None:
    environment = command_environment(settings) | {
        "TDEV_WEBHOOK_SECRET": SECRET,
        "TDEV_APP_ID": "1",
        "TDEV_APP_PRIVATE_KEY": private_key,
        **missing,
    }
    command = (sys.executable, "-m", "tdev.cli.main", "serve", "--check")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and word in done.stderr
    assert not Path(settings.inbox).exists()

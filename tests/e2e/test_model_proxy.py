"""The model proxy against clients that would misuse it, providers that lie, and the faults of both."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pytest

from messages_api import Cut, Failure, MessagesApi, Reply, Request, Stall, Turn, say, text_block
from support.model_proxy import KEY, post, question, raw, spoken
from tdev.errors import ConfigurationError
from tdev.policy.model_choice import ModelChoice
from tdev.proxies import refusals
from tdev.proxies.model import ModelProxy, model_proxy
from tdev.proxies.model_request import MAX_BYTES
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
Behind = Callable[..., tuple[ModelProxy, MessagesApi]]
BODY = json.dumps(question()).encode()


@pytest.fixture
def behind(settings: Settings, tmp_path: Path) -> Iterator[Behind]:
    """Starts a scripted API and a proxy before it."""
    with ExitStack() as stack:

        def start(script: Iterable[Turn] = (), usd: float = 1.0, idle: float = 10.0) -> tuple[ModelProxy, MessagesApi]:
            api = stack.enter_context(MessagesApi(script))
            ours = replace(settings, credentials={"ANTHROPIC_API_KEY": KEY}, model_base_url=api.url)
            log = tmp_path / "calls.jsonl"
            proxy = model_proxy(ours, ModelChoice(), usd, tmp_path / "s" / "model", log, idle_seconds=idle)
            return stack.enter_context(proxy), api

        yield start


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that has to happen soon."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def reached(api: MessagesApi) -> int:
    return len(api.requests) + len(api.side_requests)


def test_only_our_own_user_may_open_it_and_it_is_gone_afterwards(settings: Settings, tmp_path: Path) -> None:
    ours = replace(settings, credentials={"ANTHROPIC_API_KEY": KEY}, model_base_url="http://127.0.0.1:9")
    path = tmp_path / "private" / "model"
    with model_proxy(ours, ModelChoice(), 1.0, path):
        assert (S_IMODE(path.stat().st_mode), S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert not path.exists()
    assert not [thread for thread in threading.enumerate() if thread.name == "model proxy"]


def test_the_clients_own_credentials_are_dropped(behind: Behind) -> None:
    proxy, api = behind([say("hello")])
    headers = "authorization: Bearer stolen\r\nx-api-key: other\r\ncookie: a=b\r\nx-forwarded-for: 1.2.3.4\r\n"
    answer = post(proxy, question(), headers=f"{headers}anthropic-beta: some-beta\r\n")
    assert answer.status == 200 and json.loads(answer.body)["content"][0]["text"] == "hello"
    sent = api.requests[0].headers
    assert (sent["x-api-key"], sent["anthropic-beta"]) == (KEY, "some-beta")
    assert not {"authorization", "cookie", "x-forwarded-for"} & sent.keys()


@pytest.mark.parametrize(
    "line",
    [
        "GET /v1/messages HTTP/1.1",
        "GET / HTTP/1.1",
        "DELETE /v1/messages HTTP/1.1",
        "POST /v1/files HTTP/1.1",
        "POST /v1/messages/batches HTTP/1.1",
        "POST /v1/messages?beta=false HTTP/1.1",
        "POST /v1/messages?beta=true&x=1 HTTP/1.1",
        "POST /v1/messages/../files HTTP/1.1",
        "POST /v1/messages/%2e%2e/files HTTP/1.1",
        "POST /v1/messages%2f..%2ffiles HTTP/1.1",
        "POST //v1/messages HTTP/1.1",
        "POST /v1//messages HTTP/1.1",
        "POST /v1/messages/ HTTP/1.1",
        "POST /v1/messages;x HTTP/1.1",
        "POST /V1/messages HTTP/1.1",
        "POST /v1/%6dessages HTTP/1.1",
        "POST /v1/messages#x HTTP/1.1",
        "POST http://169.254.169.254/v1/messages HTTP/1.1",
        "POST http://api.anthropic.com/v1/messages HTTP/1.1",
        "POST @169.254.169.254/v1/messages HTTP/1.1",
        "CONNECT 169.254.169.254:80 HTTP/1.1",
        "CONNECT api.anthropic.com:443 HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "TRACE /v1/messages HTTP/1.1",
    ],
)
def test_no_other_path_and_no_other_host(behind: Behind, line: str) -> None:
    proxy, api = behind([say("x")])
    head = f"{line}\r\nhost: api.anthropic.com\r\nconnection: close\r\ncontent-length: {len(BODY)}\r\n\r\n"
    answer = raw(proxy.socket, head.encode() + BODY)
    assert answer.status in (400, 403)
    assert reached(api) == 0
    assert answer.status == 400 or (answer.error[0] == "permission_error" and proxy.usage().refused == 1)


@pytest.mark.parametrize(
    "headers",
    [
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: -5\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "upgrade: websocket\r\nconnection: upgrade\r\n",
        "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
    ],
)
def test_smuggled_and_upgraded_requests_reach_nobody(behind: Behind, headers: str) -> None:
    proxy, api = behind([say("x")])
    inner = "POST /v1/files HTTP/1.1\r\nhost: x\r\n\r\n"
    got = spoken(proxy.socket, f"POST /v1/messages HTTP/1.1\r\nhost: x\r\n{headers}\r\n0\r\n\r\n{inner}".encode(), 3)
    assert b" 200 " not in got.partition(b"\r\n")[0]
    assert reached(api) == 0


def test_a_host_header_changes_nothing(behind: Behind) -> None:
    proxy, api = behind([say("x")])
    assert post(proxy, question(), headers="host: evil.example\r\n").status in (200, 400)
    assert all(request.headers["host"].startswith("127.0.0.1") for request in api.requests)


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b"\xff\xfe",
        b'{"model": "claude-sonnet-5-5", "max_tokens": NaN, "messages": []}',
        b"[" * 200_000,
        b'{"a": [' + b"[]," * 1_000_000 + b"[]]}",
        question(model="claude-opus-4-1"),
        question(model="gpt-9"),
        question(model=["claude-sonnet-5-5"]),
        question(mcp_servers=[{"type": "url", "url": "https://evil.example", "name": "x"}]),
        question(container={"skills": []}),
        question(fallbacks=[{"model": "claude-fable-5"}]),
        question(speed="fast"),
        question(tools=[{"type": "web_fetch_20250910", "name": "web_fetch"}]),
        question(max_tokens=None),
        question(max_tokens=10**9),
        question(messages=[{"role": "user", "content": [{"type": "container_upload", "file_id": "file_1"}]}]),
    ],
    ids=lambda body: (body if isinstance(body, bytes) else json.dumps(body).encode())[:40].decode("latin-1"),
)
def test_bodies_that_ask_for_too_much_are_refused(behind: Behind, body: object) -> None:
    proxy, api = behind([say("x")])
    answer = post(proxy, body)
    assert (answer.status, answer.error[0]) == (400, "invalid_request_error")
    assert answer.error[1].startswith("tdev: ")
    assert (reached(api), proxy.usage().refused) == (0, 1)


def test_a_body_beyond_all_measure_is_refused_before_it_is_read(behind: Behind) -> None:
    proxy, api = behind([say("x")])
    head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {MAX_BYTES + 1}\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(proxy.socket))
        client.settimeout(10)
        client.sendall(head.encode())
        try:
            for _ in range(40):
                client.sendall(b" " * 1024 * 1024)
        except OSError:
            pass
    assert reached(api) == 0


def test_what_is_sent_is_what_was_checked(behind: Behind) -> None:
    proxy, api = behind([say("x")])
    twice = b'{"model": "claude-fable-5", "mcp_servers": [1], ' + BODY[1:-1] + b', "mcp_servers": null}'
    assert post(proxy, twice).status == 400
    doubled = b'{"model": "claude-fable-5", ' + BODY[1:]
    assert post(proxy, doubled).status == 200
    assert [request.body["model"] for request in api.requests] == ["claude-sonnet-5-5"]


def test_redirects_are_not_followed(behind: Behind) -> None:
    with MessagesApi([say("elsewhere")]) as other:
        proxy, _ = behind([Failure(307, headers=(("location", f"{other.url}/v1/messages"), ("set-cookie", "a=b")))])
        answer = post(proxy, question())
    assert answer.status == 307 and not {"location", "set-cookie"} & answer.headers.keys()
    assert reached(other) == 0


def test_numbers_that_lie_are_not_believed(behind: Behind) -> None:
    text = "word " * 8000
    lies = Reply((text_block(text),), input_tokens=1, output_tokens=-5)
    proxy, _ = behind([lies, lies])
    long = question(messages=[{"role": "user", "content": text}], max_tokens=20_000)
    post(proxy, long)
    post(proxy, {**long, "stream": True})
    usage = proxy.usage()
    assert usage.input_tokens >= 2 * len(text) // 8
    assert usage.output_tokens == 2 * len(text) // 4


def test_a_stream_is_cut_off_where_the_money_ends(behind: Behind) -> None:
    endless = Reply((text_block("word " * 200_000),), output_tokens=1)
    proxy, _ = behind([endless], usd=0.05)
    got = spoken(proxy.socket, _streamed())
    assert refusals.OUT_OF_MONEY.encode() in got and not got.endswith(b"0\r\n\r\n")
    usage = proxy.usage()
    assert usage.stopped and 0.05 < usage.usd < 0.062
    assert post(proxy, question()).status == 402


def test_the_answer_is_limited_to_what_can_be_paid(behind: Behind) -> None:
    proxy, api = behind([say("x")] * 2, usd=0.1)
    post(proxy, question(max_tokens=128_000))
    thinking = {"type": "enabled", "budget_tokens": 60_000}
    post(proxy, question(max_tokens=64_000, thinking=thinking))
    first, second = (request.body for request in api.requests)
    assert first["max_tokens"] * 10 / 1e6 < 0.1
    assert 1024 <= second["thinking"]["budget_tokens"] < second["max_tokens"]


def test_sessions_side_by_side_share_the_money(behind: Behind) -> None:
    def honest(request: Request) -> Reply:
        return Reply((text_block("x"),), input_tokens=10, output_tokens=min(500, request.body["max_tokens"]))

    proxy, api = behind([honest] * 100, usd=0.05)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(proxy, question(max_tokens=1000)).status, range(40)))
    usage = proxy.usage()
    assert usage.usd <= 0.05 and usage.stopped
    assert answers.count(200) == usage.requests == reached(api) > 5
    assert answers.count(402) == usage.refused == 40 - usage.requests


def test_counting_tokens_costs_nothing(behind: Behind) -> None:
    proxy, _ = behind()
    body = {name: value for name, value in question().items() if name != "max_tokens"}
    assert json.loads(post(proxy, body, "/v1/messages/count_tokens?beta=true").body)["input_tokens"] > 0
    assert (proxy.usage().requests, proxy.usage().usd) == (0, 0.0)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 529])
def test_errors_pass_with_their_status_and_headers(behind: Behind, status: int) -> None:
    proxy, _ = behind(
        [Failure(status, "no", (("retry-after", "7"), ("anthropic-ratelimit-x", "1"), ("x-secret", "s")))]
    )
    answer = post(proxy, question())
    assert (answer.status, answer.error[1]) == (status, "no")
    assert (answer.headers["retry-after"], answer.headers["anthropic-ratelimit-x"]) == ("7", "1")
    assert "x-secret" not in answer.headers
    assert proxy.usage().usd == 0.0


def test_a_silent_provider_is_a_502_and_counted(behind: Behind) -> None:
    proxy, _ = behind([Stall(30)], idle=0.5)
    began = time.monotonic()
    answer = post(proxy, question(system="word " * 100))
    assert (answer.status, answer.error[0]) == (502, "api_error")
    assert time.monotonic() - began < 5
    assert proxy.usage().requests == 1 and proxy.usage().input_tokens > 0


def test_a_broken_stream_is_seen_as_broken(behind: Behind) -> None:
    proxy, _ = behind([Cut(say("x" * 9000), after_events=4)])
    got = spoken(proxy.socket, _streamed())
    assert b"message_start" in got and not got.endswith(b"0\r\n\r\n")
    assert proxy.usage().requests == 1 and proxy.usage().output_tokens >= 400


def test_an_answer_counts_whole_when_the_client_has_left(behind: Behind) -> None:
    proxy, _ = behind([say("x" * 40_000, output_tokens=9_000)])
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(proxy.socket))
        client.sendall(_streamed())
        client.recv(1)
    until(lambda: proxy.usage().output_tokens >= 9_000)
    assert proxy.usage().output_tokens == 9_000


def test_what_nobody_hears_to_its_end_counts_as_all_that_was_granted(settings: Settings, tmp_path: Path) -> None:
    with MessagesApi([Stall(30), say("x")]) as api:
        ours = replace(settings, model_base_url=api.url, credentials={"ANTHROPIC_API_KEY": KEY})
        with model_proxy(ours, ModelChoice(), 1.0, tmp_path / "s" / "model") as proxy:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(proxy.socket))
                client.sendall(_streamed())
                until(lambda: len(api.requests) == 1)
            assert post(proxy, question()).status == 200, "nobody waits for it"
        assert proxy.usage().requests == 2
        assert proxy.usage().output_tokens >= int(api.requests[0].body["max_tokens"])


def test_the_log_tells_figures_and_no_secret(behind: Behind) -> None:
    proxy, _ = behind([say("the answer")])
    post(proxy, question())
    post(proxy, question(), path="/v1/files")
    passed, refused = (json.loads(line) for line in _log(proxy).splitlines())
    assert (passed["model"], passed["status"], passed["output_tokens"]) == ("claude-sonnet-5-5", 200, 200)
    assert refused["status"] == 403 and "/v1/files" in refused["reason"]
    assert not any(word in _log(proxy) for word in (KEY, "Hello?", "the answer"))


def test_a_provider_that_is_not_there_is_a_502_that_costs_nothing(settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    ours = replace(settings, credentials={"ANTHROPIC_API_KEY": KEY}, model_base_url=url)
    with model_proxy(ours, ModelChoice(), 1, tmp_path / "s") as proxy:
        assert post(proxy, question()).status == 502
    assert (proxy.usage().requests, proxy.usage().usd) == (0, 0.0)


@pytest.mark.parametrize("url", ["http://api.anthropic.com", "ftp://x", "https://u:p@x", "https://x/?a=b", "nonsense"])
def test_the_key_is_sent_nowhere_in_the_clear(settings: Settings, tmp_path: Path, url: str) -> None:
    ours = replace(settings, credentials={"ANTHROPIC_API_KEY": KEY}, model_base_url=url)
    with (
        pytest.raises(ConfigurationError, match="ANTHROPIC_BASE_URL"),
        model_proxy(ours, ModelChoice(), 1, tmp_path / "s"),
    ):
        pass


def _streamed() -> bytes:
    data = json.dumps(question(stream=True, max_tokens=4000)).encode()
    return (
        f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n".encode()
        + data
    )


def _log(proxy: ModelProxy) -> str:
    return (proxy.socket.parents[1] / "calls.jsonl").read_text()

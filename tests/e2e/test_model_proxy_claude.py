"""The real Claude Code behind the model proxy: work, the provider's troubles, the end of the money."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from messages_api import Cut, Failure, MessagesApi, Reply, Stall, Turn, say, text_block, use
from provider_apis import AWS, AWS_BEARER, GOOGLE_TOKEN, PLACE, PROJECT, REGION, BedrockHandler, VertexHandler
from support.model_proxy import KEY, claude
from tdev.engines.claude.direct import Question, ask, line
from tdev.policy.model_choice import ModelChoice
from tdev.proxies import refusals
from tdev.proxies.model import ModelProxy, model_proxy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
Behind = Callable[..., tuple[ModelProxy, MessagesApi]]


@pytest.fixture
def behind(settings: Settings, tmp_path: Path) -> Iterator[Behind]:
    """Starts a scripted API and a proxy before it."""
    with ExitStack() as stack:

        def start(script: Iterable[Turn], usd: float = 1.0, idle: float = 20.0) -> tuple[ModelProxy, MessagesApi]:
            api = stack.enter_context(MessagesApi(script))
            ours = replace(settings, credentials={"ANTHROPIC_API_KEY": KEY}, model_base_url=api.url)
            log = tmp_path / "calls.jsonl"
            proxy = model_proxy(ours, ModelChoice(), usd, tmp_path / "s", log, idle_seconds=idle)
            return stack.enter_context(proxy), api

        yield start


def test_it_works_through_the_proxy_and_never_sees_the_key(behind: Behind, tmp_path: Path) -> None:
    proxy, api = behind([use("Write", file_path="note.txt", content="hello\n"), say("done")])
    result = claude(proxy, tmp_path)
    assert (result["result"], (tmp_path / "note.txt").read_text()) == ("done", "hello\n")
    assert [request.headers["x-api-key"] for request in api.requests] == [KEY, KEY]
    assert KEY.encode() not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    usage = proxy.usage()
    assert (usage.requests, usage.output_tokens, usage.refused, usage.stopped) == (2, 400, 0, False)
    assert usage.usd == pytest.approx(result["total_cost_usd"])
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert sum(line["usd"] for line in lines) == pytest.approx(usage.usd, abs=1e-5)


@pytest.mark.parametrize("status", [429, 529, 500])
def test_a_failure_of_the_provider_reaches_it_and_is_tried_again(behind: Behind, tmp_path: Path, status: int) -> None:
    proxy, api = behind([Failure(status, headers=(("retry-after", "0"),)), say("after all")])
    assert claude(proxy, tmp_path, retries=2)["result"] == "after all"
    assert [line["status"] for line in map(json.loads, (tmp_path / "calls.jsonl").open())] == [status, 200]
    assert len(api.requests) == 2


def test_a_stream_that_breaks_off_is_counted_and_tried_again(behind: Behind, tmp_path: Path) -> None:
    proxy, _ = behind([Cut(say("x" * 4000), after_events=3), say("whole"), say("whole")])
    assert claude(proxy, tmp_path, retries=2)["result"] == "whole"
    assert proxy.usage().requests >= 2
    assert proxy.usage().output_tokens >= 2000 // 8 + 200


def test_a_provider_that_hangs_is_given_up(behind: Behind, tmp_path: Path) -> None:
    proxy, _ = behind([Stall(30), say("awake")], idle=1.0)
    began = time.monotonic()
    assert claude(proxy, tmp_path, retries=2)["result"] == "awake"
    assert time.monotonic() - began < 15


def test_ten_megabytes_pass(behind: Behind, tmp_path: Path) -> None:
    proxy, _ = behind([Reply((text_block("long " * 2_000_000),), output_tokens=5)], usd=50.0)
    assert len(claude(proxy, tmp_path)["result"]) > 9_000_000
    assert proxy.usage().output_tokens == 10_000_000 // 4


def test_the_end_of_the_money_is_told_and_not_tried_again(behind: Behind, tmp_path: Path) -> None:
    reads = [use("Read", file_path=str(tmp_path / "calls.jsonl")) for _ in range(50)]
    proxy, api = behind(reads, usd=0.06)
    result = claude(proxy, tmp_path, retries=5)
    usage = proxy.usage()
    assert result["is_error"] and refusals.OUT_OF_MONEY in result["result"]
    assert usage.stopped and usage.usd <= 0.06
    assert (usage.refused, usage.requests) == (1, len(api.requests))
    assert all(request.body["max_tokens"] < 8192 for request in api.requests)


def _bedrock(settings: Settings, url: str, held: dict[str, str]) -> Settings:
    places = {"AWS_REGION": REGION, "ANTHROPIC_BEDROCK_BASE_URL": url}
    return replace(settings, credentials=held, model_provider="bedrock", provider_places=places)


def _vertex(settings: Settings, url: str) -> Settings:
    where = {"ANTHROPIC_VERTEX_PROJECT_ID": PROJECT, "CLOUD_ML_REGION": PLACE, "ANTHROPIC_VERTEX_BASE_URL": f"{url}/v1"}
    held = {"CLOUDSDK_AUTH_ACCESS_TOKEN": GOOGLE_TOKEN}
    return replace(settings, credentials=held, model_provider="vertex", provider_places=where)


@pytest.mark.parametrize("held", [AWS, {"AWS_BEARER_TOKEN_BEDROCK": AWS_BEARER}], ids=["keys", "bearer"])
def test_bedrock(settings: Settings, tmp_path: Path, held: dict[str, str]) -> None:
    script = [use("Write", file_path="note.txt", content="hello\n"), say("done", output_tokens=7)]
    with MessagesApi(script, handler=BedrockHandler) as api:
        ours = _bedrock(settings, api.url, held)
        with model_proxy(ours, ModelChoice(), 2.0, tmp_path / "s") as proxy:
            assert claude(proxy, tmp_path)["result"] == "done"
    assert (tmp_path / "note.txt").read_text() == "hello\n"
    assert (proxy.usage().requests, proxy.usage().output_tokens) == (2, 207)
    assert {request.body["model"] for request in api.requests} == {"eu.anthropic.claude-sonnet-4-5-20250929-v1:0"}


def test_vertex(settings: Settings, tmp_path: Path) -> None:
    script = [use("Write", file_path="note.txt", content="hello\n"), say("done", output_tokens=7)]
    with ExitStack() as stack:
        ours = _vertex(settings, stack.enter_context(MessagesApi(script, handler=VertexHandler)).url)
        proxy = stack.enter_context(model_proxy(ours, ModelChoice(), 2.0, tmp_path / "s"))
        assert claude(proxy, tmp_path)["result"] == "done"
    assert (proxy.usage().requests, proxy.usage().output_tokens) == (2, 207)
    assert (tmp_path / "note.txt").read_text() == "hello\n"


def test_our_own_questions_go_to_any_provider(settings: Settings) -> None:
    question = Question(system="Say a number.", turns=["Which?"], schema={"type": "object", "properties": {}})
    answers = []
    for handler in (BedrockHandler, VertexHandler):
        with MessagesApi([say('{"a": 7}', output_tokens=9)], handler=handler) as api:
            ours = _bedrock(settings, api.url, AWS) if handler is BedrockHandler else _vertex(settings, api.url)
            with line(ours, ModelChoice(), 1.0) as way:
                answers.append((ask(way, question).values, way.proxy.usage().output_tokens))
    assert answers == [({"a": 7}, 9)] * 2

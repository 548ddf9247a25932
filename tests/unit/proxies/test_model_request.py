"""What a request's body may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tdev.proxies.model_request import NotAllowed, checked_body, text_length, written


def body(content: object = "hi", **changes: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": content}], **changes}


def checked(value: object, model: str = "") -> dict[str, Any]:
    return checked_body(json.dumps(value).encode(), lambda name: name == "m", model)


ALLOWED = [
    body(),
    body([{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]),
    body([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}]),
    body([{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}]),
    body([{"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "x"}]}}]),
    body([{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference", "tool_name": "x"}]}]),
    body([{"type": "tool_use", "id": "t", "name": "Write", "input": {"type": "url", "mcp_servers": [], "url": "x"}}]),
    body([{"type": "thinking", "thinking": "", "signature": "s"}, {"type": "redacted_thinking", "data": "x"}]),
    body([{"type": "tool_addition", "tool": {"type": "tool_reference", "name": "x"}}]),
    body(tools=[{"name": "Bash", "input_schema": {"type": "object", "properties": {"type": {"type": "url"}}}}]),
    body(tools=[{"type": "custom", "name": "x", "input_schema": {}}], tool_choice={"type": "auto"}),
    body(system=[{"type": "text", "text": "s"}], stream=True, thinking={"type": "adaptive"}, metadata={}),
    body(output_config={"effort": "low"}, context_management={"edits": [{"type": "clear_thinking_20251015"}]}),
]
REFUSED = [
    body(mcp_servers=[]),
    body(container="c"),
    body(fallbacks=[]),
    body(speed="fast"),
    body(service_tier="priority"),
    body(inference_geo="us"),
    body(model="other"),
    body(model=None),
    body(max_tokens=0),
    body(max_tokens=True),
    body(max_tokens="9"),
    body(max_tokens=10**7),
    body(messages={}),
    body(messages=["x"]),
    body({"type": "text"}),
    body(["x"]),
    body([{"text": "no type"}]),
    body([{"type": ["text"]}]),
    body([{"type": "image", "source": {"type": "url", "url": "https://evil.example"}}]),
    body([{"type": "image", "source": {"type": "file", "file_id": "f"}}]),
    body([{"type": "image"}]),
    body([{"type": "document", "source": {"type": "url", "url": "https://evil.example"}}]),
    body([{"type": "container_upload", "file_id": "f"}]),
    body([{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}]),
    body([{"type": "mcp_tool_use", "id": "s", "name": "x", "server_name": "y", "input": {}}]),
    body([{"type": "tool_result", "content": [{"type": "image", "source": {"type": "url", "url": "x"}}]}]),
    body(
        [{"type": "document", "source": {"type": "content", "content": [{"type": "image", "source": {"type": "url"}}]}}]
    ),
    body([{"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"type": "mcp_toolset"}}}]),
    body(system=[{"type": "image", "source": {"type": "url", "url": "x"}}]),
    *(
        body(tools=[{"type": kind, "name": "x"}])
        for kind in (
            "web_search_20250305",
            "web_fetch_20250910",
            "code_execution_20250825",
            "mcp_toolset",
            "advisor",
            1,
            [],
        )
    ),
]


@pytest.mark.parametrize("value", ALLOWED, ids=lambda value: json.dumps(value)[43:110])
def test_plain_requests_pass_unchanged(value: dict[str, Any]) -> None:
    assert json.loads(written(checked(value))) == value


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: json.dumps(value)[43:110])
def test_ways_round_the_sandbox_are_refused(value: object) -> None:
    with pytest.raises(NotAllowed):
        checked(value)


@pytest.mark.parametrize("data", [b"", b"null", b"[1]", b'{"a": NaN}', b"[" * 10**5, b"[" + b"1," * 2_000_001 + b"1]"])
def test_what_is_no_sensible_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotAllowed):
        checked_body(data, lambda _: True)


def test_the_paths_model_counts_where_the_path_names_one() -> None:
    without = {name: value for name, value in body().items() if name != "model"}
    assert checked(without, "m") == without
    for value, model in ((without, "other"), (body(), "other"), (without, "")):
        with pytest.raises(NotAllowed):
            checked(value, model)


def test_of_a_key_that_stands_twice_one_is_checked_and_sent() -> None:
    data = b'{"model": "other", "model": "m", "messages": []}'
    assert written(checked_body(data, lambda name: name == "m")) == b'{"model":"m","messages":[]}'


def test_surrogates_survive() -> None:
    data = b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}'
    assert b"\\ud800" in written(checked_body(data, lambda _: True))


def test_text_is_measured_without_pictures() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 1000}}
    assert text_length({"a": "12345", "b": [{"c": "678"}, picture, 5, None]}) == 8 + len("image")

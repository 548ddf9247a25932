"""What an answer used, read from its bytes however they are cut."""

from __future__ import annotations

import json

import pytest

from messages_api import events_of, say, use
from provider_apis import frame_of
from tdev.core.model_usage import Tokens
from tdev.proxies.answer_usage import EventAnswer, JsonAnswer, Reader
from tdev.proxies.frame_usage import FrameAnswer

USAGE = {
    "input_tokens": 10,
    "output_tokens": 1,
    "cache_creation_input_tokens": 30,
    "cache_read_input_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
}
EVENTS = [
    {"type": "message_start", "message": {"usage": USAGE}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "message_delta", "usage": {"output_tokens": 50}},
    {"type": "message_stop"},
]
EXPECTED = Tokens(10, 20, 10, 40, 50)
SSE = b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS)
FRAMES = b"".join(map(frame_of, EVENTS))


def fed(reader: Reader, data: bytes, size: int) -> Tokens:
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return reader.tokens()


@pytest.mark.parametrize("size", [1, 2, 7, 64, 100_000])
def test_streams_are_read_however_they_are_cut(size: int) -> None:
    assert fed(EventAnswer(), SSE, size) == EXPECTED
    assert fed(EventAnswer(), SSE.replace(b"\n", b"\r\n"), size) == EXPECTED
    assert fed(FrameAnswer(), FRAMES, size) == EXPECTED


def test_a_stream_tells_what_it_knows_at_any_byte() -> None:
    for data, make in ((SSE, EventAnswer), (FRAMES, FrameAnswer)):
        for end in range(0, len(data), 3):
            tokens = fed(make(), data[:end], 1000)
            assert tokens.prompt in (0, 80) and tokens.output <= 50


def test_one_body_is_read() -> None:
    body = {"usage": USAGE | {"output_tokens": 50}, "content": [{"type": "text", "text": "hello"}]}
    assert fed(JsonAnswer(), json.dumps(body).encode(), 9) == EXPECTED


@pytest.mark.parametrize(
    "usage", [None, 5, {}, {"output_tokens": -1}, {"output_tokens": "9"}, {"output_tokens": 10**12}]
)
def test_text_counts_where_numbers_are_missing_or_absurd(usage: object) -> None:
    events = [
        EVENTS[1] | {"delta": {"type": "text_delta", "text": "x" * 800}},
        {"type": "message_delta", "usage": usage},
    ]
    sse = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    assert fed(EventAnswer(), sse, 100).output == 200
    assert fed(FrameAnswer(), b"".join(map(frame_of, events)), 100).output == 200
    body = {"usage": usage, "content": [{"type": "text", "text": "x" * 800}]}
    assert fed(JsonAnswer(), json.dumps(body).encode(), 100).output == 200


def test_smaller_numbers_do_not_take_back_larger_ones() -> None:
    events = [*EVENTS, {"type": "message_delta", "usage": {"output_tokens": 2, "input_tokens": 1}}]
    assert fed(EventAnswer(), b"".join(b"data:" + json.dumps(e).encode() + b"\n" for e in events), 50) == EXPECTED


def test_thinking_and_arguments_are_what_a_model_wrote() -> None:
    reply = use("Write", content="y" * 8000)
    sse = b"".join(
        b"data: " + json.dumps({"type": name, **data | {"usage": None}}).encode() + b"\n\n"
        for name, data in events_of(reply, "m")
    )
    assert fed(EventAnswer(), sse, 1000).output >= 1000
    body = {"content": [*reply.blocks, {"type": "thinking", "thinking": "z" * 800}]}
    assert fed(JsonAnswer(), json.dumps(body).encode(), 1000).output >= 1100


def test_compaction_counts_on_top() -> None:
    step = {"type": "compaction", "input_tokens": 100, "output_tokens": 7}
    body = {
        "usage": {"input_tokens": 1, "output_tokens": 2, "iterations": [step, {"type": "message", "input_tokens": 1}]}
    }
    assert fed(JsonAnswer(), json.dumps(body).encode(), 1000) == Tokens(input=101, output=9)


@pytest.mark.parametrize("data", [b"not json", b"[]", b"\xff\x00", b'{"usage": [1]}', b"[" * 100_000])
def test_garbage_counts_by_its_length_and_breaks_nothing(data: bytes) -> None:
    assert fed(JsonAnswer(), data, 10).output in (len(data) // 8, 0)
    assert fed(EventAnswer(), b"data: " + data + b"\n", 10) == Tokens()
    fed(FrameAnswer(), data * 10, 10)


def test_endless_lines_frames_and_bodies_are_not_kept() -> None:
    block = b"x" * 1_000_000
    for reader in (EventAnswer(), FrameAnswer(), JsonAnswer()):
        for _ in range(10):
            reader.feed(block)
        assert reader.tokens().output >= 1_000_000
        kept = [value for value in vars(reader).values() if isinstance(value, bytearray)]
        assert sum(map(len, kept)) < 2_000_000


def test_a_scripted_reply_is_counted_as_it_says() -> None:
    sse = b"".join(
        b"data: " + json.dumps({"type": name, **data}).encode() + b"\n\n"
        for name, data in events_of(say("hi", input_tokens=11, output_tokens=22), "m")
    )
    assert fed(EventAnswer(), sse, 13) == Tokens(input=11, output=22)

"""A run's own secret is found however it is written down, and ordinary text is left alone."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
import time
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tdev.core.redaction import redact
from tdev.core.redaction_own import own_spans
from tdev.core.redaction_stream import HELD, MOST_HELD, Redactor

VALUE = "Zx9-vault_value/of+ours=42Kq"
RAW = VALUE.encode()


def cut(every: int, between: str) -> str:
    return between.join(VALUE[start : start + every] for start in range(0, len(VALUE), every))


WRITTEN = {
    "plain": VALUE,
    "upper case": VALUE.upper(),
    "backwards": VALUE[::-1],
    "rotated": codecs.encode(VALUE, "rot13"),
    "percent": "".join(f"%{byte:02X}" for byte in RAW),
    "JSON twice": json.dumps(json.dumps(VALUE)),
    "JSON escapes": "".join(f"\\u{byte:04x}" for byte in RAW),
    "hexadecimal": RAW.hex(),
    "hexadecimal capitals": RAW.hex().upper(),
    "hexadecimal colons": RAW.hex(":"),
    "hexadecimal dump": RAW.hex(" ", 2),
    "hexadecimal escapes": "".join(f"\\x{byte:02x}" for byte in RAW),
    "hexadecimal numbers": ", ".join(f"0x{byte:02X}" for byte in RAW),
    "decimal": " ".join(map(str, RAW)),
    "octal": "".join(f"\\{byte:03o}" for byte in RAW),
    "Base64": base64.b64encode(RAW).decode(),
    "Base64 for addresses": base64.urlsafe_b64encode(RAW).decode(),
    "Base64 of it backwards": base64.b64encode(RAW[::-1]).decode(),
    "Base64 of UTF-16": base64.b64encode(VALUE.encode("utf-16-le")).decode(),
    "Base64 at place 1": base64.b64encode(b"k" + RAW + b"tail").decode(),
    "Base64 at place 2": base64.b64encode(b"ke" + RAW + b"tail").decode(),
    "Base64 in lines": base64.encodebytes(b"x" * 50 + RAW + b"y" * 50).decode(),
    "Base64 twice": base64.b64encode(base64.b64encode(b"key=" + RAW)).decode(),
    "Base64 three times": base64.b64encode(base64.b64encode(base64.b64encode(RAW))).decode(),
    "Base64 of gzip": base64.b64encode(gzip.compress(b"the key is " + RAW)).decode(),
    "Base64 of zlib": base64.b64encode(zlib.compress(RAW + b" " * 50)).decode(),
    "Base32": base64.b32encode(RAW).decode(),
    "spaces": cut(1, " "),
    "lines": cut(5, "\n"),
    "zero width": cut(1, "\u200b"),
    "quotes": cut(4, '" "'),
    "concatenation": cut(7, '" + "'),
    "concatenation over lines": cut(9, '"\n    "'),
    "diff": cut(6, "\n+"),
    "dashes": cut(3, "-"),
    "list": cut(1, "', '"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_the_value_is_taken_out(way: str) -> None:
    out = redact(f"before ({WRITTEN[way]}) after", [VALUE])
    assert "[redacted:own]" in out
    assert out.startswith("before (") and out.endswith(") after")
    left = out.replace("[redacted:own]", "").removeprefix("before (").removesuffix(") after")
    assert len(left.strip("\\\"'=%x0 A")) <= 2, f"{left!r} is left"
    assert redact(out, [VALUE]) == out


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=16, max_size=60), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_any_value_is_found_wherever_it_is_cut(value: str, every: int) -> None:
    written = "\n".join(value[start : start + every] for start in range(0, len(value), every))
    out = redact(f"a\n{written}\nb", [value])
    assert "[redacted:own]" in out
    assert value not in "".join(out.split())


def test_text_that_only_shares_words_stays() -> None:
    text = "The vault keeps a value of ours; see docs/vault_value.md and 42 keys. Zx9 is its name."
    assert redact(text, [VALUE]) == text
    assert own_spans(text, []) == []


@pytest.mark.parametrize("value", ["", "abc", "a b c"])
def test_a_short_value_is_left_alone(value: str) -> None:
    assert redact("an abc of a b c", [value]) == "an abc of a b c"


def test_a_value_of_a_few_letters_is_only_found_as_it_is() -> None:
    assert redact("hunter2! h u n t e r 2 !", ["hunter2!"]) == "[redacted:own] h u n t e r 2 !"


def test_values_in_other_letters_are_found() -> None:
    assert redact("비밀번호는 열려라참깨열려라 입니다", ["열려라참깨열려라"]) == "비밀번호는 [redacted:own] 입니다"


@pytest.mark.parametrize("piece", ["A", "ab1 ", "A_", "QUJD\n", "x-", "0123456789abcdef"])
def test_a_megabyte_takes_no_long_time(piece: str) -> None:
    text = (piece * (500_000 // len(piece) + 1))[:500_000]
    started = time.process_time()
    redact(text, [VALUE, "another-value-of-this-run-0001"])
    assert time.process_time() - started < 5


def streamed(pieces: list[str], own: list[str]) -> str:
    redactor = Redactor(own)
    return "".join([*(redactor.feed(piece) for piece in pieces), redactor.end()])


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_secret_cut_between_two_pieces_of_a_stream_is_taken_out(at: int) -> None:
    token = "gh" + "p_" + "aB3dE6gH9jK2mN5pQ8sT" * 2
    text = "line of words\n" * 3000 + f"{token} and {VALUE}\n" + "line of words\n" * 3000
    place = text.index(token) + at
    out = streamed([text[:place], text[place:]], [VALUE])
    assert out == redact(text, [VALUE])
    assert out.count("[redacted:") == 2


def test_a_stream_of_single_characters_gives_what_the_whole_gives() -> None:
    text = "words " * 200 + cut(3, " ") + " words" * 200
    assert streamed(list(text), [VALUE]) == redact(text, [VALUE])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([VALUE, VALUE[:9], VALUE[9:], "word ", "\n", "x" * 3000, " " * 900]), max_size=40))
@example(["x" * 3000] * 40)
def test_a_stream_gives_what_the_whole_gives(pieces: list[str]) -> None:
    assert streamed(pieces, [VALUE]) == redact("".join(pieces), [VALUE])


def test_a_stream_lets_go_of_what_is_certain() -> None:
    redactor = Redactor([VALUE])
    out = "".join(redactor.feed("a line of words\n") for _ in range(10_000))
    assert len(out) > 160_000 - 3 * HELD


def test_a_stream_without_any_place_to_cut_is_let_go_in_the_end() -> None:
    assert len(streamed(["x" * (MOST_HELD + 1), "y"], [])) == MOST_HELD + 2

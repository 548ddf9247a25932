"""The run's own secrets, found by value however they are written down: encoded, turned round, cut up, wrapped.

What a text says is compared without what may stand between the characters: only letters and digits count, in lower
case. So a value is found split over lines, by spaces, quotes, plus signs, separators or characters nobody can see. It
is also looked for as Base64 (at each of its three alignments), Base32, hexadecimal, decimal, octal, percent and JSON
escapes, backwards and rotated; and in Base64 that holds it together with other text, packed or not.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

SHORTEST = 6
"""Values shorter than this are left alone: they would match half of every text."""
SHORTEST_SPREAD = 12
"""Letters and digits that must be left of a value for it to be looked for with anything in between."""
_WORD = re.compile(r"[A-Za-z0-9]+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16}(?:[A-Za-z0-9+/_=-]|\\?[\r\n]|\\[nr]){8,}")
_MOST_UNPACKED = 1_000_000
_DEEPEST = 2

Span = tuple[int, int]


def own_spans(text: str, values: Iterable[str]) -> list[Span]:
    """Where the values stand in the text in any form, in order and without overlap."""
    wanted = tuple(sorted({value for value in values if len(value) >= SHORTEST}))
    if not wanted:
        return []
    return _merged((*_exact(text, wanted), *_spread(text, wanted), *_wrapped(text, wanted)))


def _exact(text: str, values: tuple[str, ...]) -> Iterator[Span]:
    for form in {form for value in values for form in _exact_forms(value)}:
        start = text.find(form)
        while start >= 0:
            yield start, start + len(form)
            start = text.find(form, start + len(form))


def _spread(text: str, values: tuple[str, ...]) -> Iterator[Span]:
    """Where the letters and digits of a form stand in order, whatever is between them."""
    words = list(_WORD.finditer(text))
    joined = "".join(word.group() for word in words).lower()
    starts: list[int] = []
    length = 0
    for word in words:
        starts.append(length)
        length += word.end() - word.start()

    def place(index: int) -> int:
        number = bisect_right(starts, index) - 1
        return words[number].start() + index - starts[number]

    for form in {form for value in values for form in _spread_forms(value)}:
        start = joined.find(form)
        while start >= 0:
            yield place(start), place(start + len(form) - 1) + 1
            start = joined.find(form, start + len(form))


def _wrapped(text: str, values: tuple[str, ...]) -> Iterator[Span]:
    """Runs of Base64 that hold a value once they are decoded, or unpacked as well."""
    for run in _ENCODED.finditer(text):
        if any(_holds(data, values, _DEEPEST) for data in _decoded(run.group())):
            yield run.span()


def _holds(data: bytes, values: tuple[str, ...], depth: int) -> bool:
    inner = data.decode("utf-8", "ignore")
    if any(_exact(inner, values)) or any(_spread(inner, values)):
        return True
    if depth == 0:
        return False
    further = [_unpacked(data)] if data[:1] in (b"\x1f", b"\x78") else []
    further += [more for run in _ENCODED.finditer(inner) for more in _decoded(run.group())]
    return any(_holds(each, values, depth - 1) for each in further if each)


def _decoded(run: str) -> Iterator[bytes]:
    """What a run of Base64 says, from where it begins and from the three places after that."""
    letters = re.sub(r"\\[nr]|[^A-Za-z0-9+/_-]", "", run).replace("-", "+").replace("_", "/")
    for skipped in range(4):
        part = letters[skipped:]
        try:
            yield base64.b64decode(part[: len(part) - len(part) % 4] or "")
        except binascii.Error:
            continue


def _unpacked(data: bytes) -> bytes:
    """What gzip or zlib packed, as far as it goes; empty when it is neither."""
    try:
        return zlib.decompressobj(wbits=47).decompress(data, _MOST_UNPACKED)
    except zlib.error:
        return b""


@lru_cache(maxsize=64)
def _exact_forms(value: str) -> frozenset[str]:
    """How a value is written in one piece."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {value, value.strip(), quote(value, safe="", errors="replace"), json.dumps(value)[1:-1]}
    forms |= {json.dumps(value, ensure_ascii=False)[1:-1], value[::-1], raw.hex(), raw.hex().upper()}
    forms |= {base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    return frozenset(form for form in forms if len(form) >= SHORTEST)


@lru_cache(maxsize=64)
def _spread_forms(value: str) -> frozenset[str]:
    """The letters and digits of a value in each encoding, in lower case."""
    raw = value.strip().encode("utf-8", "surrogatepass")
    wide = value.strip().encode("utf-16-le", "surrogatepass")
    letters = _letters(value)
    forms = {letters, letters[::-1], codecs.encode(letters, "rot13")} if len(letters) >= SHORTEST_SPREAD else set()
    if len(raw) < SHORTEST_SPREAD:
        return frozenset(forms)
    for data in (raw, raw[::-1], wide):
        forms |= {data.hex(), "".join(f"0x{byte:02x}" for byte in data), "".join(f"x{byte:02x}" for byte in data)}
        forms |= {_letters(part) for part in _base64_forms(data)}
    forms |= {"".join(map(str, raw)), "".join(f"{byte:03o}" for byte in raw), "".join(f"u{byte:04x}" for byte in raw)}
    forms.add(_letters(base64.b32encode(raw).decode().rstrip("=")[:-1]))
    return frozenset(form for form in forms if len(form) >= SHORTEST_SPREAD)


def _base64_forms(data: bytes) -> Iterator[str]:
    """The part of the Base64 that depends on the data alone, for each place in a group of three it may begin at."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        yield encoded[first:last]


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text)).lower()


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

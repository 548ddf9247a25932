"""Pairs of functions that belong together, going by their names alone: one undoes the other, or both do the same. Pure.

Used by candidates.py, which also asks whether the types of a pair fit. Comes in: names of one
module. Goes out: pairs of names. A name is only a hint; whether the property holds is found out by
running the drafted test, so a list that is too long costs time and a list that is too short costs a
test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_INVERSE_PREFIXES = (
    ("encode", "decode"), ("dump", "load"), ("dumps", "loads"), ("to_", "from_"), ("pack", "unpack"),
    ("quote", "unquote"), ("escape", "unescape"), ("serialize", "deserialize"), ("serialise", "deserialise"),
    ("compress", "decompress"), ("encrypt", "decrypt"), ("wrap", "unwrap"),
)  # fmt: skip

_CONVERSION = re.compile(r"([a-z0-9]+)_to_([a-z0-9]+)")
_VARIANTS = ("fast", "slow", "naive", "simple", "reference", "recursive", "iterative", "old", "legacy", "v2")


def inverse_pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of which the second undoes the first, going by their names."""
    for name in names:
        for there, back in _INVERSE_PREFIXES:
            other = re.sub(rf"(^|_){there}", rf"\g<1>{back}", name, count=1)
            if other != name and other in names:
                yield name, other
        match = _CONVERSION.fullmatch(name)
        other = f"{match.group(2)}_to_{match.group(1)}" if match else ""
        if other in names and name < other:
            yield name, other


def variant_pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs that ought to give the same, going by their names: `sort` and `sort_fast`."""
    for name in names:
        for variant in _VARIANTS:
            for other in (f"{name}_{variant}", f"{variant}_{name}"):
                if other in names:
                    yield name, other

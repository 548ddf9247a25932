"""Text from outside can't act when it is posted."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.outbound import inline, quoted


@given(st.text())
def test_nothing_leaves_the_fence(text: str) -> None:
    lines = quoted(text).split("\n")
    fence = lines[0].removesuffix("text")
    assert set(fence) == {"`"}
    assert lines[-1] == fence
    assert not any(line.strip().startswith(fence) for line in lines[1:-1])


@given(st.text())
def test_inline_text_is_one_line_without_mentions_or_cells(text: str) -> None:
    made = inline(text)
    assert "\n" not in made
    assert not re.search(r"[@#]\w", made)
    assert not re.search(r"(?<!\\)\|", made.replace("\\\\", ""))


def test_inline_keeps_ordinary_words() -> None:
    assert inline("3 tests pass, see fixes #12 by @ada") == "3 tests pass, see fixes #<!-- -->12 by @<!-- -->ada"

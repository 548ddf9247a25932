"""Closing keywords: which issues a text closes."""

from __future__ import annotations

import pytest

from tdev.forge.pulls.closing import closed_numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Fixes #1", (1,)),
        ("fixed: #2, closes #3 and RESOLVES ada/calc#4", (2, 3, 4)),
        ("close #5\nresolved #5", (5,)),
        ("Part of #6, prefixes #7, un-fixes #8, fixes#9", ()),
        ("fixes eve/calc#10, fixes #", ()),
        ("fixes #11th", ()),
        (None, ()),
    ],
)
def test_closed_numbers(text: str | None, numbers: tuple[int, ...]) -> None:
    assert closed_numbers(text, "Ada/Calc") == numbers

"""Numbers with their nouns."""

from __future__ import annotations

from tdev.core.counting import counted


def test_one_is_singular_and_all_else_plural() -> None:
    assert [counted(number, "changed file") for number in (0, 1, 2, 1200)] == [
        "0 changed files",
        "1 changed file",
        "2 changed files",
        "1,200 changed files",
    ]

"""Titles of tasks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.insight.kinds import KINDS
from tdev.core.task_words import KIND_TASKS, titled


@given(st.text(), st.lists(st.text(), max_size=3))
def test_a_title_is_one_line_that_fits_a_subject(title: str, paths: list[str]) -> None:
    made = titled(title, tuple(paths))
    assert made
    assert len(made) <= 72
    assert "\n" not in made


@pytest.mark.parametrize(
    ("title", "paths", "made"),
    [
        ("Sort imports", (), "Sort imports"),
        ("Sort imports", ("src/a",), "Sort imports in src/a"),
        ("Sort imports", ("src/a", "src/b", "c.py"), "Sort imports in src/a and 2 more"),
        ("Sort imports", ("deep/" * 20 + "file.py",), "Sort imports in file.py"),
        ("Sort imports", ("x" * 100,), f"Sort imports in {'x' * 29}…"),
        (
            "Draft property tests that pass and raise coverage",
            ("bot/tdev/cli/arguments.py", "b", "c"),
            "Draft property tests that pass and raise… in arguments.py and 2 more",
        ),
        ("x" * 80, (), "x" * 71 + "…"),
        ("", (), "Do what was asked"),
    ],
)
def test_the_first_path_stands_in_the_title(title: str, paths: tuple[str, ...], made: str) -> None:
    assert titled(title, paths) == made


def test_every_kind_of_insight_has_its_words() -> None:
    assert set(KINDS) <= set(KIND_TASKS)

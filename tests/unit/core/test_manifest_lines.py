"""On which line of a dependency file something stands."""

from __future__ import annotations

import pytest

from tdev.core.manifests.lines import Lines

TEXT = '[tool]\n  "flask-cors" = "1"\nflask = "2"\nx = "a \\"quoted\\" word"\nname = "flask"\n'


@pytest.mark.parametrize(
    ("piece", "line"), [("flask", 3), ("flask-cors", 2), ('name = "flask"', 5), ("cors", 2), ("absent", 0), ("", 0)]
)
def test_a_line_that_begins_with_it_comes_first(piece: str, line: int) -> None:
    assert Lines(TEXT).starting(piece) == line


def test_quotes_may_be_escaped() -> None:
    assert Lines(TEXT).holding('a "quoted" word') == 4


def test_the_first_and_the_last_line_count() -> None:
    assert (Lines("a\nb").holding("a"), Lines("a\nb").holding("b"), Lines("").holding("a")) == (1, 2, 0)

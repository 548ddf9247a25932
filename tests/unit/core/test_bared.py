"""A file without some silencers: only comments, only the lines that are asked, nothing else touched."""

from __future__ import annotations

import pytest

from tdev.core.bared import bared
from tdev.core.silencers import silencers_in


def bare(text: str, *lines: int, encoding: str = "utf-8") -> str:
    rows = text.split("\n")
    asked = {line: frozenset(silencers_in(rows[line - 1])) for line in lines or range(1, len(rows) + 1)}
    return bared(text.encode(encoding), asked).decode(encoding)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1  # noqa\n", "x = 1\n"),
        ("x = 1  # noqa: S307  # our own text\n", "x = 1  # our own text\n"),
        ("x = 1  # why # type: ignore[misc]  # noqa\n", "x = 1  # why\n"),
        ("if x:\n    # ruff: noqa\n    y = 1\n", "if x:\n    #\n    y = 1\n"),
        ("x = 1  # noqa\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
        ("x = '# noqa'\n", "x = '# noqa'\n"),
        ("x = '# noqa'  # noqa\n", "x = '# noqa'\n"),
        ('x = """\n# noqa\n"""  # noqa\n', 'x = """\n# noqa\n"""\n'),
        ('"""\n# mypy: ignore-errors\n"""\n', '"""\n#\n"""\n'),
        ("é = 1  # noqa\n", "é = 1\n"),
    ],
)
def test_comments_go_and_the_rest_stays(text: str, said: str) -> None:
    assert bare(text) == said


def test_other_lines_keep_theirs() -> None:
    assert bare("a  # noqa\nb  # noqa\n", 2) == "a  # noqa\nb\n"


def test_one_of_two_on_a_line_may_stay() -> None:
    (gone,) = silencers_in("# noqa")
    assert bared(b"a  # type: ignore  # noqa\n", {1: frozenset({gone})}) == b"a  # type: ignore\n"


def test_the_encoding_of_a_file_stays() -> None:
    text = "# coding: latin-1\né = 1  # noqa\n"
    assert bare(text, encoding="latin-1") == "# coding: latin-1\né = 1\n"


def test_what_is_no_text_stays_as_it_is() -> None:
    assert bared(b"\xff  # noqa\n", {1: frozenset(silencers_in("# noqa"))}) == b"\xff  # noqa\n"


def test_what_the_tokenizer_can_not_read_is_read_more_plainly() -> None:
    assert bare("x = (1  # noqa\n") == "x = (1\n"

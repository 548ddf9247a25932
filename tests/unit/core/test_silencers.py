"""Which comments silence a checker, and which of them a change added."""

from __future__ import annotations

import pytest

from tdev.core.silencers import Added, added_silencers, silencers_in


def diff(*hunks: str, old: str = "a/x.py", new: str = "b/x.py") -> str:
    """A change of one file; each hunk is its lines with their signs."""
    text = f"diff --git {old} {new}\n--- {old}\n+++ {new}\n"
    for number, hunk in enumerate(hunks):
        gone = sum(line.startswith("-") for line in hunk.splitlines())
        text += f"@@ -{10 * number + 1},{gone} +{10 * number + 1},{hunk.count(chr(10)) - gone} @@\n{hunk}"
    return text


def told(added: Added) -> dict[str, dict[int, list[tuple[str, list[str]]]]]:
    return {
        path: {line: sorted((one.kind, sorted(one.rules)) for one in found) for line, found in lines.items()}
        for path, lines in added.items()
    }


@pytest.mark.parametrize(
    ("line", "kind", "rules"),
    [
        ("x  # noqa", "noqa", []),
        ("x  #NoQA: F401,E501", "noqa", ["E501", "F401"]),
        ("x  # noqa F401", "noqa", []),
        ("x  # why # noqa: S307", "noqa", ["S307"]),
        ("# ruff: noqa: F401", "ruff", ["F401", "noqa"]),
        ("# ruff: disable[F401]", "ruff", ["F401", "disable"]),
        ("# flake8: noqa", "noqa", []),
        ("x  # type: ignore", "type", []),
        ("x  # type:ignore[arg-type, misc]", "type", ["arg-type", "misc"]),
        ("# mypy: ignore-errors", "mypy", ["ignore-errors"]),
        ("x  #" + " " * 5000 + "noqa", "noqa", []),
    ],
)
def test_forms(line: str, kind: str, rules: list[str]) -> None:
    assert [(one.kind, sorted(one.rules)) for one in silencers_in(line)] == [(kind, rules)]


@pytest.mark.parametrize("line", ["x = 1", "x  # a type: int", "noqa = 1", "x  # nosec"])
def test_other_lines_silence_nothing(line: str) -> None:
    assert silencers_in(line) == []


def test_a_new_one_is_added() -> None:
    assert told(added_silencers(diff("+a\n+b  # type: ignore[misc]  # noqa: S307\n"))) == {
        "x.py": {2: [("noqa", ["S307"]), ("type", ["misc"])]}
    }


def test_one_that_stood_on_an_altered_line_is_none() -> None:
    assert added_silencers(diff("-eval(a)  # noqa: S307\n+eval(ab)  # noqa: S307\n")) == {}
    assert added_silencers(diff("-eval(a)  # noqa\n+eval(ab)  # noqa: S307 - our own text\n")) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [("noqa: S307", "noqa"), ("noqa: S307", "noqa: S307, S102"), ("type: ignore[misc]", "type: ignore")],
)
def test_one_that_goes_beyond_what_stood_there_is_added(old: str, new: str) -> None:
    assert list(added_silencers(diff(f"-x  # {old}\n+xy  # {new}\n"))) == ["x.py"]


def test_each_that_was_removed_allows_one() -> None:
    added = added_silencers(diff("-a  # noqa\n", "+b  # noqa\n+c  # noqa\n"))
    assert list(added["x.py"]) == [12]


def test_a_line_that_moves_to_another_file_adds_none() -> None:
    line = "    eval(a)  # noqa: S307\n"
    away = diff("-" + line)
    assert added_silencers(away + diff("+" + line, old="/dev/null", new="b/y.py")) == {}
    added = added_silencers(away + diff("+" + line.replace("a", "b", 2), old="/dev/null", new="b/y.py"))
    assert list(added) == ["y.py"]


def test_files_of_other_languages_have_none() -> None:
    assert added_silencers(diff("+x  # noqa\n", old="a/x.md", new="b/x.md")) == {}

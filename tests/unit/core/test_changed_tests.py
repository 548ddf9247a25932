"""Which tests are new or altered, by their texts."""

from __future__ import annotations

import pytest

from tdev.core.changed_tests import BothSides, changed_tests

OLD = "import pytest\n\n\ndef test_a():\n    assert 1\n\n\nclass TestB:\n    def test_b(self):\n        assert 2\n"
IDS = ("t.py::test_a", "t.py::TestB::test_b", "u.py::test_a")


def changed(after: str, before: str | None = OLD, gone: tuple[str, ...] = (), ids: tuple[str, ...] = IDS) -> list[str]:
    return list(changed_tests(ids, {"t.py": BothSides(before, after)}, gone))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (OLD, []),
        (OLD.replace("assert 1", "assert 1  # said"), []),
        (OLD.replace("assert 1", "assert 3"), ["t.py::test_a"]),
        (OLD.replace("def test_a", "@pytest.mark.parametrize('x', [1])\ndef test_a"), ["t.py::test_a"]),
        (OLD.replace("test_a()", "test_a(tmp_path)"), ["t.py::test_a"]),
        (OLD.replace("assert 2", "assert 4"), ["t.py::TestB::test_b"]),
        ("def test_(:", []),
    ],
    ids=["same", "comment", "body", "mark", "fixture", "method", "no Python"],
)
def test_a_test_is_altered_when_its_function_is(after: str, expected: list[str]) -> None:
    assert changed(after) == expected


def test_all_tests_of_a_new_file_are_new_also_inherited_ones() -> None:
    ids = (*IDS, "t.py::TestMore::test_inherited", "t.py::test_a[1]")
    assert changed(OLD, None, ids=ids) == sorted(set(ids) - {"u.py::test_a"})


def test_a_test_that_moved_or_was_renamed_is_not_new() -> None:
    assert changed(OLD, None, gone=(OLD,)) == []
    assert changed(OLD.replace("test_a", "test_c"), ids=("t.py::test_c",)) == []


def test_every_set_of_parameters_of_an_altered_test_counts() -> None:
    ids = ("t.py::test_a[1]", "t.py::test_a[x::y]", "t.py::test_b[1]")
    assert changed(OLD.replace("assert 1", "assert 3"), ids=ids) == list(ids[:2])

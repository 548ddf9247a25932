from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.artifacts.finding import Finding, Severity
from tdev.gates.baseline import ALL_LINES, at_least, new_findings, on_changed_lines


def found(fingerprint: str, line: int = 1, severity: str = "warning", path: str = "a.py", end: int = 0) -> Finding:
    return Finding(
        tool="t",
        rule="r",
        severity=Severity(severity),
        message="m",
        path=path,
        line=line,
        end_line=end,
        fingerprint=fingerprint,
    )


def test_new_on_a_changed_line_blocks() -> None:
    blocking, remarks = new_findings([], [found("a", 3)], {"a.py": (3,)}, Severity.WARNING)
    assert [finding.fingerprint for finding in blocking] == ["a"]
    assert remarks == ()


def test_what_stood_at_the_base_is_a_remark_even_on_a_changed_line() -> None:
    assert new_findings([found("a", 9)], [found("a", 3)], {"a.py": (3,)}, Severity.WARNING).blocking == ()


def test_warnings_away_from_changed_lines_are_remarks() -> None:
    assert new_findings([], [found("a", 3)], {"a.py": (4,)}, Severity.WARNING, {"a.py"}).blocking == ()


def test_a_new_error_in_an_altered_file_blocks_on_any_line() -> None:
    error = found("a", 30, "error")
    assert new_findings([], [error], {"a.py": (4,)}, Severity.WARNING, {"a.py"}).blocking == (error,)
    assert new_findings([], [error], {"b.py": (4,)}, Severity.WARNING, {"b.py"}).blocking == ()


def test_a_finding_without_a_line_blocks() -> None:
    assert new_findings([], [found("a", 0)], {}, Severity.WARNING).blocking
    assert new_findings([], [found("a", 0, path="")], {}, Severity.WARNING).blocking


def test_a_finding_of_several_lines_blocks_when_any_of_them_changed() -> None:
    assert new_findings([], [found("a", 3, end=7)], {"a.py": (7,)}, Severity.WARNING).blocking


def test_a_second_one_alike_is_new_and_it_is_the_one_on_the_changed_line() -> None:
    twice = [found("a", 3), found("a", 8)]
    blocking, remarks = new_findings([found("a", 3)], twice, {"a.py": (3,)}, Severity.WARNING)
    assert [finding.line for finding in blocking] == [3]
    assert [finding.line for finding in remarks] == [8]


def test_levels_below_the_bar_are_remarks() -> None:
    note = found("a", 3, "note")
    assert new_findings([], [note], {"a.py": (3,)}, Severity.WARNING).remarks == (note,)
    assert new_findings([], [note], {"a.py": (3,)}, Severity.NOTE).blocking == (note,)
    assert at_least(Severity.ERROR, Severity.WARNING)
    assert not at_least(Severity.WARNING, Severity.ERROR)


def test_a_file_git_can_not_compare_is_changed_in_every_line() -> None:
    assert on_changed_lines(found("a", 77), {"a.py": ALL_LINES})


NAMES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=8)


@given(NAMES, NAMES, st.sets(st.integers(1, 5)))
def test_nothing_is_lost_and_no_more_blocks_than_is_new(
    before: list[tuple[str, int]], after: list[tuple[str, int]], lines: set[int]
) -> None:
    old, new = [found(*each) for each in before], [found(*each) for each in after]
    blocking, remarks = new_findings(old, new, {"a.py": tuple(lines)}, Severity.WARNING)
    assert sorted(map(repr, blocking + remarks)) == sorted(map(repr, new))
    for name in "abc":
        grown = sum(each.fingerprint == name for each in new) - sum(each.fingerprint == name for each in old)
        assert sum(each.fingerprint == name for each in blocking) <= max(grown, 0)

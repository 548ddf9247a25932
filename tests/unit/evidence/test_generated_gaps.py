"""Gaps: which mutants a report on survivors speaks of, and which functions are left open."""

from __future__ import annotations

from tdev.core.mutants import Mutant, functions_of
from tdev.evidence.generated_gaps import Gap, is_told_of, root_of
from tdev.evidence.mutation import survivor

TEXT = (
    "def double(x):\n    return 2 * x\n\n\nclass Cart:\n    def total(self):\n        if self:\n            return 1\n"
)
DOUBLE, TOTAL = functions_of(TEXT)
THRICE = Mutant("calc.py", DOUBLE, 2, 2, ("    return 3 * x\n",))


def test_a_mutant_is_known_by_what_the_report_says_of_it() -> None:
    report = [survivor(THRICE, TEXT)]
    assert is_told_of(THRICE, TEXT, report)
    assert not is_told_of(THRICE._replace(lines=("    return 2 / x\n",)), TEXT, report)
    assert not is_told_of(THRICE._replace(path="other.py"), TEXT, report)


def test_functions_left_open_are_those_of_lines_and_of_mutants() -> None:
    gap = Gap("calc.py", "calc", ".", TEXT, frozenset({7}), (THRICE,))
    assert gap.functions == {"double", "Cart.total"}
    assert Gap("calc.py", "calc", ".", TEXT, frozenset({4})).functions == frozenset()


def test_the_root_is_the_folder_that_imports_start_from() -> None:
    assert root_of("src/pkg/mod.py", "pkg.mod") == "src"
    assert root_of("pkg/__init__.py", "pkg") == "."

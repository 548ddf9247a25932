from __future__ import annotations

from tdev.core.artifacts.evaluation import Metrics, Symbol, TestOutcome, TestRun
from tdev.core.artifacts.finding import ToolReport
from tdev.core.metrics import metrics
from tdev.core.score import WEIGHTS, score, score_parts

PERFECT = Metrics(
    python_files=3,
    python_lines=100,
    tests_passed=5,
    tests_failed=0,
    tests_skipped=0,
    coverage_percent=100.0,
    docstring_percent=100.0,
    maintainability_mean=100.0,
    complexity_mean=1.0,
    typed_percent=100.0,
    findings=0,
)


def test_weights_sum_to_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


def test_the_ends_of_the_scale() -> None:
    assert score(PERFECT) == 100
    assert score(Metrics()) == 0


def test_what_was_not_measured_gives_no_points() -> None:
    for field, part in (("coverage_percent", "coverage"), ("findings", "findings"), ("complexity_mean", "complexity")):
        assert score_parts(PERFECT.model_copy(update={field: None}))[part] == 0


def test_no_tests_caps_the_score() -> None:
    assert score(PERFECT.model_copy(update={"tests_passed": None})) == 20
    assert score(PERFECT.model_copy(update={"tests_passed": 0})) == 20


def test_more_findings_score_less() -> None:
    some = [score(PERFECT.model_copy(update={"findings": count})) for count in (0, 1, 5, 50)]
    assert some == sorted(some, reverse=True) and len(set(some)) == 4


def symbol(name: str, **facts: object) -> Symbol:
    given = {"path": "a.py", "kind": "function", "line": 1, "end_line": 2, "public": True}
    return Symbol.model_validate({**given, "name": name, "documented": True, "typed": True, **facts})


def test_metrics_of_nothing_are_unknown_not_zero() -> None:
    failed = TestRun(ok=False, reason="crashed", outcomes={"a": TestOutcome.PASSED}, covered_lines={"a.py": (1,)})
    found = metrics(python_files=0, python_lines=0, tests=failed, symbols=(), maintainability={}, reports=())
    assert found == Metrics()


def test_metrics_of_a_tree() -> None:
    tests = TestRun(
        ok=True,
        outcomes={"a": TestOutcome.PASSED, "b": TestOutcome.ERROR},
        covered_lines={"a.py": (1, 2, 3)},
        missing_lines={"a.py": (4,)},
    )
    found = metrics(
        python_files=1,
        python_lines=4,
        tests=tests,
        symbols=(symbol("f", complexity=3), symbol("_g", public=False, documented=False, typed=False)),
        maintainability={"a.py": 70.0, "b.py": 80.0},
        reports=(ToolReport(tool="radon", ok=True),),
    )
    assert (found.tests_passed, found.tests_failed, found.coverage_percent) == (1, 1, 75.0)
    assert (found.docstring_percent, found.typed_percent) == (100.0, 50.0)
    assert (found.complexity_mean, found.complexity_highest) == (2.0, 3)
    assert (found.maintainability_mean, found.maintainability_lowest, found.findings) == (75.0, 70.0, 0)


def test_a_program_without_result_makes_the_findings_unknown() -> None:
    reports = (ToolReport(tool="radon", ok=True), ToolReport(tool="semgrep", ok=False, reason="crashed"))
    tests = TestRun(ok=False, reason="none")
    found = metrics(python_files=0, python_lines=0, tests=tests, symbols=(), maintainability={}, reports=reports)
    assert found.findings is None

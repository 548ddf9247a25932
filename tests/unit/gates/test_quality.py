from __future__ import annotations

from collections.abc import Mapping

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of, symbol
from tdev.core.artifacts.evaluation import Measurement, Symbol
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.patch import ChangedFile
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.table import QUALITY
from tdev.policy.model import Gates, Policy
from tdev.policy.quality_gate import Mode, QualityGate

Tree = tuple[tuple[Symbol, ...], Mapping[str, float]]


def tree(*symbols: Symbol, **indexes: float) -> Tree:
    return symbols, {f"{name}.py": index for name, index in indexes.items()}


def decide(before: Tree, after: Tree, *paths: str, files: tuple[ChangedFile, ...] = ()) -> Verdict:
    tests = outcomes_of({})
    evaluation = evaluated(measured(tests, *before), measured(tests, *after), paths=paths or ("a.py",))
    return QUALITY.judge(evaluation, Policy(), patch_of(*files))


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.outcome.value for check in verdict.children}


def test_no_python_changed() -> None:
    verdict = decide(tree(), tree(), "README.md")
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "no Python file and no dependency file changed")


def test_documented_and_simple() -> None:
    old = symbol("f")
    verdict = decide(tree(old, a=80), tree(old, symbol("g", complexity=10), a=79))
    assert verdict.outcome is Outcome.PASS, verdict.reason


def test_new_public_symbols_need_docstrings() -> None:
    new = [symbol(f"f{number}", documented=number < 4) for number in range(5)]
    assert outcomes(decide(tree(), tree(*new, a=90)))["docstrings"] == "pass"
    verdict = decide(tree(), tree(*new, symbol("g", documented=False, line=7), a=90))
    assert verdict.outcome is Outcome.FAIL
    assert [(f.path, f.line, f.symbol) for f in verdict.children[1].findings] == [("a.py", 3, "f4"), ("a.py", 7, "g")]


def test_private_and_old_symbols_need_none() -> None:
    old = symbol("old", documented=False)
    hidden = symbol("_new", documented=False, public=False)
    assert outcomes(decide(tree(old, a=80), tree(old, hidden, a=80)))["docstrings"] == "skipped"


def test_a_moved_function_is_not_new() -> None:
    old = symbol("tangled", documented=False, complexity=15)
    moved = old.model_copy(update={"path": "b.py"})
    verdict = decide(tree(old, a=90), tree(moved, b=90), "a.py", "b.py")
    said = outcomes(verdict)
    assert (said["docstrings"], said["maintainability"], said["complexity"]) == ("skipped", "pass", "skipped")


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (None, 64.9, "fail"),
        (None, 65.0, "pass"),
        (90.0, 66.0, "pass"),
        (40.0, 35.0, "pass"),
        (40.0, 34.9, "fail"),
        (90.0, 64.9, "fail"),
    ],
)
def test_maintainability(before: float | None, after: float, outcome: str) -> None:
    old = tree() if before is None else tree(a=before)
    assert outcomes(decide(old, tree(a=after)))["maintainability"] == outcome


def test_new_files_are_judged_by_their_mean_and_none_may_be_beyond_reading() -> None:
    assert outcomes(decide(tree(), tree(a=90, b=45), "a.py", "b.py"))["maintainability"] == "pass"
    assert outcomes(decide(tree(), tree(a=80, b=45), "a.py", "b.py"))["maintainability"] == "fail"
    assert outcomes(decide(tree(), tree(a=100, b=19), "a.py", "b.py"))["maintainability"] == "fail"


def test_a_renamed_file_is_held_to_what_it_had() -> None:
    file = ChangedFile(path="b.py", old_path="a.py", status="R", added=0, removed=0)
    assert outcomes(decide(tree(a=40), tree(b=40), "a.py", "b.py", files=(file,)))["maintainability"] == "pass"
    assert outcomes(decide(tree(a=40), tree(b=40), "a.py", "b.py"))["maintainability"] == "fail"


@pytest.mark.parametrize(
    ("before", "after", "outcome"), [(12, 12, "skipped"), (12, 11, "skipped"), (12, 13, "fail"), (5, 10, "pass")]
)
def test_complexity_of_grown_functions(before: int, after: int, outcome: str) -> None:
    verdict = decide(tree(symbol("f", complexity=before), a=80), tree(symbol("f", complexity=after), a=80))
    assert outcomes(verdict)["complexity"] == outcome


def test_functions_of_unchanged_files_are_left_alone() -> None:
    verdict = decide(tree(a=80), tree(symbol("f", path="other.py", complexity=30), a=80))
    assert outcomes(verdict)["complexity"] == "skipped"


def test_the_whole_may_not_lose_docstrings() -> None:
    documented = [symbol(f"f{number}") for number in range(9)]
    bare = symbol("f9", documented=False)
    worse = decide(tree(*documented, symbol("f9"), a=80), tree(*documented, bare, a=80))
    assert outcomes(worse)["whole"] == "fail"
    shorter = decide(tree(*documented, bare, a=80), tree(*documented[:3], bare, a=80))
    assert outcomes(shorter)["whole"] == "pass"


def with_reports(measurement: Measurement, *reports: ToolReport) -> Measurement:
    return measurement.model_copy(update={"reports": reports})


@pytest.mark.parametrize(
    "reports",
    [
        (),
        (ToolReport(tool="scan", ok=True),),
        (ToolReport(tool="scan", ok=True), ToolReport(tool="radon", ok=False, reason="it crashed")),
    ],
)
def test_a_program_without_result_is_an_error(reports: tuple[ToolReport, ...]) -> None:
    good = measured(outcomes_of({}), (), {"a.py": 80})
    verdict = QUALITY.judge(evaluated(good, with_reports(good, *reports), paths=("a.py",)), Policy(), patch_of())
    assert outcomes(verdict)["parses"] == "error"


def test_a_changed_file_that_can_not_be_parsed_is_an_error_and_an_old_one_a_remark() -> None:
    broken = [
        Finding(tool="scan", rule="syntax-error", severity=Severity.ERROR, message="bad", path=path, fingerprint=path)
        for path in ("a.py", "old.py")
    ]
    good = measured(outcomes_of({}), (), {"a.py": 80})
    reports = (ToolReport(tool="scan", ok=True, findings=tuple(broken)), ToolReport(tool="radon", ok=True))
    verdict = QUALITY.judge(evaluated(good, with_reports(good, *reports), paths=("a.py",)), Policy(), patch_of())
    parses = verdict.children[0]
    assert parses.outcome is Outcome.ERROR
    assert [f.path for f in parses.findings] == ["a.py"] and [f.path for f in parses.remarks] == ["old.py"]


def absolutely(after: Tree) -> dict[str, str]:
    gates = Gates(quality=QualityGate(mode=Mode.ABSOLUTE))
    tests = outcomes_of({})
    evaluation = evaluated(measured(tests, *after), measured(tests, *after), paths=("a.py",))
    return outcomes(QUALITY.judge(evaluation, Policy(gates=gates), patch_of()))


def test_absolute_mode_holds_the_whole_tree_against_the_bars() -> None:
    good = tree(symbol("f"), a=80)
    assert {absolutely(good)[name] for name in ("docstrings", "complexity", "maintainability")} == {"pass"}
    bad = tree(symbol("f", path="b.py", documented=False, complexity=15), a=80, b=19)
    assert {absolutely(bad)[name] for name in ("docstrings", "complexity", "maintainability")} == {"fail"}
    assert "fail" not in outcomes(decide(bad, bad)).values()


def length(lines: int) -> Symbol:
    return symbol("a", kind="module", line=1, end_line=lines)


@pytest.mark.parametrize(("lines", "outcome"), [(20, "fail"), (25, "fail"), (40, "pass")])
def test_what_an_older_file_lost_by_growing_alone_is_not_held_against_it(lines: int, outcome: str) -> None:
    before, after = tree(length(20), a=66), tree(length(lines), a=56)
    assert outcomes(decide(before, after))["maintainability"] == outcome

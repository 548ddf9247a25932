"""What the quality gate makes of programs' reports."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of
from tdev.core.artifacts.evaluation import Measurement
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import ChangedFile, Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.publication import RAISED
from tdev.gates.quality.api import api
from tdev.gates.quality.architecture import architecture
from tdev.gates.quality.dead_code import dead_code
from tdev.gates.quality.duplication import duplication
from tdev.gates.quality.focus import focus
from tdev.gates.quality.lint import lint
from tdev.gates.quality.types import types
from tdev.gates.quality.unused_dependencies import touches_dependencies, unused_dependencies
from tdev.gates.table import Judge
from tdev.policy.model import Gates, Policy
from tdev.policy.quality_gate import Answer, Mode, QualityGate
from tdev.policy.waiver import Waiver

CHECKS: dict[str, tuple[Judge, str]] = {
    "types": (types, "mypy"),
    "lint": (lint, "ruff"),
    "api": (api, "griffe"),
    "dead-code": (dead_code, "vulture"),
    "duplication": (duplication, "duplicates"),
    "architecture": (architecture, "import-linter"),
    "unused-dependencies": (unused_dependencies, "deptry"),
    "focus": (focus, "focus"),
}
OFF = QualityGate(
    types=False,
    lint=False,
    api=Answer.OFF,
    dead_code=False,
    duplicate_lines=0,
    architecture=False,
    unused_dependencies=Answer.OFF,
    focus=Answer.OFF,
)
WAIVER = {
    "check": "ruff:F401",
    "reason": "said so in the plan",
    "owner": "@one",
    "approved_by": "@two",
    "expires": "2999-01-01",
}
CHANGED = {"a.py": (5, 6)}
MODIFIED = (ChangedFile(path="a.py", status="M", added=2, removed=0),)


def finding(line: int = 5, path: str = "a.py", **facts: object) -> Finding:
    given = {"tool": "ruff", "rule": "F401", "severity": "warning", "message": "m", "fingerprint": f"{path} m"}
    return Finding.model_validate({**given, "path": path, "line": line, **facts})


def side(tool: str, report: ToolReport | None) -> Measurement:
    plain = measured(outcomes_of({}))
    others = tuple(one for one in plain.reports if one.tool != tool)
    return plain.model_copy(update={"reports": (*others, *((report,) if report else ()))})


def judged(
    name: str,
    before: Sequence[Finding] | None,
    after: Sequence[Finding] | ToolReport | None,
    gate: QualityGate | None = None,
    files: tuple[ChangedFile, ...] = MODIFIED,
    waivers: tuple[Waiver, ...] = (),
) -> Verdict:
    judge, tool = CHECKS[name]

    def report(found: Sequence[Finding] | ToolReport | None) -> ToolReport | None:
        if found is None or isinstance(found, ToolReport):
            return found
        return ToolReport(tool=tool, ok=True, examined=3, findings=tuple(found))

    evaluation = evaluated(side(tool, report(before)), side(tool, report(after)), changed_lines=CHANGED)
    policy = Policy(gates=Gates(quality=gate or QualityGate()), waivers=waivers)
    patch: Patch = patch_of(*files)
    return judge(evaluation, policy, patch)


@pytest.mark.parametrize("name", CHECKS)
def test_no_evidence_is_an_error_and_off_is_skipped(name: str) -> None:
    tool = CHECKS[name][1]
    assert judged(name, [], None).outcome.value == "error"
    failed = judged(name, [], ToolReport(tool=tool, ok=False, reason="crashed"))
    assert (failed.outcome.value, failed.reason) == ("error", "crashed")
    assert judged(name, [], ToolReport(tool=tool, ok=True)).outcome.value == "error"
    idle = judged(name, [], ToolReport(tool=tool, ok=True, reason="not configured"))
    assert (idle.outcome.value, idle.reason) == ("skipped", "not configured")
    assert judged(name, [], [finding()], OFF).outcome.value == "skipped"
    assert judged(name, [], []).outcome.value == "pass"


@pytest.mark.parametrize("name", ["types", "lint", "dead-code", "architecture"])
def test_new_findings_on_changed_lines_block(name: str) -> None:
    assert judged(name, [], [finding()]).outcome.value == "fail"
    assert judged(name, [finding(2)], [finding(2)]).outcome.value == "pass"
    assert judged(name, [finding(2)], [finding(2), finding(5)]).findings == (finding(5),)
    assert judged(name, [], [finding(severity=Severity.NOTE)]).outcome.value == "pass"
    assert judged(name, [finding(2)], [finding(2)], QualityGate(mode=Mode.ABSOLUTE)).outcome.value == "fail"
    waiver = Waiver.model_validate(WAIVER)
    assert judged(name, [], [finding()], waivers=(waiver,)).outcome.value == "waived"


def test_errors_elsewhere_block_where_there_are_more_than_before() -> None:
    far = finding(9, "b.py")
    assert judged("types", [], [far]).findings == (far,)
    other = finding(1, "c.py", message="n", fingerprint="c n")
    assert judged("types", [other], [far]).outcome.value == "pass"
    assert judged("lint", [], [far]).outcome.value == "pass"


def test_a_base_without_a_result_makes_findings_on_changed_lines_new() -> None:
    judge, tool = CHECKS["lint"]
    failed = ToolReport(tool=tool, ok=False, reason="no settings yet")
    report = ToolReport(tool=tool, ok=True, examined=1, findings=(finding(2), finding(5)))
    evaluation = evaluated(side(tool, failed), side(tool, report), changed_lines=CHANGED)
    verdict = judge(evaluation, Policy(), patch_of(*MODIFIED))
    assert verdict.findings == (finding(5),)
    assert "no settings yet" in verdict.reason


def test_what_a_renamed_file_took_along_is_not_new() -> None:
    old, new = finding(5, "old.py"), finding(5, "a.py")
    renamed = (ChangedFile(path="a.py", status="R", added=2, removed=0, old_path="old.py"),)
    assert judged("lint", [old], [new], files=renamed).outcome.value == "pass"
    assert judged("lint", [old], [new], files=MODIFIED).outcome.value == "fail"
    assert judged("lint", [old], [old, new], files=renamed).outcome.value == "fail"


def test_old_findings_are_remarks_in_files_that_the_change_touches() -> None:
    old, far = finding(2), finding(2, "b.py")
    assert judged("lint", [old, far], [old, far]).remarks == (old,)


def test_an_api_break_needs_a_version_that_allows_it() -> None:
    gone = finding(0, tool="griffe", rule="object-removed")
    room = finding(0, "", tool="griffe", rule=RAISED, severity=Severity.NOTE, message="from 1.0 to 2.0")
    assert judged("api", [], [gone]).outcome.value == "fail"
    allowed = judged("api", [], [gone, room])
    assert (allowed.outcome.value, allowed.findings) == ("pass", ())
    assert "from 1.0 to 2.0" in allowed.reason
    assert judged("api", [], [gone], QualityGate(api=Answer.WARN)).remarks == (gone,)
    assert judged("api", [], [finding(0, severity=Severity.NOTE)]).outcome.value == "pass"


def test_unused_dependencies_block_on_lines_that_did_not_change_too() -> None:
    left = finding(0, "pyproject.toml", tool="deptry", rule="unused-dependency")
    assert judged("unused-dependencies", [], [left]).findings == (left,)
    warn = judged("unused-dependencies", [], [left], QualityGate(unused_dependencies=Answer.WARN))
    assert (warn.outcome.value, warn.findings, warn.remarks) == ("pass", (), (left,))
    driver = finding(0, "pyproject.toml", severity=Severity.NOTE)
    shown = judged("unused-dependencies", [], [driver])
    assert (shown.outcome.value, shown.remarks) == ("pass", (driver,))
    assert "shown" in shown.reason


@pytest.mark.parametrize(
    ("paths", "asked"),
    [(("pyproject.toml",), True), (("docs/x.md", "a/requirements.txt"), True), (("a.py",), True), (("b.md",), False)],
)
def test_unused_dependencies_are_asked_about_where_a_change_can_leave_some(paths: tuple[str, ...], asked: bool) -> None:
    side = measured(outcomes_of({}))
    assert touches_dependencies(evaluated(side, side, paths=paths)) is asked


def test_copies_block() -> None:
    assert judged("duplication", [], [finding()]).outcome.value == "fail"


def test_copies_in_what_a_blueprint_wrote_are_remarks() -> None:
    report = ToolReport(tool="duplicates", ok=True, examined=3, findings=(finding(tool="duplicates"),))
    built = evaluated(side("duplicates", None), side("duplicates", report)).model_copy(update={"kind": GoalKind.BUILD})
    verdict = duplication(built, Policy(), patch_of())
    assert verdict.outcome.value == "pass" and verdict.remarks == report.findings


def test_focus_is_advice_unless_the_policy_makes_it_a_bar() -> None:
    files = (
        ChangedFile(path="a.py", status="M", added=40, removed=0),
        ChangedFile(path="b.py", status="M", added=30, removed=30),
    )
    astray = finding(0, "b.py", tool="focus", rule="outside-the-plan", severity=Severity.NOTE)
    shown = judged("focus", [], [astray], files=files)
    assert (shown.outcome.value, shown.remarks) == ("pass", (astray,))
    assert "60 % of them outside" in shown.reason
    block = QualityGate(focus=Answer.BLOCK)
    assert judged("focus", [], [astray], block, files).findings == (astray,)
    assert judged("focus", [], [astray], block.model_copy(update={"focus_percent": 60.0}), files).findings == ()
    small = QualityGate(focus=Answer.BLOCK, change_lines=99)
    assert [one.rule for one in judged("focus", [], [], small, files).findings] == ["large-change"]

from __future__ import annotations

import pytest

from support.evaluations import TODAY, evaluated, measured, outcomes_of, waiver_of
from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.patch import ChangedFile, Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.security.dependencies import UNREACHABLE
from tdev.gates.security.new_dependencies import UNREACHABLE as INDEX_UNREACHABLE
from tdev.gates.table import SECURITY
from tdev.policy.model import Gates, Policy, Scope
from tdev.policy.security_gate import NewDependencies, SecurityGate

CHANGED = ChangedFile(path="a.py", status="M", added=1, removed=0)


def found(
    rule: str = "eval-of-data", line: int = 3, severity: str = "error", tool: str = "semgrep", **more: object
) -> Finding:
    given = {"message": "m", "path": "a.py", "fingerprint": f"{rule}{line}", **more}
    return Finding.model_validate({"tool": tool, "rule": rule, "severity": severity, "line": line, **given})


def report(tool: str, *findings: Finding, ok: bool = True, examined: int = 5, reason: str = "") -> ToolReport:
    return ToolReport(tool=tool, ok=ok, examined=examined, reason=reason, findings=findings)


CLEAN = {
    "semgrep": report("semgrep"),
    "secrets": report("secrets"),
    "dependencies": report("dependencies", examined=0, reason="no dependency changed between base and head"),
    "packages": report("packages", examined=0, reason="no dependency changed between base and head"),
}


def measurement(reports: dict[str, ToolReport]) -> Measurement:
    return measured(outcomes_of({"t.py::a": "passed"})).model_copy(update={"reports": tuple(reports.values())})


def judge(
    after: dict[str, ToolReport | None] | None = None,
    before: dict[str, ToolReport | None] | None = None,
    *,
    files: tuple[ChangedFile, ...] = (CHANGED,),
    waive: str = "",
    policy: Policy | None = None,
    empty: bool = False,
    **facts: object,
) -> Verdict:
    def reports(changes: dict[str, ToolReport | None] | None) -> dict[str, ToolReport]:
        return {name: value for name, value in {**CLEAN, **(changes or {})}.items() if value is not None}

    given = {"judged_on": TODAY, "changed_lines": {"a.py": (3,)}, "paths": tuple(file.path for file in files), **facts}
    evaluation = evaluated(measurement(reports(before)), measurement(reports(after)), **given)
    waivers = (waiver_of(waive),) if waive else ()
    rules = policy or Policy(waivers=waivers)
    patch = Patch(base_sha="a" * 40, head_sha=("a" if empty else "b") * 40, files=files, engine="recipes")
    return SECURITY.judge(evaluation, rules, patch)


def check(verdict: Verdict, name: str) -> Verdict:
    return next(child for child in verdict.children if child.name == name)


def test_a_clean_change_passes_with_figures() -> None:
    verdict = judge()
    assert verdict.outcome is Outcome.PASS
    assert (
        " ".join(child.name for child in verdict.children)
        == "scope guard static-analysis secrets dependencies new-dependencies licences"
    )
    assert check(verdict, "static-analysis").reason == "nothing new found; 5 files examined"
    assert check(verdict, "dependencies").outcome is Outcome.SKIPPED


@pytest.mark.parametrize("tool", ["semgrep", "secrets", "dependencies", "packages"])
def test_an_absent_report_is_an_error(tool: str) -> None:
    verdict = judge({tool: None})
    assert verdict.outcome is Outcome.ERROR
    assert f"no report from {tool}" in verdict.reason


@pytest.mark.parametrize("tool", ["semgrep", "secrets", "dependencies", "packages"])
def test_a_report_that_is_not_ok_is_an_error_with_its_reason(tool: str) -> None:
    verdict = judge({tool: report(tool, ok=False, reason="it was stopped after 300 s")})
    assert verdict.outcome is Outcome.ERROR
    assert "it was stopped after 300 s" in verdict.reason


@pytest.mark.parametrize("tool", ["semgrep", "secrets", "dependencies", "packages"])
def test_not_ok_without_a_reason_is_an_error_too(tool: str) -> None:
    assert judge({tool: report(tool, ok=False)}).outcome is Outcome.ERROR


@pytest.mark.parametrize("tool", ["semgrep", "secrets", "dependencies", "packages"])
def test_having_examined_nothing_is_an_error(tool: str) -> None:
    verdict = judge({tool: report(tool, examined=0)})
    assert verdict.outcome is Outcome.ERROR


def test_static_analysis_has_nothing_to_do_without_a_file_of_its_kind() -> None:
    text = ChangedFile(path="notes.txt", status="A", added=1, removed=0)
    verdict = judge({"semgrep": report("semgrep", examined=0)}, files=(text,), changed_lines={"notes.txt": (1,)})
    assert check(verdict, "static-analysis").outcome is Outcome.SKIPPED
    gone = ChangedFile(path="a.py", status="D", added=0, removed=1)
    verdict = judge({"semgrep": report("semgrep", examined=0)}, files=(gone,), changed_lines={})
    assert check(verdict, "static-analysis").outcome is Outcome.SKIPPED


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_new_finding_on_a_changed_line_fails(severity: str) -> None:
    verdict = judge({"semgrep": report("semgrep", found(severity=severity))})
    assert verdict.outcome is Outcome.FAIL
    assert check(verdict, "static-analysis").findings[0].rule == "eval-of-data"
    assert "eval-of-data" in verdict.reason


def test_an_old_finding_is_a_remark() -> None:
    verdict = judge({"semgrep": report("semgrep", found())}, {"semgrep": report("semgrep", found())})
    assert verdict.outcome is Outcome.PASS
    assert check(verdict, "static-analysis").remarks == (found(),)


@pytest.mark.parametrize("old", [None, report("semgrep", found(), ok=False, reason="crashed")])
def test_without_a_base_report_every_finding_counts_as_new(old: ToolReport | None) -> None:
    verdict = judge({"semgrep": report("semgrep", found())}, {"semgrep": old})
    assert verdict.outcome is Outcome.FAIL
    assert "counts as new" in verdict.reason


def test_a_note_does_not_block_unless_policy_says_so() -> None:
    note = {"semgrep": report("semgrep", found(severity="note"))}
    assert judge(note).outcome is Outcome.PASS
    strict = Policy(gates=Gates(security=SecurityGate(block=Severity.NOTE)))
    assert judge(note, policy=strict).outcome is Outcome.FAIL


def test_a_changed_file_that_was_never_analysed_blocks_although_the_base_was_not_either() -> None:
    hidden = {"semgrep": report("semgrep", found("not-analysed", 0))}
    assert judge(hidden, hidden).outcome is Outcome.FAIL
    other = ChangedFile(path="b.py", status="M", added=1, removed=0)
    assert judge(hidden, hidden, files=(other,), changed_lines={"b.py": (1,)}).outcome is Outcome.PASS


def test_a_file_declared_binary_is_held_against_in_every_line() -> None:
    binary = ChangedFile(path="a.py", status="M", added=0, removed=0, binary=True)
    verdict = judge({"semgrep": report("semgrep", found(severity="warning"))}, files=(binary,), changed_lines={})
    assert verdict.outcome is Outcome.FAIL


def test_a_waived_rule_lets_through_with_its_reason() -> None:
    verdict = judge({"semgrep": report("semgrep", found())}, waive="semgrep:eval-of-data")
    assert verdict.outcome is Outcome.WAIVED
    assert "because we say so here" in verdict.reason
    other = judge({"semgrep": report("semgrep", found(), found("os-system"))}, waive="semgrep:eval-of-data")
    assert other.outcome is Outcome.FAIL


def test_a_credential_blocks_wherever_it_stands_or_stood() -> None:
    secret = found("github-token", 0, tool="secrets")
    assert judge({"secrets": report("secrets", secret)}).outcome is Outcome.FAIL
    away = found("github-token", 99, tool="secrets")
    assert judge({"secrets": report("secrets", away)}).outcome is Outcome.FAIL


def test_a_made_up_password_in_a_test_is_a_remark() -> None:
    verdict = judge({"secrets": report("secrets", found("secret-keyword", 3, "note", "secrets"))})
    assert verdict.outcome is Outcome.PASS
    assert check(verdict, "secrets").remarks


def test_a_vulnerable_dependency_blocks() -> None:
    verdict = judge({"dependencies": report("dependencies", found("GHSA-1", 1, tool="dependencies"))})
    assert verdict.outcome is Outcome.FAIL


def test_an_unreachable_service_is_an_error_that_only_its_waiver_lets_through() -> None:
    silent = {"dependencies": report("dependencies", ok=False, examined=0, reason=f"{UNREACHABLE}: no route")}
    assert judge(silent).outcome is Outcome.ERROR
    waived = judge(silent, waive="dependencies-unreachable")
    assert waived.outcome is Outcome.WAIVED
    assert "because we say so here" in waived.reason


def test_the_waiver_covers_neither_other_failures_nor_findings() -> None:
    crash = {"dependencies": report("dependencies", ok=False, reason="pip-audit failed")}
    assert judge(crash, waive="dependencies-unreachable").outcome is Outcome.ERROR
    foreign = found("foreign-index", 1, "warning", "dependencies")
    both = {"dependencies": report("dependencies", foreign, ok=False, reason=f"{UNREACHABLE}: no route")}
    assert judge(both, waive="dependencies-unreachable").outcome is Outcome.FAIL


@pytest.mark.parametrize("name", ["licences", "new-dependencies"])
def test_a_check_of_new_packages_judges_its_own_findings(name: str) -> None:
    verdict = judge({"packages": report("packages", found("licence-denied", 1, tool=name))})
    assert check(verdict, name).outcome is Outcome.FAIL
    other = "licences" if name == "new-dependencies" else "new-dependencies"
    assert check(verdict, other).outcome is Outcome.PASS
    noted = judge({"packages": report("packages", found("no-source", 1, "note", name))})
    assert check(noted, name).outcome is Outcome.PASS and check(noted, name).remarks


FLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("status", "given", "line", "outcome"),
    [
        ("M", {}, 3, Outcome.FAIL),
        ("M", {}, 9, Outcome.FAIL),
        ("M", {"severity": "warning"}, 9, Outcome.PASS),
        ("M", {"severity": "note"}, 3, Outcome.PASS),
        ("A", {"severity": "warning"}, 3, Outcome.FAIL),
        ("D", {}, 3, Outcome.SKIPPED),
    ],
)
def test_workflow_files_that_the_change_touches(
    status: str, given: dict[str, str], line: int, outcome: Outcome
) -> None:
    file = ChangedFile(path=FLOW, status=status, added=1, removed=0)
    said = report("zizmor", found("template-injection", line, tool="zizmor", path=FLOW, **given))
    verdict = judge({"zizmor": said}, files=(file,), changed_lines={FLOW: (3,)})
    assert check(verdict, "workflows").outcome is outcome


@pytest.mark.parametrize("said", [None, report("zizmor", ok=False), report("zizmor", examined=0)])
def test_workflow_files_that_nobody_looked_at_are_an_error(said: ToolReport | None) -> None:
    file = ChangedFile(path=FLOW, status="M", added=1, removed=0)
    verdict = judge({"zizmor": said}, files=(file,), changed_lines={FLOW: (3,)})
    assert check(verdict, "workflows").outcome is Outcome.ERROR
    assert "workflows" not in [child.name for child in judge().children]


def test_findings_about_names_count_also_where_the_index_can_not_be_reached() -> None:
    lookalike = found("lookalike-name", 1, tool="new-dependencies")
    silent = report("packages", lookalike, ok=False, examined=0, reason=f"{INDEX_UNREACHABLE}: no route")
    verdict = judge({"packages": silent}, waive="dependencies-unreachable")
    assert check(verdict, "new-dependencies").outcome is Outcome.FAIL
    assert check(verdict, "licences").outcome is Outcome.WAIVED
    assert check(judge({"packages": silent}), "licences").outcome is Outcome.ERROR


def test_a_file_outside_the_scope_fails() -> None:
    workflow = ChangedFile(path=".github/workflows/ci.yml", status="A", added=1, removed=0)
    verdict = judge(files=(CHANGED, workflow))
    assert check(verdict, "scope").outcome is Outcome.FAIL
    assert check(verdict, "scope").findings[0].path == ".github/workflows/ci.yml"
    narrow = Policy(scope=Scope(write=("docs/**",)))
    assert check(judge(policy=narrow), "scope").outcome is Outcome.FAIL


def test_a_build_may_add_protected_files_in_its_own_folder() -> None:
    notes = ChangedFile(path="shop/AGENTS.md", status="A", added=1, removed=0)
    assert check(judge(files=(notes,)), "scope").outcome is Outcome.FAIL
    assert check(judge(files=(notes,), built_folder="shop"), "scope").outcome is Outcome.PASS


def test_a_patch_that_does_not_list_what_it_changes_is_an_error() -> None:
    verdict = judge(paths=("a.py", ".github/CODEOWNERS"))
    assert check(verdict, "scope").outcome is Outcome.ERROR
    assert ".github/CODEOWNERS" in verdict.reason
    assert check(judge(paths=()), "scope").outcome is Outcome.ERROR


def test_checks_that_policy_switches_off_say_so() -> None:
    nothing = NewDependencies(check=False)
    rules = SecurityGate(semgrep=False, secrets=False, dependencies=False, new_dependencies=nothing)
    off = Policy(gates=Gates(security=rules))
    verdict = judge(dict.fromkeys(CLEAN), policy=off)
    assert verdict.outcome is Outcome.PASS
    assert [child.outcome for child in verdict.children[2:]] == [Outcome.SKIPPED] * 5
    assert "switched off" in check(verdict, "secrets").reason


def test_an_empty_patch_has_nothing_to_search() -> None:
    verdict = judge({"secrets": report("secrets", examined=0)}, files=(), changed_lines={}, empty=True)
    assert verdict.outcome.lets_through
    assert check(verdict, "secrets").outcome is Outcome.SKIPPED


def test_an_evaluation_without_any_report_never_passes() -> None:
    nothing = measured(outcomes_of("no tests were found")).model_copy(update={"reports": ()})
    evaluation: Evaluation = evaluated(nothing, nothing, changed_lines={"a.py": (1,)}, paths=("a.py",))
    patch = Patch(base_sha="a" * 40, head_sha="b" * 40, files=(CHANGED,), engine="recipes")
    assert SECURITY.judge(evaluation, Policy(), patch).outcome is Outcome.ERROR

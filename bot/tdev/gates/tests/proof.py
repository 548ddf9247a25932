"""New and altered tests fail without the change: else they would pass whatever the change does.

Evidence: evidence/proof.py. It stops only what has to make something different (behaviour.py): a refactoring's new
tests may well pass before it.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.code_paths import is_own_code
from tdev.core.scan.paths import is_python_path, is_test_path
from tdev.gates.reports import silence
from tdev.gates.tests.behaviour import RECIPES, why_different
from tdev.policy.model import Policy
from tdev.policy.tests_gate import Proof

NAME = "tests-prove-change"
TOOL = "proof"


def concerns(evaluation: Evaluation) -> bool:
    """True where code of the project's own and tests are touched, and there was something before."""
    return (
        evaluation.kind is not GoalKind.BUILD
        and any(is_own_code(path) for path in evaluation.paths)
        and any(is_test_path(path) and is_python_path(path) for path in evaluation.paths)
    )


def tests_prove_change(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """At least one new or altered test fails on the base's code."""
    report, wish = evaluation.after.report(TOOL), policy.gates.tests.proof
    if wish is Proof.OFF:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="switched off in the policy's gates.tests.proof")
    if patch.engine == RECIPES:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="recipes keep what the code does")
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if report.examined == 0:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=report.reason or "no test was added or altered")
    proving = report.examined - len(report.findings)
    reason = f"{proving} of {report.examined} new or altered tests fail without the change"
    if proving:
        return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=report.findings)
    why = _why_it_must(evaluation, patch, wish)
    waiver = policy.waiver(NAME)
    if why and waiver is None:
        findings = tuple(_blocking(finding) for finding in report.findings)
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=f"{reason}; {why}", findings=findings)
    if why and waiver:
        return Verdict(name=NAME, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}", remarks=report.findings)
    reason = f"{reason}; nothing says that behaviour had to change"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=report.findings)


def _why_it_must(evaluation: Evaluation, patch: Patch, wish: Proof) -> str:
    """Why a test has to fail without the change; empty where it need not."""
    if wish is Proof.BLOCK:
        return "the policy asks for one that does"
    return why_different(evaluation, patch) if wish is Proof.AUTO else ""


def _blocking(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": Severity.ERROR})

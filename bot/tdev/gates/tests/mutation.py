"""Tests notice when the changed lines do something else: enough of their mutants are killed.

Evidence: evidence/mutation.py. Fewer mutants than ten say too little, and are no reason to stop anything.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.code_paths import is_own_code
from tdev.gates.reports import silence
from tdev.policy.model import Policy

NAME = "changed-mutants"
TOOL = "mutmut"
LEAST = 10


def concerns(evaluation: Evaluation) -> bool:
    """True where code of the project's own is touched; a build's comes from a blueprint, and keeps a contract."""
    return evaluation.kind is not GoalKind.BUILD and any(is_own_code(path) for path in evaluation.paths)


def changed_mutants(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Tests notice enough of the mutants of the changed lines."""
    bar = policy.gates.tests.mutation_score
    if policy.gates.tests.mutation_seconds == 0:
        reason = "switched off in the policy's gates.tests.mutation_seconds"
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=reason)
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    told = f"; {report.reason}" if report.reason else ""
    if report.examined < LEAST:
        reason = f"{report.examined} mutants were tried, at least {LEAST} are asked{told}"
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=reason, remarks=report.findings)
    killed = report.examined - len(report.findings)
    share = 100 * killed / report.examined
    reason = f"tests notice {killed} of {report.examined} mutants ({share:.0f} %, at least {bar:g} % is asked){told}"
    if share >= bar:
        return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=report.findings)
    if waiver := policy.waiver(NAME):
        reason = f"{reason}; {waiver.reason}"
        return Verdict(name=NAME, outcome=Outcome.WAIVED, reason=reason, remarks=report.findings)
    return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=_blocking(report))


def _blocking(report: ToolReport) -> tuple[Finding, ...]:
    return tuple(finding.model_copy(update={"severity": Severity.WARNING}) for finding in report.findings)

"""Tests notice when the changed lines do something else: enough of their mutants are killed.

Evidence: evidence/mutation.py. Fewer mutants than ten say too little, and only what has to make something different
(behaviour.py) is stopped: else a tidying of old code would answer for its old tests.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.code_paths import is_own_code
from tdev.gates.reports import silence
from tdev.gates.tests.behaviour import RECIPES, why_different
from tdev.policy.model import Policy

NAME = "changed-mutants"
TOOL = "mutmut"
LEAST = 10


def concerns(evaluation: Evaluation) -> bool:
    """True where code of the project's own is touched; a build's comes from a blueprint, and keeps a contract."""
    return evaluation.kind is not GoalKind.BUILD and any(is_own_code(path) for path in evaluation.paths)


def changed_mutants(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Tests notice enough of the mutants of the changed lines."""
    if policy.gates.tests.mutation_seconds == 0:
        return _skipped("switched off in the policy's gates.tests.mutation_seconds")
    if patch.engine == RECIPES:
        return _skipped("recipes keep what the code does, so there is nothing new to notice")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if report.examined < LEAST:
        told = f"; {report.reason}" if report.reason else ""
        reason = f"{report.examined} mutants were tried, at least {LEAST} are asked{told}"
        return _skipped(reason).model_copy(update={"remarks": report.findings})
    return _by_score(report, policy, bool(why_different(evaluation, patch)))


def _skipped(reason: str) -> Verdict:
    return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=reason)


def _by_score(report: ToolReport, policy: Policy, different: bool) -> Verdict:
    """The verdict on enough mutants; `different` says that the change has to make something different."""
    bar, killed = policy.gates.tests.mutation_score, report.examined - len(report.findings)
    share = 100 * killed / report.examined
    told = f"; {report.reason}" if report.reason else ""
    reason = f"tests notice {killed} of {report.examined} mutants ({share:.0f} %, at least {bar:g} % is asked){told}"
    waiver, outcome = policy.waiver(NAME), Outcome.PASS
    if share < bar and not different:
        reason = f"{reason}; nothing says that behaviour had to change"
    elif share < bar and waiver:
        reason, outcome = f"{reason}; {waiver.reason}", Outcome.WAIVED
    elif share < bar:
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=_blocking(report))
    return Verdict(name=NAME, outcome=outcome, reason=reason, remarks=report.findings)


def _blocking(report: ToolReport) -> tuple[Finding, ...]:
    return tuple(finding.model_copy(update={"severity": Severity.WARNING}) for finding in report.findings)

"""The security gate: write scope, patch guard, static analysis, credentials, dependencies. No evidence is no pass.

Asked first, because a change outside its write scope needs no further look. Evidence comes from tools/semgrep.py,
tools/secrets.py and tools/dependencies.py as reports; the write scope is computed here from the patch.
A report that failed, or that examined nothing although there was something, is an ERROR. The policy may waive a rule's
findings, or a vulnerability service that can't be reached; the reason is shown. Nothing else can be waived.
Dependencies are about the change alone, so there is no base to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.gates.baseline import ALL_LINES, Sorted, new_findings, on_changed_lines
from tdev.gates.guarded import SCOPE, TESTS, guarded
from tdev.gates.reports import by_level, judged, silence
from tdev.policy.model import Policy
from tdev.policy.write_scope import outside_scope

NAME = "security"
UNREACHABLE = "the vulnerability service can't be reached"
"""How the reason of a dependency report starts that the waiver `dependencies-unreachable` is about."""

_NOT_ANALYSED = "not-analysed"
_EXAMINABLE = (".py", ".pyi", "Dockerfile")


def judge_security(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The verdict over all checks of the gate."""
    return Verdict.of(
        NAME,
        (
            _scope(evaluation, policy, patch),
            guarded("guard", evaluation, patch, lambda rule: rule not in (SCOPE, TESTS)),
            _static_analysis(evaluation, policy, patch),
            _secrets(evaluation, policy, patch),
            _dependencies(evaluation, policy, patch),
        ),
    )


def _scope(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every changed file is where the policy lets a change write."""
    name = "scope"
    listed = {path for file in patch.files for path in (file.path, file.old_path) if path}
    unlisted = sorted(set(evaluation.paths) - listed)
    if unlisted:
        reason = f"the patch does not list {', '.join(unlisted[:5])}, which it changes"
        return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)
    if patch.files and not evaluation.paths:
        return Verdict(name=name, outcome=Outcome.ERROR, reason="the evaluation does not say which paths changed")
    if not patch.files:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no file changed")
    outside = outside_scope(patch.files, policy.scope, allowed_root=evaluation.built_folder)
    if outside:
        findings = tuple(_outside(path, why) for path, why in outside)
        reason = f"{len(findings)} of {len(patch.files)} changed files are outside the write scope"
        return Verdict(name=name, outcome=Outcome.FAIL, reason=reason, findings=findings)
    return Verdict(
        name=name, outcome=Outcome.PASS, reason=f"{counted(len(patch.files), 'changed file')} in the write scope"
    )


def _static_analysis(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Static analysis looked, and found nothing new on the lines that changed."""
    name, tool = "static-analysis", "semgrep"
    if not policy.gates.security.semgrep:
        return _switched_off(name)
    report = evaluation.after.report(tool)
    kept = [file.path for file in patch.files if file.status != "D"]
    examinable = [path for path in kept if path.endswith(_EXAMINABLE)]
    silent = silence(tool, report, bool(examinable))
    if report is None or silent:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=silent)
    old = evaluation.before.report(tool)
    before = old.findings if old is not None and old.ok else ()
    altered = {file.path for file in patch.files if file.status == "M"}
    lines = _changed_lines(evaluation, patch)
    found = new_findings(before, report.findings, lines, policy.gates.security.block, altered)
    found = _with_unanalysed(found, lines)
    if not report.examined and not found.blocking:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="there is no file of a kind it analyses")
    compared = "" if old is not None and old.ok else "; the base has no report, so every finding counts as new"
    return judged(name, found, f"{report.examined} files examined{compared}", policy)


def _secrets(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No credential in any commit of the change."""
    name = tool = "secrets"
    if not policy.gates.security.secrets:
        return _switched_off(name)
    if patch.empty:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="there is no commit to search")
    report = evaluation.after.report(tool)
    silent = silence(tool, report, must_look=True)
    if report is None or silent:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=silent)
    found = by_level(report.findings, policy.gates.security.block)
    return judged(name, found, f"{report.examined} files and commit messages examined", policy)


def _dependencies(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No dependency that the change brings has a known vulnerability."""
    name = tool = "dependencies"
    if not policy.gates.security.dependencies:
        return _switched_off(name)
    if patch.empty:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no dependency changed between base and head")
    report = evaluation.after.report(tool)
    if report is None:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=f"no report from {tool}")
    found = by_level(report.findings, policy.gates.security.block)
    verdict = judged(name, found, f"{report.examined} dependencies examined", policy)
    if not verdict.outcome.lets_through:
        return verdict
    if not report.ok:
        return _no_dependency_report(name, report, policy)
    if report.examined or found.remarks:
        return verdict
    if not report.reason:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=f"{tool} does not say what it compared")
    return Verdict(name=name, outcome=Outcome.SKIPPED, reason=report.reason)


def _no_dependency_report(name: str, report: ToolReport, policy: Policy) -> Verdict:
    """What is said when the dependencies could not be looked up."""
    waiver = policy.waiver("dependencies-unreachable")
    reason = report.reason or "no reason was given"
    if waiver is not None and reason.startswith(UNREACHABLE):
        return Verdict(name=name, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}")
    return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)


def _changed_lines(evaluation: Evaluation, patch: Patch) -> Mapping[str, tuple[int, ...]]:
    """The changed lines; files with new content that git takes for binaries (a setting can say so) count whole."""
    hidden = (
        file.path
        for file in patch.files
        if file.status != "D" and (file.binary or file.added) and file.path not in evaluation.changed_lines
    )
    return {**evaluation.changed_lines, **dict.fromkeys(hidden, ALL_LINES)}


def _with_unanalysed(found: Sorted, lines: Mapping[str, tuple[int, ...]]) -> Sorted:
    """Changed files that could not be analysed as a whole block, even where the base could not be analysed either."""
    hidden = tuple(
        finding
        for finding in found.remarks
        if finding.rule == _NOT_ANALYSED and finding.path in lines and on_changed_lines(finding, lines)
    )
    rest = tuple(finding for finding in found.remarks if finding not in hidden)
    return Sorted(found.blocking + hidden, rest)


def _switched_off(name: str) -> Verdict:
    return Verdict(name=name, outcome=Outcome.SKIPPED, reason="switched off in the policy's gates.security")


def _outside(path: str, why: str) -> Finding:
    return Finding(
        tool="scope",
        rule="outside-scope",
        severity=Severity.ERROR,
        message=f"{path} may not be changed: {why}",
        path=path,
        remedy="Leave the file as it is, or let the policy's scope cover it.",
        fingerprint=fingerprint("scope", "outside-scope", path),
    )

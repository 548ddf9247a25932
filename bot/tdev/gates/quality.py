"""The quality gate: changed code is documented, simple and maintainable, and the whole is no worse than the base.

Asked last. New code meets the policy's bars; old code that is touched must not get worse; the tree as a whole may not
lose more than measuring noise. What the change did not touch is never blamed on it.
"New" means that the base has no symbol of that name in that file, nor one that disappeared elsewhere: moving code is
not adding it. Rules, reasons and remedies for users: docs/gates-quality.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.core.scan.paths import is_python_path
from tdev.gates.symbols import complexity, docstrings
from tdev.policy.model import Policy

NAME = "quality"

PERCENT_NOISE = 0.1
"""Points that the whole's docstring share may lose."""

INDEX_NOISE = 2.0
"""Points a maintainability index may lose: it moves by this much when code is only reformatted or annotated."""

_MEASURING = ("scan", "radon")
_SYNTAX = "syntax-error"


def judge_quality(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The verdict over all checks of the gate; skipped when no Python file changed."""
    changed = {path for path in evaluation.paths if is_python_path(path)}
    if not changed:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no Python file changed")
    return Verdict.of(
        NAME,
        (
            _measured(evaluation, changed),
            docstrings(evaluation, policy, changed),
            _maintainability(evaluation, policy, patch, changed),
            complexity(evaluation, policy, changed),
            _whole(evaluation, policy),
        ),
    )


def _measured(evaluation: Evaluation, changed: set[str]) -> Verdict:
    """Every changed Python file could be read, parsed and measured."""
    name = "parses"
    reports = {report.tool: report for report in evaluation.after.reports if report.tool in _MEASURING}
    silent = [tool for tool in _MEASURING if tool not in reports]
    silent += [f"{tool} ({report.reason})" for tool, report in reports.items() if not report.ok]
    if silent:
        reason = f"no result from {' and '.join(silent)}"
        return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)
    broken = [f for report in reports.values() for f in report.findings if f.rule == _SYNTAX]
    blocking = _one_per_path(finding for finding in broken if finding.path in changed)
    remarks = _one_per_path(finding for finding in broken if finding.path not in changed)
    if blocking:
        reason = f"{len(blocking)} changed files can't be parsed"
        return Verdict(name=name, outcome=Outcome.ERROR, reason=reason, findings=blocking, remarks=remarks)
    reason = f"{len(changed)} changed Python files can be parsed"
    return Verdict(name=name, outcome=Outcome.PASS, reason=reason, remarks=remarks)


def _maintainability(evaluation: Evaluation, policy: Policy, patch: Patch, changed: set[str]) -> Verdict:
    """New files meet the bar in their mean and none is beyond reading; older ones meet it or lose little."""
    name, bars = "maintainability", policy.gates.quality
    after = {path: index for path, index in evaluation.after.maintainability.items() if path in changed}
    if not after:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no non-test Python file was added or altered")
    renames = {file.path: file.old_path for file in patch.files if file.status == "R"}
    before = {path: evaluation.before.maintainability.get(renames.get(path, path)) for path in after}
    new = {path: index for path, index in after.items() if before[path] is None}
    mean = sum(new.values()) / len(new) if new else bars.maintainability
    least = bars.maintainability if mean < bars.maintainability else bars.maintainability_lowest
    findings = [_too_hard(path, index, "is new", least) for path, index in sorted(new.items()) if index < least]
    for path, was in sorted(before.items()):
        if was is not None and after[path] < (least := min(bars.maintainability, was - bars.maintainability_drop)):
            findings.append(_too_hard(path, after[path], f"had {was:.1f}", least))
    asked = f"{counted(len(new), 'new file')} with a mean of {mean:.1f}, {bars.maintainability:g} is asked; "
    older = f"{counted(len(after) - len(new), 'older file')} altered; the lowest of all has {min(after.values()):.1f}"
    said = (asked if new else "") + older
    outcome = Outcome.FAIL if findings else Outcome.PASS
    return Verdict(name=name, outcome=outcome, reason=said, findings=tuple(findings))


def _too_hard(path: str, index: float, was: str, least: float) -> Finding:
    message = f"{path} has a maintainability index of {index:.1f}; it {was}, at least {least:.1f} is asked"
    return _file_finding("maintainability", path, message)


def _whole(evaluation: Evaluation, policy: Policy) -> Verdict:
    """The tree's docstring share and mean maintainability are no worse than the base's."""
    name = "whole"
    before, after = evaluation.before.metrics, evaluation.after.metrics
    pairs = (
        ("docstrings", before.docstring_percent, after.docstring_percent),
        ("maintainability", before.maintainability_mean, after.maintainability_mean),
    )
    known = [pair for pair in pairs if pair[1] is not None]
    if not known:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="the base has no Python code to compare with")
    unknown = [what for what, _, now in known if now is None]
    if unknown and evaluation.after.symbols:
        reason = f"not measured at the head: {', '.join(unknown)}"
        return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)
    said = ", ".join(
        f"{what} {was:.1f} -> {now:.1f}" for what, was, now in known if was is not None and now is not None
    )
    worse = []
    if _documented_less(evaluation.before, evaluation.after):
        worse.append("docstrings")
    if _less_maintainable(evaluation.before, evaluation.after, policy.gates.quality.maintainability):
        worse.append("maintainability")
    if worse:
        return Verdict(name=name, outcome=Outcome.FAIL, reason=f"{' and '.join(worse)} got worse: {said}")
    return Verdict(name=name, outcome=Outcome.PASS, reason=said or "no Python code is left")


def _documented_less(before: Measurement, after: Measurement) -> bool:
    """The documented share fell, and not only because documented code was removed."""
    was, now = before.metrics.docstring_percent, after.metrics.docstring_percent
    if was is None or now is None:
        return False
    return now < was - PERCENT_NOISE and _undocumented(after) > _undocumented(before)


def _less_maintainable(before: Measurement, after: Measurement, bar: float) -> bool:
    """The mean index fell below both the base's and the bar."""
    was, now = before.metrics.maintainability_mean, after.metrics.maintainability_mean
    return was is not None and now is not None and now < min(bar, was - INDEX_NOISE)


def _undocumented(measurement: Measurement) -> int:
    return sum(symbol.public and not symbol.documented for symbol in measurement.symbols)


def _one_per_path(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first finding of each file."""
    return tuple({finding.path: finding for finding in reversed(list(findings))}.values())


def _file_finding(rule: str, path: str, message: str) -> Finding:
    return Finding(
        tool="radon",
        rule=rule,
        severity=Severity.WARNING,
        message=message,
        path=path,
        remedy="Split the file, or its longest functions.",
        fingerprint=fingerprint("radon", rule, path),
    )

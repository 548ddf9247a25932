"""New files meet the bar in their mean and none is beyond reading; older ones lose little. Evidence: radon.

An index falls with the logarithm of a file's length, whatever its quality; what an older file lost by growing alone is
not held against it. In absolute mode every file is judged as if it were new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log

from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.gates.quality.changed import python_files
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Mode

NAME = "maintainability"
PER_LENGTH = (16.2 + 5.2) * 100 / 171
"""Points an index (0..100) falls when a file becomes e times as long: the formula's terms for lines and volume."""


def maintainability(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """New files meet the bar in their mean and none is beyond reading; older ones meet it or lose little."""
    changed, bars = python_files(evaluation), policy.gates.quality
    absolute = bars.mode is Mode.ABSOLUTE
    after = {path: index for path, index in evaluation.after.maintainability.items() if absolute or path in changed}
    if not after:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no non-test Python file was added or altered")
    renames = {file.path: file.old_path for file in patch.files if file.status == "R"}
    old = {} if absolute else evaluation.before.maintainability
    before = {path: old.get(renames.get(path, path)) for path in after}
    new = {path: index for path, index in after.items() if before[path] is None}
    mean = sum(new.values()) / len(new) if new else bars.maintainability
    least = bars.maintainability if mean < bars.maintainability else bars.maintainability_lowest
    findings = [_too_hard(path, index, "is new", least) for path, index in sorted(new.items()) if index < least]
    grown = _lost_by_growing(evaluation, renames)
    for path, was in sorted(before.items()):
        if was is None:
            continue
        least = min(bars.maintainability, was - bars.maintainability_drop - grown(path))
        if after[path] < least:
            findings.append(_too_hard(path, after[path], f"had {was:.1f}", least))
    held = counted(len(new), "file" if absolute else "new file")
    asked = f"{held} with a mean of {mean:.1f}, {bars.maintainability:g} is asked; "
    older = f"{counted(len(after) - len(new), 'older file')} altered; the lowest of all has {min(after.values()):.1f}"
    said = (asked if new else "") + older
    outcome = Outcome.FAIL if findings else Outcome.PASS
    return Verdict(name=NAME, outcome=outcome, reason=said, findings=tuple(findings))


def _lost_by_growing(evaluation: Evaluation, renames: Mapping[str, str]) -> Callable[[str], float]:
    """A function that tells how many points a file's index fell because it is longer now; never negative."""
    before, after = _lengths(evaluation.before), _lengths(evaluation.after)

    def points(path: str) -> float:
        was, now = before.get(renames.get(path, path), 0), after.get(path, 0)
        return PER_LENGTH * max(0.0, log(now / was)) if was and now else 0.0

    return points


def _lengths(measurement: Measurement) -> dict[str, int]:
    """Lines of each file, by path."""
    return {symbol.path: symbol.end_line for symbol in measurement.symbols if symbol.kind == "module"}


def _too_hard(path: str, index: float, was: str, least: float) -> Finding:
    message = f"{path} has a maintainability index of {index:.1f}; it {was}, at least {least:.1f} is asked"
    return _file_finding("maintainability", path, message)


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

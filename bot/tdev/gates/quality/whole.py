"""The tree as a whole lost no more than measuring noise: its documented share and its mean maintainability."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.policy.model import Policy

NAME = "whole"
PERCENT_NOISE = 0.1
"""Points that the whole's docstring share may lose."""
INDEX_NOISE = 2.0
"""Points a maintainability index may lose: it moves by this much when code is only reformatted or annotated."""


def whole(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The tree's docstring share and mean maintainability are no worse than the base's."""
    before, after = evaluation.before.metrics, evaluation.after.metrics
    pairs = (
        ("docstrings", before.docstring_percent, after.docstring_percent),
        ("maintainability", before.maintainability_mean, after.maintainability_mean),
    )
    known = [pair for pair in pairs if pair[1] is not None]
    if not known:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="the base has no Python code to compare with")
    unknown = [what for what, _, now in known if now is None]
    if unknown and evaluation.after.symbols:
        reason = f"not measured at the head: {', '.join(unknown)}"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
    said = ", ".join(
        f"{what} {was:.1f} -> {now:.1f}" for what, was, now in known if was is not None and now is not None
    )
    worse = []
    if _documented_less(evaluation.before, evaluation.after):
        worse.append("docstrings")
    if _less_maintainable(evaluation.before, evaluation.after, policy.gates.quality.maintainability):
        worse.append("maintainability")
    if worse:
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=f"{' and '.join(worse)} got worse: {said}")
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=said or "no Python code is left")


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

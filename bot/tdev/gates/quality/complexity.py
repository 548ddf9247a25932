"""Functions that the change adds or makes more complex stay below the bar."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality.changed import python_files
from tdev.gates.quality.symbols import known_before, symbol_finding
from tdev.policy.model import Policy

NAME = "complexity"


def complexity(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Functions that the change adds or makes more complex stay below the bar."""
    changed, bar = python_files(evaluation), policy.gates.quality.complexity
    known = known_before(evaluation)
    grown = []
    for symbol in evaluation.after.symbols:
        if symbol.path in changed and symbol.kind == "function":
            was = known(symbol)
            if was is None or symbol.complexity > was:
                grown.append(symbol)
    if not grown:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no function was added or made more complex")
    findings = tuple(
        symbol_finding(
            "complexity",
            symbol,
            f"{symbol.name} has a cyclomatic number of {symbol.complexity}, at most {bar} is allowed",
            "Split it into functions that each do one thing.",
        )
        for symbol in grown
        if symbol.complexity > bar
    )
    highest = max(symbol.complexity for symbol in grown)
    reason = f"{len(grown)} functions added or grown, the highest has {highest}, at most {bar} is allowed"
    outcome = Outcome.FAIL if findings else Outcome.PASS
    return Verdict(name=NAME, outcome=outcome, reason=reason, findings=findings)

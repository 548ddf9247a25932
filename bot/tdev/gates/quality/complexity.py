"""Functions that the change adds or makes more complex stay below the bar; in absolute mode all functions do."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation, Symbol
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality.changed import python_files
from tdev.gates.quality.symbols import known_before, symbol_finding
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Mode

NAME = "complexity"


def complexity(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Functions that the change adds or makes more complex stay below the bar."""
    changed, bar = python_files(evaluation), policy.gates.quality.complexity
    known, absolute = known_before(evaluation), policy.gates.quality.mode is Mode.ABSOLUTE
    grown = [
        symbol
        for symbol in evaluation.after.symbols
        if symbol.kind == "function" and (absolute or (symbol.path in changed and _grew(symbol, known(symbol))))
    ]
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
    judged = f"{len(grown)} functions {'in the tree' if absolute else 'added or grown'}"
    reason = f"{judged}, the highest has {highest}, at most {bar} is allowed"
    outcome = Outcome.FAIL if findings else Outcome.PASS
    return Verdict(name=NAME, outcome=outcome, reason=reason, findings=findings)


def _grew(symbol: Symbol, was: int | None) -> bool:
    """Whether a function is new or more complex than it was."""
    return was is None or symbol.complexity > was

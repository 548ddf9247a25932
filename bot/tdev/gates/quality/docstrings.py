"""Enough of the public symbols that the change adds have a docstring. What was moved is not added.

In absolute mode it is about all public symbols of the tree.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.metrics import percent
from tdev.gates.quality.changed import python_files
from tdev.gates.quality.symbols import known_before, symbol_finding
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Mode

NAME = "docstrings"


def docstrings(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Enough of the public symbols that the change adds have a docstring."""
    known, bar = known_before(evaluation), policy.gates.quality.docstrings
    changed, absolute = python_files(evaluation), policy.gates.quality.mode is Mode.ABSOLUTE
    added = [
        symbol
        for symbol in evaluation.after.symbols
        if symbol.public and (absolute or (symbol.path in changed and known(symbol) is None))
    ]
    share = percent(symbol.documented for symbol in added)
    if share is None:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no public symbol was added")
    findings = tuple(
        symbol_finding(
            "docstring-missing", symbol, f"Public {symbol.kind} {symbol.name} has no docstring", "Say what it is for."
        )
        for symbol in added
        if not symbol.documented
    )
    judged = f"{len(added)} {'' if absolute else 'new '}public symbols"
    reason = f"{share:.0f} % of {judged} are documented, at least {bar:g} % is asked"
    if share < bar:
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=findings)
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=findings)

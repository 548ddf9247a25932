"""The checks of the quality gate on single functions and classes: new ones are documented, grown ones stay simple.

Symbols of base and head are matched by path and qualified name. One whose place is empty now counts as moved when the
same name turns up elsewhere, so splitting a file adds nothing that would have to meet the bar.
A name may be defined twice in a file (overloads, properties): the most complex definition stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tdev.core.artifacts.evaluation import Evaluation, Symbol
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.fingerprint import fingerprint
from tdev.core.metrics import percent
from tdev.policy.model import Policy


def docstrings(evaluation: Evaluation, policy: Policy, changed: set[str]) -> Verdict:
    """Enough of the public symbols that the change adds have a docstring."""
    name, bar = "docstrings", policy.gates.quality.docstrings
    added = [symbol for symbol in _added(evaluation, changed) if symbol.public]
    share = percent(symbol.documented for symbol in added)
    if share is None:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no public symbol was added")
    findings = tuple(
        _finding(
            "docstring-missing", symbol, f"Public {symbol.kind} {symbol.name} has no docstring", "Say what it is for."
        )
        for symbol in added
        if not symbol.documented
    )
    reason = f"{share:.0f} % of {len(added)} new public symbols are documented, at least {bar:g} % is asked"
    if share < bar:
        return Verdict(name=name, outcome=Outcome.FAIL, reason=reason, findings=findings)
    return Verdict(name=name, outcome=Outcome.PASS, reason=reason, remarks=findings)


def complexity(evaluation: Evaluation, policy: Policy, changed: set[str]) -> Verdict:
    """Functions that the change adds or makes more complex stay below the bar."""
    name, bar = "complexity", policy.gates.quality.complexity
    known = _known(evaluation)
    grown = []
    for symbol in evaluation.after.symbols:
        if symbol.path in changed and symbol.kind == "function":
            was = known(symbol)
            if was is None or symbol.complexity > was:
                grown.append(symbol)
    if not grown:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no function was added or made more complex")
    findings = tuple(
        _finding(
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
    return Verdict(name=name, outcome=outcome, reason=reason, findings=findings)


def _added(evaluation: Evaluation, changed: set[str]) -> list[Symbol]:
    """Symbols of changed files that the base has neither there nor in a place they are gone from."""
    known = _known(evaluation)
    return [symbol for symbol in evaluation.after.symbols if symbol.path in changed and known(symbol) is None]


def _known(evaluation: Evaluation) -> Callable[[Symbol], int | None]:
    """A function that tells which cyclomatic number a symbol had at the base, or None when it is new.

    A function or class counts as moved when it has the same qualified name in a place where it is no longer found.
    """
    old = _highest(evaluation.before.symbols)
    left = {(symbol.path, symbol.name) for symbol in evaluation.after.symbols}
    gone = {
        (symbol.name, symbol.kind): symbol.complexity
        for symbol in evaluation.before.symbols
        if symbol.kind != "module" and (symbol.path, symbol.name) not in left
    }
    return lambda symbol: old.get((symbol.path, symbol.name), gone.get((symbol.name, symbol.kind)))


def _highest(symbols: Sequence[Symbol]) -> dict[tuple[str, str], int]:
    """The highest cyclomatic number by path and name (a name may be defined twice)."""
    found: dict[tuple[str, str], int] = {}
    for symbol in symbols:
        key = (symbol.path, symbol.name)
        found[key] = max(found.get(key, 0), symbol.complexity)
    return found


def _finding(rule: str, symbol: Symbol, message: str, remedy: str) -> Finding:
    return Finding(
        tool="scan",
        rule=rule,
        severity=Severity.WARNING,
        message=message,
        path=symbol.path,
        line=symbol.line,
        end_line=symbol.end_line,
        symbol=symbol.name,
        remedy=remedy,
        fingerprint=fingerprint("scan", rule, symbol.path, symbol.name),
    )

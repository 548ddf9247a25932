"""Symbols of base and head, matched by path and qualified name, and findings about them.

One whose place is empty now counts as moved when the same name turns up elsewhere, so splitting a file adds nothing
that would have to meet the bar. A name may be defined twice in a file (overloads, properties): the most complex
definition stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tdev.core.artifacts.evaluation import Evaluation, Symbol
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint


def known_before(evaluation: Evaluation) -> Callable[[Symbol], int | None]:
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


def symbol_finding(rule: str, symbol: Symbol, message: str, remedy: str) -> Finding:
    """A finding about one symbol."""
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

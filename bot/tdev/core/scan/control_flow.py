"""Statements that branch, loop or guard.

Complexity is counted as ruff's rule C901 counts it: one for each `if`, loop, handler, `else` of a `try`, and case that
may not match. Boolean operators, conditional expressions and comprehensions add nothing, so radon's figures are higher.
An import under a handler of ImportError is expected to fail and is never called unused.
"""

from __future__ import annotations

import ast

from tdev.core.scan.scope import Scope
from tdev.core.scan.sightings import Sightings

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def see_if(seen: Sightings, node: ast.If, scope: Scope) -> None:
    """One more way, and two blocks."""
    seen.branch(scope)
    seen.need(node.test)
    seen.later(node.body, scope)
    seen.later(node.orelse, scope)


def see_loop(seen: Sightings, node: ast.For | ast.AsyncFor | ast.While, scope: Scope) -> None:
    """One more way, and two blocks."""
    seen.branch(scope)
    seen.need(*((node.test,) if isinstance(node, ast.While) else (node.target, node.iter)))
    seen.later(node.body, scope)
    seen.later(node.orelse, scope)


def see_with(seen: Sightings, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    """Its items and its block."""
    seen.need(*node.items)
    seen.later(node.body, scope)


def see_try(seen: Sightings, node: ast.Try, scope: Scope) -> None:
    """One more way for each handler and for `else`."""
    seen.branch(scope, len(node.handlers) + bool(node.orelse))
    guarded = any(_catches_import_error(handler.type) for handler in node.handlers)
    inner = scope.guard() if guarded else scope
    seen.later(node.body, inner)
    for handler in node.handlers:
        seen.need(handler.type)
        seen.later(handler.body, inner)
    seen.later(node.orelse, inner)
    seen.later(node.finalbody, scope)


def see_match(seen: Sightings, node: ast.Match, scope: Scope) -> None:
    """One more way for each case that may not match."""
    last = node.cases[-1]
    seen.branch(scope, len(node.cases) - (last.guard is None and _irrefutable(last.pattern)))
    seen.need(node.subject)
    for case in node.cases:
        seen.need(case.pattern, case.guard)
        seen.later(case.body, scope)


def _catches_import_error(caught: ast.expr | None) -> bool:
    """True for a handler of ImportError, or of everything."""
    if caught is None:
        return True
    options = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(option, ast.Name) and option.id in _IMPORT_ERRORS for option in options)


def _irrefutable(pattern: ast.pattern) -> bool:
    """True for a pattern that takes anything."""
    if isinstance(pattern, ast.MatchOr):
        return any(_irrefutable(one) for one in pattern.patterns)
    return isinstance(pattern, ast.MatchAs) and (pattern.pattern is None or _irrefutable(pattern.pattern))

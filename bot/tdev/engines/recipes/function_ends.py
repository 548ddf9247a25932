"""Whether control can reach the end of a function without a return; pure, and in doubt it can.

Used by certain_types.py: a function that can fall off its end also gives None, so the result that a
tool has read from its return statements is not the whole truth. It knows the statements, not the
values: a call that never returns, or a loop that can't end but by an exception, counts as going on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Every node of a function, without those of functions and classes inside it."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, _SCOPES):
            yield from own_nodes(node)


def falls_through(body: Sequence[ast.stmt]) -> bool:
    """True when the statements may end by running past the last one."""
    return not any(_ends(statement) for statement in body)


def _ends(statement: ast.stmt) -> bool:
    """True when control never goes on behind this statement."""
    if isinstance(statement, ast.Return | ast.Raise):
        return True
    if isinstance(statement, ast.If):
        return bool(statement.orelse) and not falls_through(statement.body) and not falls_through(statement.orelse)
    if isinstance(statement, ast.While):
        endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
        return endless and not any(isinstance(node, ast.Break) for node in own_nodes(statement))
    if isinstance(statement, ast.Try):
        return _try_ends(statement)
    if isinstance(statement, ast.Match):
        wild = any(_matches_all(case) for case in statement.cases)
        return wild and all(not falls_through(case.body) for case in statement.cases)
    return False


def _try_ends(statement: ast.Try) -> bool:
    if not falls_through(statement.finalbody):
        return True
    tried = not falls_through([*statement.body, *statement.orelse])
    return tried and all(not falls_through(handler.body) for handler in statement.handlers)


def _matches_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None

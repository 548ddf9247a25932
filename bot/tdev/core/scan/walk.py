"""The one pass over a syntax tree. It keeps lists of work instead of recursing, so no nesting can overflow it.

Statements with blocks have handlers in STATEMENTS, everything else goes through EXPRESSIONS. A node of an unknown
kind is walked through, so syntax of a newer Python is still read, only without judgement.
Speed matters: research visits every node of every file, and this loop is where the time goes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from tdev.core.scan.control_flow import see_if, see_loop, see_match, see_try, see_with
from tdev.core.scan.definitions import see_class, see_function
from tdev.core.scan.expressions import EXPRESSIONS
from tdev.core.scan.import_statements import see_import, see_import_from
from tdev.core.scan.scope import Definition, Scope
from tdev.core.scan.sightings import Sightings

STATEMENTS: dict[type, Callable[[Sightings, Any, Scope], None]] = {
    ast.FunctionDef: see_function,
    ast.AsyncFunctionDef: see_function,
    ast.ClassDef: see_class,
    ast.If: see_if,
    ast.For: see_loop,
    ast.AsyncFor: see_loop,
    ast.While: see_loop,
    ast.With: see_with,
    ast.AsyncWith: see_with,
    ast.Try: see_try,
    ast.TryStar: see_try,
    ast.Match: see_match,
    ast.Import: see_import,
    ast.ImportFrom: see_import_from,
}
"""Handlers of statements that hold blocks or bind names; all others are looked at as expressions are."""
_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def walk(tree: ast.Module, lines: int) -> Sightings:
    """Everything that is seen in a file of so many lines."""
    seen = Sightings()
    if tree.body:
        documented = bool(ast.get_docstring(tree, clean=False))
        seen.definitions.append(Definition("module", "<module>", 1, lines, documented, True, False, None))
    seen.later(tree.body, Scope("", "module", None, ""))
    while seen.blocks:
        body, scope = seen.blocks.pop()
        _block(seen, body, scope)
    return seen


def _block(seen: Sightings, body: list[ast.stmt], scope: Scope) -> None:
    """One run of statements."""
    ended = noted = False
    for index, statement in enumerate(body):
        if ended and not noted:
            _note_unreachable(seen, body[index:])
            noted = True
        handler = STATEMENTS.get(statement.__class__)
        if handler is None:
            seen.nodes.append(statement)
            ended = isinstance(statement, _JUMPS)
        else:
            handler(seen, statement, scope)
        if seen.nodes:
            _expressions(seen, scope)


def _note_unreachable(seen: Sightings, rest: list[ast.stmt]) -> None:
    """Statements after a jump, unless a `yield` among them is there to make the function a generator."""
    for statement in rest:
        for node in ast.walk(statement):
            if isinstance(node, ast.Yield | ast.YieldFrom):
                return
    seen.unreachable.append(rest[0].lineno)


def _expressions(seen: Sightings, scope: Scope) -> None:
    """Everything on the list of nodes, and what hangs below."""
    nodes = seen.nodes
    handlers = EXPRESSIONS
    while nodes:
        node = nodes.pop()
        kind = node.__class__
        handler = handlers.get(kind)
        if handler is not None:
            handler(seen, node, scope)
            continue
        for field in kind._fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                nodes.extend([item for item in value if isinstance(item, ast.AST)])
            elif isinstance(value, ast.AST):
                nodes.append(value)

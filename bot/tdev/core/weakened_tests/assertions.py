"""What a test asserts: how many assertions it reaches, how decisive they are, which exceptions it expects.

Counted is only what can fail the test: not behind a `return`, not under `if False`, not where its failure is caught
and dropped.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tdev.core.weakened_tests.expressions import always_true, decisive, dotted, names_in
from tdev.core.weakened_tests.strength import exact, exact_method, tolerance

_BROAD = frozenset({"Exception", "BaseException"})
_SWALLOWING = _BROAD | {"AssertionError"}
_EXPECTING = ("raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "deprecated_call")
_ANYTHING = ("", ".", ".*", ".+", "(?s).*", "(?s:.*)", "^", "$")
"""Patterns that every message fits."""
_DECISIVE_METHODS = ("Equal", "Equals", "Is", "IsNone", "In", "NotIn", "False", "AlmostEqual", "Less", "Greater")


@dataclass(frozen=True)
class Checks:
    """The assertions of one test."""

    total: int = 0
    """Assertions that can fail."""
    decisive: int = 0
    """Those that name a value."""
    exact: int = 0
    """Those that one value alone satisfies."""
    certain: int = 0
    """Those that are reached whatever the conditions around and before them say."""
    tolerances: tuple[float, ...] = ()
    """What each allows a value to differ."""
    trivial: tuple[int, ...] = ()
    """Lines of those that are always true."""
    raises: Counter[str] = field(default_factory=Counter)
    """Exceptions that are expected."""
    matched: int = 0
    """How many of these also name the message."""
    names: frozenset[str] = frozenset()
    """Names that the assertions speak of."""
    spoken: tuple[frozenset[str], ...] = ()
    """The names of each that can fail."""
    texts: frozenset[str] = frozenset()
    """Those that can fail, as dumps, to know them again in another test."""


def checks_of(body: list[ast.stmt]) -> Checks:
    """What the statements of a test assert; those of an inner function count where something uses it."""
    body = [statement for statement in body if not _unused(statement, body)]
    found = [each for statement in _reached(body) for each in _checks(statement)]
    certain = [each for statement in _certain(body) for each in _checks(statement)]
    failing = [check for check in found if not check.trivial]
    raises = [name for check in found for name in check.raises]
    return Checks(
        total=len(failing),
        decisive=sum(1 for check in found if check.decisive),
        exact=sum(1 for check in failing if check.exact),
        certain=sum(1 for check in certain if not check.trivial),
        tolerances=tuple(check.tolerance for check in failing),
        trivial=tuple(check.line for check in found if check.trivial),
        raises=Counter(raises),
        matched=sum(1 for check in found if check.matched),
        names=frozenset(name for check in found for name in check.names),
        spoken=tuple(check.names for check in failing),
        texts=frozenset(check.text for check in failing),
    )


@dataclass(frozen=True)
class _Check:
    line: int
    names: frozenset[str]
    text: str
    decisive: bool = False
    exact: bool = False
    tolerance: float = 0.0
    trivial: bool = False
    raises: tuple[str, ...] = ()
    matched: bool = False


def _parts(test: ast.expr) -> list[ast.expr]:
    """The sides of an `and`, where more than one names a value."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        named = [value for value in test.values if decisive(value)]
        return named if len(named) > 1 else [test]
    return [test]


def _never(node: ast.expr) -> bool:
    """True for a condition that is written out as false, and for a series of nothing."""
    if isinstance(node, ast.Constant):
        return not node.value
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and not node.elts


def _raises_itself(node: ast.With) -> bool:
    """True where the exception that is expected is raised by the test."""
    calls = [each.context_expr for each in node.items if isinstance(each.context_expr, ast.Call)]
    expects = any(dotted(call.func).rpartition(".")[2] in _EXPECTING for call in calls)
    return expects and isinstance(node.body[0], ast.Raise)


def _unused(statement: ast.stmt, body: list[ast.stmt]) -> bool:
    """True for an inner function that nothing speaks of."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or statement.decorator_list:
        return False
    others = (node for each in body if each is not statement for node in ast.walk(each))
    return not any(isinstance(node, ast.Name) and node.id == statement.name for node in others)


def _reached(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements up to the first after which nothing runs."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
            return


def _certain(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run whatever is true: not below an `if`, not after one that may end the test."""
    for statement in _reached(body):
        branches = isinstance(statement, ast.If | ast.While | ast.Match)
        if not branches:
            yield statement
        if branches and any(isinstance(node, ast.Return) for node in ast.walk(statement)):
            return


def _checks(node: ast.stmt) -> Iterator[_Check]:
    """The assertions of one statement and what is in it."""
    if isinstance(node, ast.Assert):
        yield from (_assertion(part, node.lineno) for part in _parts(node.test))
        return
    if isinstance(node, ast.If | ast.While | ast.For) and _never(node.test if hasattr(node, "test") else node.iter):
        yield from _inside(node.orelse)
        return
    if isinstance(node, ast.With) and _raises_itself(node):
        yield _Check(node.lineno, frozenset(), "", trivial=True)
        return
    if isinstance(node, ast.Try | ast.TryStar):
        if not any(_swallows(handler) for handler in node.handlers):
            yield from _inside(node.body)
        yield from _inside([inner for handler in node.handlers for inner in handler.body])
        yield from _inside([*node.orelse, *node.finalbody])
        return
    if not isinstance(node, ast.With | ast.AsyncWith) or not any(_suppresses(each.context_expr) for each in node.items):
        yield from _plain(node)


def _plain(node: ast.stmt) -> Iterator[_Check]:
    """The assertions among a statement's expressions, and in the blocks below it."""
    for value in ast.iter_child_nodes(node):
        if isinstance(value, ast.expr | ast.withitem):
            yield from _called(value)
    for name in ("body", "orelse"):
        inner = getattr(node, name, None)
        if isinstance(inner, list):
            yield from _inside(inner)
    for case in getattr(node, "cases", ()):
        yield from _inside(case.body)


def _inside(body: list[ast.stmt]) -> Iterator[_Check]:
    for statement in _reached(body):
        yield from _checks(statement)


def _assertion(test: ast.expr, line: int) -> _Check:
    trivial = always_true(test)
    return _Check(
        line,
        names_in(test),
        ast.dump(test),
        decisive=not trivial and decisive(test),
        exact=not trivial and exact(test),
        tolerance=tolerance(test),
        trivial=trivial,
    )


def _called(node: ast.AST) -> Iterator[_Check]:
    """Assertions that are calls: unittest's and mock's, pytest.raises, and functions named so."""
    for call in (child for child in ast.walk(node) if isinstance(child, ast.Call)):
        name = dotted(call.func)
        last = name.rpartition(".")[2]
        if last in _EXPECTING:
            yield _expected(call, last)
        elif last.startswith(("assert", "expect")) or name in ("pytest.fail", "self.fail"):
            yield _by_method(call, last)


def _by_method(call: ast.Call, last: str) -> _Check:
    args = call.args
    same = len(args) > 1 and last.endswith("Equal") and ast.dump(args[0]) == ast.dump(args[1])
    trivial = same or (last == "assertTrue" and bool(args) and always_true(args[0]))
    strong = last.endswith(_DECISIVE_METHODS) or not last.startswith("assert") or "called" in last
    named = strong and not trivial
    return _Check(
        call.lineno,
        names_in(call),
        ast.dump(call),
        decisive=named,
        exact=named and exact_method(last),
        tolerance=tolerance(call),
        trivial=trivial,
    )


def _expected(call: ast.Call, last: str) -> _Check:
    named = call.args[0] if call.args else None
    values = named.elts if isinstance(named, ast.Tuple) else [named] if named is not None else []
    names = tuple(dotted(value).rpartition(".")[2] for value in values)
    patterns = [keyword.value for keyword in call.keywords if keyword.arg in ("match", "expected_regex")]
    patterns += call.args[1:2] if last.endswith("Regex") else []
    matched = any(not isinstance(each, ast.Constant) or each.value not in _ANYTHING for each in patterns)
    return _Check(call.lineno, names_in(call), ast.dump(call), decisive=True, exact=True, raises=names, matched=matched)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """True for a handler that takes failed assertions and does not raise again."""
    caught = _caught(handler.type)
    again = any(isinstance(node, ast.Raise) for statement in handler.body for node in ast.walk(statement))
    fails = any(
        isinstance(node, ast.Call) and dotted(node.func) in ("pytest.fail", "self.fail")
        for statement in handler.body
        for node in ast.walk(statement)
    )
    return bool(caught & _SWALLOWING) and not again and not fails


def _caught(node: ast.expr | None) -> set[str]:
    if node is None:
        return {"BaseException"}
    values = node.elts if isinstance(node, ast.Tuple) else [node]
    return {dotted(value).rpartition(".")[2] for value in values}


def _suppresses(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or dotted(node.func).rpartition(".")[2] != "suppress":
        return False
    return any(_caught(arg) & _SWALLOWING for arg in node.args)

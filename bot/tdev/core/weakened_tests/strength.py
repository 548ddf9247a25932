"""How exactly an assertion compares: with one value, with many, and within which tolerance.

In goes an expression of Python's syntax tree, out come facts. `in`, `<` and their like name a value and yet let many
pass; `pytest.approx(x, abs=0.5)` lets more pass than the default of a millionth.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence

from tdev.core.weakened_tests.expressions import dotted

USUAL = 1e-6
"""What pytest.approx allows by itself, relative to the value."""
_LOOSE_METHODS = (
    "In", "NotIn", "Less", "Greater", "LessEqual", "GreaterEqual", "Regex", "CountEqual",
    "_called", "_called_once", "_awaited", "_awaited_once", "_any_call", "_any_await", "_has_calls", "_has_awaits",
)  # fmt: skip
_LOSING = ("len", "type", "bool", "set", "frozenset", "sorted")
"""Functions after which many values are the same."""
_NEAR = ("approx", "isclose", "allclose", "assert_allclose", "assertAlmostEqual", "assertAlmostEquals")
_ALLOWANCES = ("abs", "rel", "abs_tol", "rel_tol", "atol", "rtol", "delta")


def exact(node: ast.expr) -> bool:
    """True for an expression that one value alone makes true."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return True
    if isinstance(node, ast.BoolOp):
        answers = [exact(value) for value in node.values]
        return isinstance(node.op, ast.And) and any(answers)
    if isinstance(node, ast.Compare):
        whole = not any(_loses(side) for side in (node.left, *node.comparators))
        return whole and all(isinstance(operator, ast.Eq | ast.Is) for operator in node.ops)
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("all", *_NEAR)


def exact_method(name: str) -> bool:
    """True for a method of unittest or mock that one value alone satisfies."""
    return not name.endswith(_LOOSE_METHODS)


def tolerance(node: ast.AST) -> float:
    """The largest difference that is allowed inside; 0 where none is spoken of, USUAL where none is given."""
    calls = (child for child in ast.walk(node) if isinstance(child, ast.Call))
    near = [call for call in calls if dotted(call.func).rpartition(".")[2] in _NEAR]
    said = [max(_allowed(call), default=USUAL) for call in near]
    return max((*said, *(_distance(child) for child in ast.walk(node) if isinstance(child, ast.Compare))), default=0.0)


def looser(before: Sequence[float], after: Sequence[float]) -> float:
    """The tolerance that is larger than it was, 0 where none is; assertions that were added do not count."""
    pairs = zip(sorted(before), sorted(after), strict=False)
    return max((new for old, new in pairs if new > max(old, USUAL)), default=0.0)


def _distance(node: ast.Compare) -> float:
    """The allowance of `abs(one - other) < allowance`; 0 for anything else."""
    far = isinstance(node.left, ast.Call) and dotted(node.left.func).rpartition(".")[2] in ("abs", "fabs")
    if not far or not isinstance(node.ops[0], ast.Lt | ast.LtE):
        return 0.0
    return _number(node.comparators[0]) or 0.0


def _loses(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in _LOSING


def _allowed(call: ast.Call) -> Iterator[float]:
    for keyword in call.keywords:
        value = _number(keyword.value)
        if keyword.arg in _ALLOWANCES and value is not None:
            yield value
        if keyword.arg == "places" and value is not None and abs(value) < 300:
            yield 0.5 * 10**-value


def _number(node: ast.expr) -> float | None:
    """The value of a number that is written out; infinite for one that is not."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return math.inf
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

"""Small questions about expressions of Python's syntax tree."""

from __future__ import annotations

import ast


def dotted(node: ast.AST | None) -> str:
    """`a.b.c` for a chain of names; empty or what is left of it for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name and attribute inside."""
    return frozenset(
        child.id if isinstance(child, ast.Name) else child.attr
        for child in ast.walk(node)
        if isinstance(child, ast.Name | ast.Attribute)
    )


def always_true(node: ast.expr) -> bool:
    """True for an expression whose truth does not depend on anything that is tested."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
        return bool(node.elts if not isinstance(node, ast.Dict) else node.keys)
    if isinstance(node, ast.Lambda | ast.JoinedStr):
        return True
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return isinstance(node.operand, ast.Constant) and not node.operand.value
    if isinstance(node, ast.BoolOp):
        answers = [always_true(value) for value in node.values]
        return any(answers) if isinstance(node.op, ast.Or) else all(answers)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _same(node.left, node.ops[0], node.comparators[0])
    return False


def _same(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
    """A comparison of a thing with itself, or a length that is not negative."""
    if isinstance(operator, ast.Eq | ast.Is | ast.LtE | ast.GtE) and ast.dump(left) == ast.dump(right):
        return True
    counted = isinstance(left, ast.Call) and dotted(left.func) in ("len", "abs")
    return counted and isinstance(operator, ast.GtE) and isinstance(right, ast.Constant) and right.value == 0


def decisive(node: ast.expr) -> bool:
    """True for an assertion that names a value: a comparison with something, or a plain no."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return True
    if isinstance(node, ast.BoolOp):
        answers = [decisive(value) for value in node.values]
        return all(answers) if isinstance(node.op, ast.Or) else any(answers)
    if not isinstance(node, ast.Compare):
        return isinstance(node, ast.Call) and dotted(node.func) in ("all", "math.isclose", "isclose")
    operator, right = node.ops[0], node.comparators[0]
    if isinstance(operator, ast.IsNot | ast.NotEq):
        return False
    if isinstance(right, ast.Constant) and right.value is True:
        return False
    return isinstance(operator, ast.Eq | ast.Is | ast.In | ast.NotIn | ast.Lt | ast.LtE | ast.Gt | ast.GtE)

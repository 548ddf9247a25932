"""What the head of a function says: decorators, parameters, annotations.

Typed means fully annotated, as mypy's `disallow_untyped_defs` and `disallow_incomplete_defs` ask; whether the
annotations are right is not looked at. Decorators are known by their last word, since imports can rename the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def decorator_names(decorators: Iterable[ast.expr]) -> frozenset[str]:
    """The last word of each decorator."""
    names = set()
    for decorator in decorators:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return frozenset(names)


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, in order."""
    extra = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def is_typed(node: FunctionNode, in_class: bool, decorators: frozenset[str]) -> bool:
    """Every parameter but `self` or `cls`, and the result unless it is `__init__`, is annotated."""
    every = parameters(node.args)
    has_self = in_class and "staticmethod" not in decorators and (node.args.posonlyargs or node.args.args)
    judged = every[1:] if has_self else every
    result = node.returns is not None or (in_class and node.name == "__init__")
    return result and all(parameter.annotation is not None for parameter in judged)

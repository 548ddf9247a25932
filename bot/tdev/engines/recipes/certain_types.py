"""Which of the annotations a tool has added are certain; the others are taken out again. Pure.

Called by types.py with each file before and after autotyping. It may only ever take away: a file in
which anything but annotations and their imports differs is refused as a whole.

Certain means: follows from the function's own body. A result is doubtful when a decorator we don't
know may replace the function, when a subclass may override the method with another result, or when
control can fall off the end. Wrong hints are worse than none, for people believe them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tdev.engines.recipes.annotation_edits import (
    Function,
    Place,
    added_annotations,
    edited,
    functions_of,
    line_offsets,
    places_of,
    without_annotations,
)
from tdev.engines.recipes.function_ends import falls_through, own_nodes

Methods = Mapping[str, frozenset[str]]

_KNOWN_DECORATORS = frozenset(
    {"cached_property", "cache", "classmethod", "deleter", "final", "lru_cache", "property", "setter", "staticmethod"}
)
_VALUE, _NOTHING = "value", "nothing"


class Review(NamedTuple):
    """An annotated file after the doubtful annotations were taken out."""

    source: bytes
    """Its content."""
    kept: int
    """Functions whose new annotations stay."""
    dropped: int
    """Annotations that were taken out."""
    wrong: str = ""
    """Why the file must not be used, as the end of a sentence; empty when it may."""


def value_returning_methods(contents: Iterable[bytes]) -> Methods:
    """For each method name in the project's classes, what its definitions give: `value`, `nothing` or both."""
    found: dict[str, set[str]] = defaultdict(set)
    for content in contents:
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, Function):
                        found[method.name].add(_VALUE if _returns_value(method) else _NOTHING)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def review(before: bytes, after: bytes, methods: Methods) -> Review:
    """Keep the certain annotations of `after`; `wrong` when more than annotations and their imports differs."""
    old_tree = ast.parse(before)
    try:
        new_tree = ast.parse(after)
    except SyntaxError as error:
        return Review(before, 0, 0, f"would not parse after the change (line {error.lineno})")
    if without_annotations(ast.parse(before)) != without_annotations(ast.parse(after)):
        return Review(before, 0, 0, "would differ in more than annotations")
    doubtful: list[Place] = []
    crowded: list[Place] = []
    kept = 0
    offsets = line_offsets(after)
    for (_, old), (owner, new) in zip(functions_of(old_tree), functions_of(new_tree), strict=True):
        placed = list(places_of(added_annotations(old, new), after, offsets))
        bad = [place for node, place in placed if not _is_certain(node, new, owner, methods)]
        doubtful += bad
        crowded += [Place(place.end, place.end + 1) for _, place in placed if place not in bad]
        kept += len(placed) > len(bad)
    source = edited(after, doubtful, [place for place in crowded if after[place.start : place.end] == b"="])
    return Review(source if kept else before, kept, len(doubtful))


def _is_certain(node: ast.arg | ast.expr, function: Function, owner: str, methods: Methods) -> bool:
    if any(_decorator_name(one) not in _KNOWN_DECORATORS for one in function.decorator_list):
        return False
    if isinstance(node, ast.arg):
        return function.name in ("__exit__", "__aexit__") or _only_tested(function, node.arg)
    return _result_is_certain(function, ast.unparse(node), owner, methods)


def _result_is_certain(function: Function, annotation: str, owner: str, methods: Methods) -> bool:
    magic = function.name.startswith("__") and function.name.endswith("__")
    if annotation == "None":
        if _returns_value(function):
            return False
        if owner and not magic:
            return not _is_stub(function) and methods.get(function.name) == frozenset({_NOTHING})
        return True
    if magic:
        return True
    unique = not owner or _VALUE in methods.get(function.name, frozenset({_VALUE}))
    return unique and not falls_through(function.body)


def _returns_value(function: Function) -> bool:
    """True when it returns or yields something."""
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Return) and node.value is not None)
        for node in own_nodes(function)
    )


def _is_stub(function: Function) -> bool:
    """True for a body without statements of its own: something that subclasses fill in."""
    return all(
        isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )


def _decorator_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _only_tested(function: Function, name: str) -> bool:
    """True when a parameter is used, and only ever as a condition: then nothing but its truth matters."""
    conditions = {id(leaf) for node in ast.walk(function) for test in _tests_of(node) for leaf in _leaves(test)}
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    return bool(uses) and all(isinstance(use.ctx, ast.Load) and id(use) in conditions for use in uses)


def _tests_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        return [node.test]
    if isinstance(node, ast.comprehension):
        return node.ifs
    return [node.operand] if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else []


def _leaves(test: ast.expr) -> Iterator[ast.expr]:
    """The parts of a condition of which only the truth matters."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _leaves(value)
    else:
        yield test

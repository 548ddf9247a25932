"""Which functions of a project get drafts, and which kinds of property each may have; pure.

Comes in: the facts of pure_functions.py. Goes out: what the ghostwriter shall be asked for. Names
only give the idea that two functions undo each other; types must fit, and the drafts are then tried
for real, so a wrong guess costs time and never a wrong test.

Only functions that look pure are taken, since a draft calls them hundreds of times with odd input.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tdev.tools.ghostwriter.module_facts import Function, Module, words
from tdev.tools.ghostwriter.name_pairs import inverse_pairs, variant_pairs
from tdev.tools.ghostwriter.pure_functions import why_impure

_GENERATED_TYPES = words(
    """bool bytes complex float int str None list dict set frozenset tuple List Dict Set FrozenSet Tuple Optional Union
    Iterable Sequence Mapping Collection Literal Decimal Fraction date datetime time timedelta UUID
    """
)
_CHECKED_TYPES = words("bool bytes float int str list dict set frozenset tuple")
_HARMLESS_DECORATORS = frozenset({"lru_cache", "cache", "wraps", "deprecated", "final"})
_NORMALISING = re.compile(
    r"canonic|clean|collaps|dedent|dedup|lower|normal|sanit|slug|sort|squeeze|strip|trim|uniq|upper|parameteri"
)
_NOT_EXPECTED = frozenset({"AssertionError", "Exception", "NotImplementedError"})


class Candidate(NamedTuple):
    """One property that may hold, to be drafted and tried."""

    module: str
    """Dotted name."""
    functions: tuple[str, ...]
    """One function, or two that belong together."""
    writer: str
    """Ghostwriter: `roundtrip`, `equivalent`, `idempotent` or `fuzz`."""
    raises: tuple[str, ...] = ()
    """Exceptions that the functions raise by name: expected, so a test lets them pass."""
    result: str = ""
    """With `fuzz`: the built-in type the result is checked against; empty = any result will do."""


def candidates(module: Module, project: Mapping[str, Module]) -> Iterator[Candidate]:
    """Properties to try for a module's public, fully annotated, pure-looking functions: strongest kinds first."""
    functions = {name: node for name, node in module.functions.items() if _is_testable(module, name, node, project)}
    raises = {name: _raised(module, node) for name, node in functions.items()}
    for first, second in inverse_pairs(list(functions)):
        if _result(functions[first]) == _first_type(functions[second]):
            yield Candidate(module.name, (first, second), "roundtrip", _both(raises, first, second))
    for first, second in variant_pairs(list(functions)):
        if ast.dump(functions[first].args) == ast.dump(functions[second].args):
            yield Candidate(module.name, (first, second), "equivalent", _both(raises, first, second))
    for name, node in functions.items():
        if _NORMALISING.search(name) and _required(node) == 1 and _result(node) == _first_type(node):
            yield Candidate(module.name, (name,), "idempotent", raises[name])
    for name, node in functions.items():
        result = _result(node)
        yield Candidate(module.name, (name,), "fuzz", raises[name], result if result in _CHECKED_TYPES else "")


def body_lines(function: Function) -> range:
    """The lines that run when a function is called, not when its module is imported."""
    last = function.body[-1].end_lineno or function.body[-1].lineno
    return range(function.body[0].lineno, last + 1)


def _is_testable(module: Module, name: str, node: Function, project: Mapping[str, Module]) -> bool:
    if name.startswith("_") or not isinstance(node, ast.FunctionDef) or not _is_plain(node):
        return False
    return not why_impure(module, node, project)


def _is_plain(node: ast.FunctionDef) -> bool:
    """Parameters that can be generated, no decorator that changes the function, no generator."""
    decorators = {ast.unparse(one).partition("(")[0].rpartition(".")[2] for one in node.decorator_list}
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return (
        decorators <= _HARMLESS_DECORATORS
        and bool(arguments)
        and node.args.vararg is None
        and node.args.kwarg is None
        and all(_can_be_generated(argument.annotation) for argument in arguments)
        and not any(isinstance(child, ast.Yield | ast.YieldFrom) for child in ast.walk(node))
    )


def _can_be_generated(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return False
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    modules = {
        node.value.id
        for node in ast.walk(annotation)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    parts = {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}
    return (names - modules) | parts <= _GENERATED_TYPES


def _required(node: Function) -> int:
    """Number of parameters without a default."""
    arguments = node.args
    optional = len(arguments.defaults) + sum(default is not None for default in arguments.kw_defaults)
    return len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs) - optional


def _first_type(node: Function) -> str:
    first = next(iter([*node.args.posonlyargs, *node.args.args]), None)
    return ast.unparse(first.annotation) if first is not None and first.annotation is not None else "?"


def _result(node: Function) -> str:
    return ast.unparse(node.returns) if node.returns is not None else ""


def _raised(module: Module, node: Function) -> tuple[str, ...]:
    """Exceptions that a function, or one of its module's functions that it calls, raises by name."""
    found: set[str] = set()
    todo, seen = [node], set()
    while todo:
        current = todo.pop()
        seen.add(current.name)
        for child in ast.walk(current):
            if isinstance(child, ast.Raise) and child.exc is not None:
                found.add(ast.unparse(child.exc).partition("(")[0])
            if isinstance(child, ast.Name) and child.id in module.functions and child.id not in seen:
                todo.append(module.functions[child.id])
    known = {name for name in found if name in module.classes or name in module.imported or hasattr(builtins, name)}
    return tuple(sorted(known - _NOT_EXPECTED))


def _both(raises: Mapping[str, tuple[str, ...]], first: str, second: str) -> tuple[str, ...]:
    return tuple(sorted({*raises[first], *raises[second]}))

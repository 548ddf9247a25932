"""New tests that can't fail, or fail for nothing the code under test does.

In goes the syntax tree of one test and what is known of its file, out comes half a sentence. A test may leave its
assertions to a function of the same file, to one that is imported from other tests, or to one whose name says that it
checks; those are taken at their word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tdev.core.weakened_tests.assertions import Checks, checks_of
from tdev.core.weakened_tests.expressions import dotted, names_in

_CHECKING = re.compile(
    r"(?i)(^|[_.])(assert|check|verify|validate|expect|ensure|compare|match|snapshot|benchmark|approve|raises|fail"
    r"|run_state_machine)"
)
_TESTS = re.compile(r"(^|[._])(tests?|testing|test_\w+|conftest|support|helpers?|fixtures|asserts?)([._]|$)")
_MOCKS = ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec", "mock_open", "stub")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def checking_names(tree: ast.Module) -> frozenset[str]:
    """Functions of a test file that assert something, and what it imports from other tests."""
    own = (node for node in ast.walk(tree) if isinstance(node, Function) and not node.name.startswith("test"))
    imported = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return frozenset(
        [node.name for node in own if checks_of(node.body).total]
        + [
            alias.asname or alias.name
            for node in imported
            if node.level or _TESTS.search(node.module or "")
            for alias in node.names
        ]
    )


def why_vacuous(node: Function, checks: Checks, checking: frozenset[str]) -> str:
    """Why a test says nothing of the code, as the end of a sentence; empty when it says something."""
    if not checks.total:
        return "" if checks.trivial or _leaves_it_to_others(node, checking) else "asserts nothing"
    said = [names for names in checks.spoken if names]
    if said and all(names <= _constants(node) for names in said):
        return "asserts something of its own constants alone"
    mocks = _mocks(node)
    if mocks and said and all(names & mocks for names in said) and not _handed_over(node, mocks):
        return "asserts what it told its own mock"
    return ""


def _leaves_it_to_others(node: Function, checking: frozenset[str]) -> bool:
    called = {dotted(child.func) for child in ast.walk(node) if isinstance(child, ast.Call)}
    given = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    named = any(_CHECKING.search(name) for name in (*called, *given, *map(dotted, node.decorator_list)))
    return named or any(name.partition(".")[0] in checking or name.rpartition(".")[2] in checking for name in called)


def _constants(node: Function) -> frozenset[str]:
    """Variables that hold nothing but a value that is written out."""
    written: dict[str, bool] = {}
    for name, value in _assigned(node):
        written[name] = written.get(name, True) and _is_literal(value)
    given = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    return frozenset(name for name, literal in written.items() if literal) - given


def _mocks(node: Function) -> frozenset[str]:
    """Variables that hold a mock made here."""
    return frozenset(
        name
        for name, value in _assigned(node)
        if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _MOCKS
    )


def _handed_over(node: Function, mocks: frozenset[str]) -> bool:
    """True when a mock is given to something: an argument, an attribute, an entry."""
    for child in ast.walk(node):
        values: list[ast.expr] = []
        if isinstance(child, ast.Call) and dotted(child.func).rpartition(".")[2] not in _MOCKS:
            values = [*child.args, *(keyword.value for keyword in child.keywords)]
        elif isinstance(child, ast.Assign) and any(not isinstance(target, ast.Name) for target in child.targets):
            values = [child.value]
        if any(names_in(value) & mocks for value in values):
            return True
    return False


def _assigned(node: Function) -> Iterator[tuple[str, ast.expr]]:
    for child in ast.walk(node):
        if isinstance(child, ast.Assign):
            yield from ((target.id, child.value) for target in child.targets if isinstance(target, ast.Name))
        elif isinstance(child, ast.AugAssign | ast.For | ast.NamedExpr) and isinstance(child.target, ast.Name):
            yield child.target.id, child.target


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True

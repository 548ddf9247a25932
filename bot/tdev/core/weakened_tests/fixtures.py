"""The fixtures of a test file, and which names of the tested code each of them uses.

In goes a syntax tree, out come names. Modules of Python itself, of test runners and of mocks are no tested code.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tdev.core.weakened_tests.expressions import dotted, names_in

_HELPERS = frozenset({"pytest", "pytest_mock", "mock", "hypothesis", "freezegun", "responses", "respx", "faker"})
_GIVEN = frozenset({"request", "tmp_path", "tmp_path_factory", "tmpdir", "monkeypatch", "mocker", "capsys", "caplog"})
"""Fixtures that test runners bring along."""


def fixtures_of(tree: ast.Module) -> dict[str, frozenset[str]]:
    """The fixtures of a file by name, each with the imported names that it uses."""
    imported = frozenset(_tested(tree))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: _used(node, imported) for node in functions if _is_fixture(node)}


def _used(node: ast.FunctionDef | ast.AsyncFunctionDef, imported: frozenset[str]) -> frozenset[str]:
    """The imported names in the body, and the other fixtures it takes."""
    names = frozenset(name for statement in node.body for name in names_in(statement))
    parameters = frozenset(argument.arg for argument in node.args.args)
    return names & (imported | (parameters - _GIVEN))


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    named = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(dotted(each).rpartition(".")[2] == "fixture" for each in named)


def _tested(tree: ast.Module) -> Iterator[str]:
    """Names that are imported from neither Python nor a test runner, at the top or in a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _counts(node.module or ""):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if _counts(alias.name))


def _counts(module: str) -> bool:
    root = module.partition(".")[0]
    return root not in sys.stdlib_module_names and root not in _HELPERS

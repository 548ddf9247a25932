"""The fixtures of a test file, and which names of the tested code each of them uses.

In goes a syntax tree, out come names. Modules of Python itself, of test runners and of mocks are no tested code.
Whether a fixture does anything, before a test or after it, is told from its statements.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tdev.core.weakened_tests.expressions import dotted, names_in

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_HELPERS = frozenset({"pytest", "pytest_mock", "mock", "hypothesis", "freezegun", "responses", "respx", "faker"})
_GIVEN = frozenset({"request", "tmp_path", "tmp_path_factory", "tmpdir", "monkeypatch", "mocker", "capsys", "caplog"})
"""Fixtures that test runners bring along."""


class Fixture(NamedTuple):
    """One fixture."""

    uses: frozenset[str] = frozenset()
    """Names of the tested code in it, and other fixtures it takes."""
    automatic: bool = False
    """It is applied to tests that do not name it."""
    replaces: frozenset[str] = frozenset()
    """What of the tested code it replaces."""
    does: bool = False
    """It calls or sets something."""
    does_after: bool = False
    """It does so when the test has ended."""


def fixtures_of(tree: ast.Module) -> dict[str, Fixture]:
    """The fixtures of a file by name."""
    imported = frozenset(_tested(tree))
    functions = (node for node in tree.body if isinstance(node, _Function))
    return {node.name: _fixture(node, imported) for node in functions if _is_fixture(node)}


def _fixture(node: _Function, imported: frozenset[str]) -> Fixture:
    named = [keyword for each in node.decorator_list if isinstance(each, ast.Call) for keyword in each.keywords]
    automatic = any(each.arg == "autouse" and _true(each.value) for each in named)
    waits = [number for number, each in enumerate(node.body) if any(isinstance(n, ast.Yield) for n in ast.walk(each))]
    # a yield in a block, such as `with`, has its end there
    after = node.body[waits[-1] + 1 :] if waits else []
    cleaning = any(
        isinstance(each, ast.With | ast.AsyncWith | ast.Try) for number in waits for each in [node.body[number]]
    )
    return Fixture(
        uses=_used(node, imported),
        automatic=automatic,
        replaces=frozenset(_replaced(node, imported)),
        does=any(map(_acts, node.body)),
        does_after=cleaning or any(map(_acts, after)),
    )


def _replaced(node: _Function, imported: frozenset[str]) -> Iterator[str]:
    """What is replaced of the modules that the file imports: the targets of `setattr` and `patch`."""
    for call in (each for each in ast.walk(node) if isinstance(each, ast.Call) and each.args):
        if dotted(call.func).rpartition(".")[2] in ("setattr", "patch", "object"):
            target, *rest = call.args
            named = target.value if isinstance(target, ast.Constant) else dotted(target)
            attribute = rest[0].value if rest and isinstance(rest[0], ast.Constant) else ""
            if isinstance(named, str) and named.partition(".")[0] in imported:
                yield named if isinstance(target, ast.Constant) else f"{named}.{attribute!s}"


def _acts(statement: ast.stmt) -> bool:
    """True for a statement that calls or sets something."""
    return any(
        isinstance(node, ast.Call | ast.Assign | ast.Assert | ast.With | ast.Raise) for node in ast.walk(statement)
    )


def _true(node: ast.expr) -> bool:
    return not isinstance(node, ast.Constant) or bool(node.value)


def _used(node: _Function, imported: frozenset[str]) -> frozenset[str]:
    """The imported names in the body, and the other fixtures it takes."""
    names = frozenset(name for statement in node.body for name in names_in(statement))
    parameters = frozenset(argument.arg for argument in node.args.args)
    return names & (imported | (parameters - _GIVEN))


def _is_fixture(node: _Function) -> bool:
    named = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(dotted(each).rpartition(".")[2] == "fixture" for each in named)


def _tested(tree: ast.Module) -> Iterator[str]:
    """Names that are imported from neither Python nor a test runner, at the top or in a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _counts(node.module or ""):
            yield (node.module or "").partition(".")[0]
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if _counts(alias.name))


def _counts(module: str) -> bool:
    root = module.partition(".")[0]
    return root not in sys.stdlib_module_names and root not in _HELPERS

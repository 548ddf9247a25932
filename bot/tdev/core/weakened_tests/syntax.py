"""What one Python test file says: its tests with their assertions, and what holds for the whole file."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tdev.core.weakened_tests.assertions import Checks, checks_of
from tdev.core.weakened_tests.expressions import dotted, names_in
from tdev.core.weakened_tests.fixtures import Fixture, fixtures_of
from tdev.core.weakened_tests.vacuous import checking_names, why_vacuous

_SKIPS = ("skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "importorskip", "SkipTest")
_HOOKS = ("pytest_", "collect_ignore", "load_tests", "pytest_plugins")
_ORDINARY_HOOKS = ("pytest_addoption", "pytest_configure", "pytest_generate_tests", "pytest_plugins")
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Test:
    """One test function."""

    __test__ = False

    name: str
    """With its class: `TestSum.test_zero`."""
    line: int
    """1-based."""
    checks: Checks
    """What it asserts."""
    skips: Counter[str]
    """Marks and calls that skip it or let it fail."""
    cases: int
    """How many sets of parameters it is given, where they are written out; 1 without."""
    patched: frozenset[str]
    """Last names of what it replaces."""
    vacuous: str
    """Why it says nothing of the code, as the end of a sentence; empty when it says something."""
    body: str
    """Its body as a dump, to know it again under another name."""


@dataclass(frozen=True)
class TestFile:
    """One test file."""

    __test__ = False

    tests: dict[str, Test] = field(default_factory=dict)
    """By name."""
    skips: Counter[str] = field(default_factory=Counter)
    """What skips the whole file or a class of it."""
    hooks: frozenset[str] = frozenset()
    """Hooks of the test runner that decide what runs or what a result is."""
    shared: frozenset[str] = frozenset()
    """Last names of what is replaced outside of tests, in fixtures or at import."""
    always_equal: frozenset[str] = frozenset()
    """Classes that are equal to everything."""
    asserted: frozenset[str] = frozenset()
    """Names that its assertions speak of."""
    imported: frozenset[str] = frozenset()
    """Names that are imported at its top."""
    made: frozenset[str] = frozenset()
    """Names that are made at its top: functions, classes, variables."""
    fixtures: dict[str, Fixture] = field(default_factory=dict)
    """Fixtures by name."""
    makers: frozenset[str] = frozenset()
    """All names of tested code that fixtures use."""


def test_file(text: str) -> TestFile | None:
    """The facts of a file; None when it can't be parsed."""
    try:
        tree = ast.parse(text)
        return _facts(tree)
    except _UNREADABLE:
        return None


test_file.__test__ = False  # type: ignore[attr-defined]


def _facts(tree: ast.Module) -> TestFile:
    imported = frozenset(_imported(tree))
    around = _Around(imported, checking_names(tree))
    tests = {test.name: test for test in _tests(tree.body, "", around)}
    fixtures = fixtures_of(tree)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    outside = [node for node in ast.walk(tree) if isinstance(node, functions) and not node.name.startswith("test")]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    shared = {name for node in (*outside, *_statements(tree)) for name in _patched(node)}
    return TestFile(
        tests=tests,
        skips=_file_skips(tree, classes),
        hooks=frozenset(_hooks(tree)),
        shared=frozenset(shared),
        always_equal=frozenset(node.name for node in classes if _always_equal(node)),
        asserted=frozenset(name for test in tests.values() for name in test.checks.names),
        imported=imported,
        made=frozenset(_made(tree)),
        fixtures=fixtures,
        makers=frozenset(name for fixture in fixtures.values() for name in fixture.uses),
    )


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def _made(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """Statements of the module that are no definitions."""
    return [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


class _Around(NamedTuple):
    """What a test finds in its file."""

    imported: frozenset[str]
    checking: frozenset[str]


def _tests(body: list[ast.stmt], prefix: str, around: _Around) -> Iterator[Test]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield _test(node, prefix, around)
        elif isinstance(node, ast.ClassDef) and _collected(node):
            yield from _tests(node.body, f"{prefix}{node.name}.", around)
        elif isinstance(node, ast.If | ast.Try):
            inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
            yield from _tests(inner, prefix, around)


def _collected(node: ast.ClassDef) -> bool:
    """True for a class whose tests a runner collects, by pytest's names or a TestCase among its bases."""
    return node.name.startswith("Test") or any(dotted(base).endswith("TestCase") for base in node.bases)


def _test(node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, around: _Around) -> Test:
    checks = checks_of(node.body)
    marks = Counter(mark for mark in map(_skip_of, node.decorator_list) if mark)
    calls = Counter(
        mark
        for child in ast.walk(node)
        if isinstance(child, ast.Call | ast.Raise)
        for mark in [_called_skip(child)]
        if mark
    )
    return Test(
        name=f"{prefix}{node.name}",
        line=node.lineno,
        checks=checks,
        skips=marks + calls,
        cases=_cases(node.decorator_list),
        patched=frozenset(_patched(node)) | _stood_in(node, around.imported),
        vacuous=why_vacuous(node, checks, around.checking),
        body="\n".join(ast.dump(statement) for statement in node.body),
    )


def _skip_of(node: ast.expr) -> str:
    """The skipping mark that a decorator or a value is; empty when it is none."""
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    last = name.rpartition(".")[2]
    return last if last in _SKIPS else ""


def _called_skip(node: ast.Call | ast.Raise) -> str:
    if isinstance(node, ast.Raise):
        return _skip_of(node.exc) if node.exc is not None else ""
    name = dotted(node.func)
    last = name.rpartition(".")[2]
    if (
        last in _SKIPS
        and name.startswith(("pytest.", "self.", "unittest.", "skip", "xfail", "importorskip"))
        and "mark" not in name
    ):
        return last
    if name in ("assume", "hypothesis.assume", "reject", "hypothesis.reject"):
        return name
    return f"{name}()" if name in ("sys.exit", "os._exit", "pytest.exit", "exit", "quit") else ""


def _file_skips(tree: ast.Module, classes: list[ast.ClassDef]) -> Counter[str]:
    """Marks for the whole file or a class: `pytestmark`, `__test__ = False`, a skip at import, decorated classes."""
    found: Counter[str] = Counter()
    for statement in _statements(tree):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call | ast.Raise) and (mark := _called_skip(node)):
                found[mark] += 1
    for statement in (*tree.body, *(inner for each in classes for inner in each.body)):
        if isinstance(statement, ast.Assign):
            found.update(_assigned_skips(statement))
    for each in classes:
        found.update(mark for mark in map(_skip_of, each.decorator_list) if mark)
    return found


def _assigned_skips(node: ast.Assign) -> Iterator[str]:
    names = {dotted(target) for target in node.targets}
    if any(name.rpartition(".")[2] == "__test__" for name in names) and _false(node.value):
        yield "__test__ = False"
    if "pytestmark" in names:
        values = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
        yield from (mark for mark in map(_skip_of, values) if mark)


def _false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _cases(decorators: list[ast.expr]) -> int:
    """How many sets of parameters the decorators write out."""
    count = 1
    for node in decorators:
        if isinstance(node, ast.Call) and dotted(node.func).endswith("parametrize") and len(node.args) > 1:
            values = node.args[1]
            if isinstance(values, ast.List | ast.Tuple | ast.Set):
                count *= len(values.elts)
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("settings"):
            count *= max((_whole(each.value) for each in node.keywords if each.arg == "max_examples"), default=1)
    return count


def _stood_in(node: ast.AST, imported: frozenset[str]) -> frozenset[str]:
    """Imported names that the test makes anew for itself."""
    made = {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}
    inner = {child.name for child in ast.walk(node) if isinstance(child, ast.FunctionDef) and child is not node}
    return imported & (made | inner)


def _whole(node: ast.expr) -> int:
    """A positive number that is written out; 1 for anything else."""
    found = node.value if isinstance(node, ast.Constant) else 1
    return found if isinstance(found, int) and found > 0 else 1


def _patched(node: ast.AST) -> Iterator[str]:
    """Last names of what is replaced inside: monkeypatch, mock.patch, or by an assignment to an attribute."""
    for child in ast.walk(node):
        if isinstance(child, ast.Call):
            yield from _replaced(child)
        elif isinstance(child, ast.Assign) and isinstance(child.value, ast.Lambda):
            yield from (target.attr for target in child.targets if isinstance(target, ast.Attribute))


def _replaced(call: ast.Call) -> Iterator[str]:
    name = dotted(call.func)
    last = name.rpartition(".")[2]
    texts = [arg.value for arg in call.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if last == "setattr" or name.endswith(("patch.object", "patch", "patch.multiple", "mocker.patch")):
        yield from (text.rpartition(".")[2] for text in texts)


def _hooks(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in names_in(target)]
        yield from (name for name in names if name.startswith(_HOOKS) and name not in _ORDINARY_HOOKS)


def _always_equal(node: ast.ClassDef) -> bool:
    """True when its `__eq__` answers with a constant."""
    return any(
        isinstance(inner, ast.FunctionDef)
        and inner.name in ("__eq__", "__ne__", "__bool__", "__contains__")
        and len(inner.body) == 1
        and isinstance(inner.body[0], ast.Return)
        and isinstance(inner.body[0].value, ast.Constant)
        for inner in node.body
    )

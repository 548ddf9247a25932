"""Drafts of property tests: written by the Hypothesis ghostwriter, checked and brought into one form here.

Comes in: candidates. Goes out: drafts, and the text of the module that holds those that are kept.
The ghostwriter is part of Hypothesis and runs in the project's own environment
(script.py), as it imports what it writes about; its options are in Hypothesis'
documentation.

Drafts of any other form than the one expected are dropped. Kept tests are derandomised: a test in
somebody's CI must not fail by chance.
"""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Sequence
from typing import NamedTuple

from tdev.adapters import process
from tdev.core.generated_tests import GHOSTWRITTEN
from tdev.errors import TransientError
from tdev.tools.ghostwriter import script as inside
from tdev.tools.ghostwriter.candidates import Candidate
from tdev.tools.ghostwriter.runs import Workshop, run_inside

_HYPOTHESIS_NAMES = frozenset({"given", "reject", "settings", "strategies"})
_ALSO = {"float": "(int, float)"}
_WHILE_TRYING = "database=None, deadline=None"
_WHEN_KEPT = "derandomize=True, deadline=None"


class Draft(NamedTuple):
    """One test function."""

    candidate: Candidate
    """What it is about."""
    name: str
    """Of the test function."""
    code: str
    """The function without decorators of ours, as Python source."""
    imports: tuple[str, ...]
    """Import statements it needs, those of hypothesis left out."""
    rejects: bool
    """It calls `reject()` for expected exceptions."""


def write_drafts(shop: Workshop, wanted: Sequence[Candidate]) -> list[Draft]:
    """The drafts that the ghostwriter could write, in the order of the candidates; raises TransientError."""
    requests = [
        {"module": one.module, "functions": one.functions, "writer": one.writer, "raises": one.raises} for one in wanted
    ]
    script = shop.folder / "tdev_ghostwriter.py"
    shutil.copyfile(inside.__file__, script)
    done = run_inside(
        shop,
        (shop.python, script),
        cwd=shop.folder,
        timeout=shop.seconds,
        stdin=json.dumps(requests).encode(),
    )
    answers = _answers(done)
    if len(answers) != len(wanted):
        what = "ran out of time" if done.timed_out else f"ended with exit code {done.exit_code}"
        raise TransientError(
            f"The Hypothesis ghostwriter {what}: {done.tail(3) or 'no message'}.",
            next_step="Check that hypothesis is installed in the project's environment.",
        )
    found = [_draft(one, answer.get("code", "")) for one, answer in zip(wanted, answers, strict=True)]
    return [one for one in found if one is not None]


def _answers(done: process.Completed) -> list[dict[str, str]]:
    lines = done.stdout.strip().splitlines()
    if not done.ok or not lines:
        return []
    try:
        answers = json.loads(lines[-1])
    except ValueError:
        return []
    return answers if isinstance(answers, list) else []


def _draft(candidate: Candidate, code: str) -> Draft | None:
    """The one test function of the ghostwriter's code; None when it is unfinished or of another form."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    if len(tests) != 1 or "st.nothing()" in code:
        return None
    test = tests[0]
    if candidate.result and not _check_result(test, candidate.result):
        return None
    rejects = any(isinstance(node, ast.Name) and node.id == "reject" for node in ast.walk(test))
    keep_apart(test, candidate.module.partition(".")[0])
    _drop_unused(test)
    test.body.insert(0, ast.Expr(ast.Constant(_docstring(candidate, rejects))))
    test.returns = ast.Constant(None)
    imports = tuple(ast.unparse(node) for node in tree.body if _is_foreign_import(node))
    return Draft(candidate, test.name, ast.unparse(ast.fix_missing_locations(test)), imports, rejects)


def _is_foreign_import(node: ast.stmt) -> bool:
    """True for imports of what is tested; those of hypothesis are written by us."""
    if isinstance(node, ast.ImportFrom):
        return not (node.module == "hypothesis" and {name.name for name in node.names} <= _HYPOTHESIS_NAMES)
    return isinstance(node, ast.Import)


def _check_result(test: ast.FunctionDef, result: str) -> bool:
    """Turn the bare call of a fuzz test into a check of its result's type; False when there is no such call."""
    bodies = [test.body, *[node.body for node in ast.walk(test) if isinstance(node, ast.Try)]]
    for body in bodies:
        for index, node in enumerate(body):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                body[index] = ast.Assign([ast.Name("result", ast.Store())], node.value)
                test.body.append(ast.parse(f"assert isinstance(result, {_ALSO.get(result, result)})").body[0])
                return True
    return False


def keep_apart(test: ast.FunctionDef, module: str) -> None:
    """Rename the argument of a test that is called as the module it tests: it would hide that."""
    if module not in {one.arg for one in test.args.args}:
        return
    owners = {id(node.value) for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    for node in ast.walk(test):
        if isinstance(node, ast.Name) and node.id == module and id(node) not in owners:
            node.id = f"{module}_"
    places: list[ast.arg | ast.keyword] = list(test.args.args)
    for decorator in test.decorator_list:
        places += decorator.keywords if isinstance(decorator, ast.Call) else []
    for place in places:
        if place.arg == module:
            place.arg = f"{module}_"


def _drop_unused(test: ast.FunctionDef) -> None:
    """Take out arguments that the test is given and does not use."""
    used = {node.id for statement in test.body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    test.args.args = [one for one in test.args.args if one.arg in used]
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call):
            decorator.keywords = [one for one in decorator.keywords if one.arg is None or one.arg in used]


def _docstring(candidate: Candidate, rejects: bool) -> str:
    first = candidate.functions[0]
    other = candidate.functions[-1]
    said = {
        "roundtrip": f"`{other}` undoes `{first}`.",
        "equivalent": f"`{first}` and `{other}` give the same.",
        "idempotent": f"`{first}` changes nothing that it gave before.",
        "fuzz": f"`{first}` takes every input of its declared types"
        + (f" and gives {_a(candidate.result)}." if candidate.result else "."),
    }[candidate.writer]
    expected = " or ".join(f"`{name}`" for name in candidate.raises)
    return f"{said.removesuffix('.')}, or raises {expected}." if rejects and expected else said


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def test_file(module: str, drafts: Sequence[Draft], *, kept: bool, optional: bool) -> str:
    """The source of a test module with these drafts.

    `kept` makes the tests repeat the same examples in every run; otherwise each run draws others. `optional` skips the
    module where hypothesis is not installed.
    """
    settings = _WHEN_KEPT if kept else _WHILE_TRYING
    names = ["given", *(["reject"] if any(draft.rejects for draft in drafts) else []), "settings"]
    imports = sorted({line for draft in drafts for line in draft.imports})
    hypothesis = _found(names) if optional else [f"from hypothesis import {', '.join(names)}, strategies as st"]
    before = [*imports, "import pytest", "", *hypothesis] if optional else [*hypothesis, *imports]
    decorated = [f"@settings({settings})\n{draft.code}" for draft in drafts]
    docstring = f'"""Properties of `{module}`, {GHOSTWRITTEN} and tried before they were kept."""'
    return "\n\n".join([docstring, "\n".join(before), *decorated]) + "\n"


def _found(names: Sequence[str]) -> list[str]:
    """Names of hypothesis where it is installed; elsewhere the module is skipped. No import follows: linters mind."""
    values = ", ".join(f"hypothesis.{name}" for name in names)
    return [
        'hypothesis = pytest.importorskip("hypothesis")',
        'st = pytest.importorskip("hypothesis.strategies")',
        f"{', '.join(names)} = {values}",
    ]

"""`npm test` with Node's own runner, in the sandbox: outcomes, and runs that try to look better than they are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tdev.core.artifacts.evaluation import TestRun
from tdev.policy.sandbox import USUAL_LIMITS
from tdev.settings import Settings
from tdev.tools.npm import run_npm_tests, why_not

pytestmark = pytest.mark.e2e
needs_node = pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node.js is not installed")

Run = Callable[..., TestRun]
TEST = (
    "import test from 'node:test';\nimport assert from 'node:assert';\nimport { two } from './two.js';\n"
    "test('is two', () => assert.equal(two(), 2));\ntest('is three', () => assert.equal(two(), 3));\n"
)


def write(project: Path, test: str, script: str = "node --test", **package: object) -> Path:
    project.mkdir(exist_ok=True)
    facts = {"name": "x", "version": "1.0.0", "type": "module", "scripts": {"test": script}, **package}
    (project / "package.json").write_text(json.dumps(facts))
    (project / "two.js").write_text("export const two = () => 2;\n")
    (project / "two.test.js").write_text(test)
    return project


@pytest.fixture
def run(tmp_path: Path, settings: Settings) -> Run:
    return lambda test, script="node --test", timeout=60.0: run_npm_tests(
        write(tmp_path / "project", test, script), settings, timeout, USUAL_LIMITS
    )


@needs_node
def test_outcomes_by_file_and_name(run: Run) -> None:
    result = run(TEST)
    assert result.ok, result.reason
    ended = {test: outcome.value for test, outcome in result.outcomes.items()}
    assert ended == {"two.test.js::is two": "passed", "two.test.js::is three": "failed"}
    assert "2 == 3" in result.failures["two.test.js::is three"] or "actual" in result.failures["two.test.js::is three"]


@needs_node
@pytest.mark.parametrize(
    ("test", "script", "said"),
    [
        ("", "node --test", "no tests were found"),
        ("import test from 'node:test';\ntest('x', () => process.exit(0));\n", "node --test", "no tests were found"),
        (TEST, "node --test || true", "do not explain"),
        (TEST, "true # node --test", "before it had finished"),
        (
            "import test from 'node:test';\ntest('x', () => new Promise(() => setInterval(() => 0, 9)));\n",
            "",
            "stopped",
        ),
    ],
    ids=["none", "ends at once", "exit code hidden", "nothing is run", "endless"],
)
def test_a_run_that_is_not_whole_is_no_evidence(test: str, script: str, said: str, run: Run) -> None:
    result = run(test, script or "node --test", timeout=8.0)
    assert not result.ok and said in result.reason


@needs_node
def test_a_file_that_can_not_be_read_or_ends_its_process_fails(run: Run) -> None:
    assert run("no javascript here").outcomes["two.test.js"].bad
    ended = run("import test from 'node:test';\ntest('x', () => process.exit(1));\n")
    assert ended.ok and any(outcome.bad for outcome in ended.outcomes.values())


@pytest.mark.parametrize(
    ("script", "package", "said"),
    [
        ("ava", {}, "not those of `ava`"),
        ("jest || true", {}, "not those of `jest || true`"),
        ("jest --watch", {}, "does not end"),
        ("node --test", {"devDependencies": {"left-pad": "1"}}, "not installed (left-pad)"),
    ],
)
def test_why_it_can_not_be_run_is_told(script: str, package: dict[str, object], said: str, tmp_path: Path) -> None:
    assert said in (why_not(write(tmp_path / "project", TEST, script, **package)) or "")


def test_a_project_without_such_tests(tmp_path: Path) -> None:
    assert why_not(tmp_path) is None
    assert why_not(write(tmp_path / "project", "", "echo 'Error: no test specified' && exit 1")) is None
    (tmp_path / "package.json").write_text("[1")
    assert why_not(tmp_path) is None

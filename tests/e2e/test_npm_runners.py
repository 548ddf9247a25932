"""Real jest, vitest and mocha behind `npm test`: outcomes, and runs that try to look better than they are.

Locks are made by npm once and stay in the tests' state folder; packages come from the registry this machine uses.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.shared_state import alone_in
from tdev.core.artifacts.evaluation import TestRun
from tdev.policy.sandbox import USUAL_LIMITS
from tdev.settings import Settings
from tdev.tools import npm, npm_packages

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node.js is not installed"),
]
VERSIONS = {"jest": "30.5.2", "vitest": "3.2.4", "mocha": "12.0.3"}
IMPORTS = {
    "jest": "",
    "vitest": "import { describe, test } from 'vitest';\nimport assert from 'node:assert';\n",
    "mocha": "const test = it;\n",
}
TESTS = (
    "describe('group', () => {\n  test('holds', () => {});\n  test('fails', () => { throw new Error('as told'); });\n"
    "  test.skip('later', () => {});\n});\n"
)
Locked = Callable[[str], str]
Run = Callable[..., TestRun]


def package(runner: str, script: str, **scripts: str) -> str:
    facts = {"name": "x", "version": "1.0.0", "devDependencies": {runner: VERSIONS[runner]}}
    return json.dumps({**facts, "scripts": {"test": script, **scripts}})


@pytest.fixture
def locked(shared_state: Path) -> Locked:
    """A function that gives the lock of a project that asks for one runner."""

    def lock(runner: str) -> str:
        folder = shared_state / "npm-locks" / f"{runner}-{VERSIONS[runner]}"
        folder.mkdir(parents=True, exist_ok=True)
        with alone_in(folder):
            if not (folder / "package-lock.json").exists():
                (folder / "package.json").write_text(package(runner, runner))
                command = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
                subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300, env=dict(os.environ))
        return (folder / "package-lock.json").read_text()

    return lock


@pytest.fixture
def run(tmp_path: Path, settings: Settings, locked: Locked) -> Run:
    """A function that installs what a project asks for and runs its tests; `files` are its own, by path."""

    def ran(runner: str, script: str, files: dict[str, str], timeout: float = 60.0, **scripts: str) -> TestRun:
        project = tmp_path / "project"
        project.mkdir()
        (project / "package.json").write_text(package(runner, script, **scripts))
        (project / "package-lock.json").write_text(locked(runner))
        for path, text in files.items():
            (project / path).parent.mkdir(exist_ok=True)
            (project / path).write_text(text)
        assert npm.why_not(project) == ""
        npm_packages.ensure(settings, project, 300.0)
        return npm.run_npm_tests(project, settings, timeout, USUAL_LIMITS)

    return ran


def ended(result: TestRun) -> dict[str, str]:
    assert result.ok, result.reason
    return {test: outcome.value for test, outcome in result.outcomes.items()}


BROKEN = {
    "jest": "no javascript here\n",
    "vitest": "no javascript here\n",
    "mocha": "describe('x', () => { before(() => { throw new Error('hook'); }); it('y', () => {}); });\n",
}
HOOK = '::x > "before all" hook for "y"'


@pytest.mark.parametrize(
    ("runner", "script"), [("jest", "NODE_ENV=test jest"), ("vitest", "npx vitest"), ("mocha", "npm run unit")]
)
def test_outcomes_by_file_and_whole_name(runner: str, script: str, run: Run) -> None:
    files = {"test/a.test.js": IMPORTS[runner] + TESTS, "test/b.test.js": BROKEN[runner]}
    result = run(runner, script, files, unit="mocha --reporter dot")
    assert ended(result) == {
        "test/a.test.js::group > holds": "passed",
        "test/a.test.js::group > fails": "failed",
        "test/a.test.js::group > later": "skipped",
        f"test/b.test.js{HOOK if runner == 'mocha' else ''}": "error",
    }
    assert "as told" in result.failures["test/a.test.js::group > fails"]
    assert result.runner == runner


@pytest.mark.parametrize(
    ("script", "test", "said"),
    [
        ("mocha", "it('x', () => process.exit(0));\n", "before it had finished (exit code 0)"),
        ("mocha", "console.log('1 passing');\n", "no tests were found"),
        ("mocha --pass-on-failing-test-suite", "it('x', () => { throw new Error(); });\n", "do not explain"),
        ("false && mocha", "it('x', () => {});\n", "before it had finished (exit code 1)"),
        ("mocha", "it('x', () => { for (;;); });\n", "it took more than 4 s"),
    ],
    ids=["ends at once", "none", "exit code hidden", "not started", "endless"],
)
def test_a_run_that_is_not_whole_is_no_evidence(script: str, test: str, said: str, run: Run) -> None:
    result = run("mocha", script, {"test/a.js": test}, timeout=4.0)
    assert not result.ok and said in result.reason


def test_an_exit_code_that_no_test_explains_is_no_evidence(run: Run) -> None:
    result = run("mocha", "mocha", {"test/a.js": "it('x', () => {});\n"}, posttest="exit 3")
    assert not result.ok and "exit code 3, which its tests do not explain" in result.reason

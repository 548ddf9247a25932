"""`npm test`, for projects whose tests are those of Node's own runner, jest, vitest or mocha.

Comes in: a project's folder in a clone that may be changed, its packages installed (npm_packages.py). Goes out: a
TestRun, or why there is none. Everything runs in the sandbox, without a network. What the runner writes down
(npm_runners.py) counts, never what it prints. Other runners, and packages without a lock, are told, not guessed at.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cells import checkout_around, repository_cell
from tdev.adapters.sandbox.run import run
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.javascript_outcomes import Ended
from tdev.core.npm_project import NpmProject, npm_project
from tdev.core.test_record import shortened
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings
from tdev.tools.npm_machine import node_folders, npm_program
from tdev.tools.npm_packages import MANIFEST, leads_out, lock_of, read_text
from tdev.tools.npm_runners import RECORD, result, told


def why_not(project: Path) -> str | None:
    """Why `npm test` can't be run here, in one sentence; empty when it can, None where a project has no such thing."""
    found = npm_project(read_text(project, MANIFEST))
    if not found.script:
        return None
    reason = ""
    if not found.runner:
        reason = f"only tests of node --test, jest, vitest and mocha can be read, not those of `{found.script[:80]}`"
    elif found.watches:
        reason = f"`{found.script[:80]}` waits for changes and does not end"
    elif found.asked and not lock_of(project) and not (project / "node_modules").is_dir():
        named = ", ".join(found.asked[:5])
        reason = f"its packages are not installed ({named}), as no package-lock.json of version 2 or later names them"
    elif not (shutil.which("npm") and shutil.which("node")):
        reason = "Node.js is not installed"
    return reason and f"npm test is not run: {reason}"


def run_npm_tests(project: Path, settings: Settings, timeout: float, limits: CellLimits) -> TestRun:
    """Run `npm test`, at most `timeout` seconds; for a project of which `why_not` says nothing."""
    if leads_out(settings, project):
        return TestRun(ok=False, runner="npm", reason="npm test was not run: a link leads out of the checkout")
    checkout, project = checkout_around(settings, project).resolve(), project.resolve()
    return _run(npm_project(read_text(project, MANIFEST)), project, checkout, settings, timeout, limits)


def _run(
    found: NpmProject, project: Path, checkout: Path, settings: Settings, timeout: float, limits: CellLimits
) -> TestRun:
    with private_folder("npm") as folder:
        for name in ("home", "tmp", "reporters", "records"):
            (folder / name).mkdir()
        asked = told(found.runner, folder / "records" / RECORD, folder / "reporters")
        cell = repository_cell(
            settings,
            checkout,
            environment={
                **settings.child_environment,
                "CI": "1",
                "NO_COLOR": "1",
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder / "tmp"),
                "npm_config_update_notifier": "false",
                **(asked.variables or {}),
            },
            cwd=project,
            writable=(folder,),
            read_only=(folder / "reporters", *node_folders(settings)),
            limits=limits,
        )
        words = (*["--"] * found.separators, *asked.words) if asked.words else ()
        done = run(settings, cell, (npm_program(), "test", "--silent", *words), timeout=timeout)
        if done.timed_out or done.stopped_by:
            why = done.stopped_by or f"it took more than {timeout:g} s"
            return TestRun(ok=False, runner=found.runner, reason=f"npm test was stopped: {why}", seconds=done.seconds)
        ended = Ended(done.exit_code, done.seconds, shortened(done.tail(8), 600))
        return result(found.runner, folder / "records", str(project), ended)

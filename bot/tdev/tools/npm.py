"""`npm test`, for projects whose tests are those of Node's own runner (`node --test`) and need no packages.

Comes in: a project's folder in a clone that may be changed. Goes out: a TestRun, or why there is none. A reporter of
ours writes the runner's events down; it works in the runner's process and not in those of the tests. Everything runs in
the sandbox, without a network. Other runners, and packages that would have to be installed, are told, not guessed at.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cells import checkout_around, repository_cell
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.node_record import RUNNER, run_from_events
from tdev.core.test_record import shortened
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings

_MOST_BYTES = 1_000_000
_REPORTER = """\
export default async function* reporter(source) {
  for await (const { type, data } of source) {
    if (!['test:start', 'test:pass', 'test:fail'].includes(type)) continue;
    const { name, nesting, file, skip, todo, details } = data;
    const error = details?.error?.cause ?? details?.error;
    const text = String(error?.stack ?? error ?? '').slice(0, 20000);
    yield JSON.stringify({ type, name, nesting, file, skip, todo, kind: details?.type, text }) + '\\n';
  }
  yield '{"kind": "finish"}\\n';
}
"""


def why_not(project: Path) -> str | None:
    """Why `npm test` can't be run here, in one sentence; empty when it can, None where a project has no such thing."""
    script, package = _script(project)
    if not script:
        return None
    if RUNNER not in script:
        return f"npm test is not run: only tests of `{RUNNER}` can be read, not those of `{script[:80]}`"
    asked = [name for key in ("dependencies", "devDependencies") for name in package.get(key) or ()]
    if asked and not (project / "node_modules").is_dir():
        return f"npm test is not run: its packages are not installed ({', '.join(map(str, asked[:5]))})"
    return "" if shutil.which("npm") and shutil.which("node") else "npm test is not run: Node.js is not installed"


def run_npm_tests(project: Path, settings: Settings, timeout: float, limits: CellLimits) -> TestRun:
    """Run `npm test`, at most `timeout` seconds; for a project of which `why_not` says nothing."""
    project = project.resolve()
    with private_folder("npm") as folder:
        for name in ("home", "tmp", "reporter"):
            (folder / name).mkdir()
        (folder / "reporter" / "reporter.mjs").write_text(_REPORTER)
        record = folder / "events.jsonl"
        reporter = f"--test-reporter={folder / 'reporter' / 'reporter.mjs'} --test-reporter-destination={record}"
        cell = repository_cell(
            settings,
            checkout_around(settings, project),
            environment={
                **settings.child_environment,
                "NODE_OPTIONS": reporter,
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder / "tmp"),
                "npm_config_update_notifier": "false",
            },
            cwd=project,
            writable=(folder,),
            read_only=(folder / "reporter",),
            limits=limits,
        )
        done = run(settings, cell, (shutil.which("npm") or "npm", "test", "--silent"), timeout=timeout)
        if done.timed_out or done.stopped_by:
            why = done.stopped_by or f"it took more than {timeout:g} s"
            return TestRun(ok=False, runner=RUNNER, reason=f"npm test was stopped: {why}", seconds=done.seconds)
        lines = (read_left(folder, record.name) or b"").decode("utf-8", "replace").splitlines()
        words = shortened(done.tail(8), 600)
        return run_from_events(lines, str(project), exit_code=done.exit_code, seconds=done.seconds, last_words=words)


def _script(project: Path) -> tuple[str, dict[str, Any]]:
    """The test script of package.json and the whole of it; empty where there is none or it can't be read."""
    content = read_left(project, "package.json", _MOST_BYTES)
    try:
        package = json.loads(content or b"{}")
        script = package.get("scripts", {}).get("test", "")
    except (ValueError, AttributeError, RecursionError):
        return "", {}
    usable = isinstance(script, str) and "no test specified" not in script
    return (script.strip(), package) if usable else ("", package)

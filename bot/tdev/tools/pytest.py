"""pytest with coverage: run a project's tests so that nothing the project configures can make the run lie.

The project's own options stay in force, except for those that would stop early, spread tests over processes, fail on
coverage or write into the checkout (docs/evaluation.md lists them). Outcomes come from a recorder of our own, coverage
from a configuration of our own; both are kept outside the project.

They run in the sandbox: the clone may be changed, its `.git` and the environment may not, and there is no network.
Called by the code stage after every attempt, by measure on clean checkouts, and by the recipe
`tests`. Goes out: TestRun, in which zero tests are an error. No report file of pytest's own is
trusted: plug-ins and settings of a project can change those.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import checkout_around, repository_cell
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.test_record import run_from_record, shortened
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.settings import Settings
from tdev.tools import pytest_choice, pytest_recorder
from tdev.tools.coverage_report import read_coverage
from tdev.tools.python_environment import PythonEnvironment, has_package

_RECORDER = "tdev_pytest_recorder"
_CHOICE = "tdev_pytest_choice"
_COVERAGE_SECONDS = 120.0
_REPORT = (
    "import sys, coverage\n"
    "c = coverage.Coverage(config_file=sys.argv[1])\n"
    "c.combine()\n"
    "c.json_report(outfile=sys.argv[2], ignore_errors=True)\n"
)
_CONFIGURATION_FILES = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml")
_CONFIGURATION_SECTIONS = (("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]"))

_TELLING = (".py", ".toml", ".cfg", ".ini")


@dataclass(frozen=True)
class Choice:
    """Tests to run instead of all."""

    ids: tuple[str, ...]
    """Their ids."""
    seed: int = 0
    """Decides their order; 0 = the order in which they are found."""

    @property
    def files(self) -> tuple[str, ...]:
        """Where they are: POSIX, relative to the project."""
        return tuple(dict.fromkeys(test.partition("::")[0] for test in self.ids))


def run_tests(
    environment: PythonEnvironment,
    project: Path,
    settings: Settings,
    timeout: float,
    coverage: bool = True,
    paths: Sequence[str] = (),
    limits: CellLimits = USUAL_LIMITS,
    choice: Choice | None = None,
) -> TestRun:
    """Run the project's tests (those below `paths`, POSIX and relative, if any are given), at most `timeout` seconds.

    With a `choice` its tests alone are run, and `paths` do not count.

    A run that crashed, was stopped, found nothing or left no complete record is `ok=False` with the reason; failing
    tests are `ok=True` with their outcomes. Nothing is written into the project but what its tests write themselves.
    """
    paths = choice.files if choice else paths
    present = tuple(path for path in paths if (project / path).exists())
    if not project.is_dir() or (paths and not present):
        return TestRun(ok=False, reason="no tests were found")
    with private_folder("tests") as folder:
        return _Run(environment, project.resolve(), settings, folder, present, limits, choice).run(timeout, coverage)


@dataclass(frozen=True)
class _Run:
    """One test run and the private folder of its records."""

    environment: PythonEnvironment
    project: Path
    settings: Settings
    folder: Path
    paths: tuple[str, ...]
    limits: CellLimits
    choice: Choice | None = None

    def run(self, timeout: float, coverage: bool) -> TestRun:
        """Run pytest and read its record."""
        self._prepare()
        done = run(self.settings, self._cell(), self._command(coverage), timeout=timeout)
        record = read_left(self.folder, "record.jsonl") or b""
        lines = record.decode("ascii", "replace").splitlines()
        result = run_from_record(
            lines,
            exit_code=done.exit_code,
            timed_out=done.timed_out,
            seconds=done.seconds,
            last_words=shortened(done.tail(8), 600),
        )
        if done.stopped_by:
            reason = f"the tests were stopped, for they reached the sandbox's limit: {done.stopped_by}"
            return result.model_copy(update={"ok": False, "reason": reason})
        if not coverage or not result.ok:
            return result
        return self._with_coverage(result)

    def _prepare(self) -> None:
        """Lay out the private folder: recorder, home, temporary files, coverage's configuration."""
        for name in ("home", "tmp", "plugin", "cache"):
            (self.folder / name).mkdir()
        shutil.copyfile(pytest_recorder.__file__, self.folder / "plugin" / f"{_RECORDER}.py")
        if self.choice:
            shutil.copyfile(pytest_choice.__file__, self.folder / "plugin" / f"{_CHOICE}.py")
            (self.folder / "plugin" / "choice.json").write_text(json.dumps(asdict(self.choice)))
        (self.folder / "pytest.ini").write_text("[pytest]\n")
        greenlet = has_package(self.environment, "greenlet")
        (self.folder / "coveragerc").write_text(
            "[run]\n"
            f"source = {self.project}\n"
            f"data_file = {self.folder / 'coverage'}\n"
            "parallel = true\n"
            "patch = subprocess\n"
            f"concurrency = {'thread, greenlet' if greenlet else 'thread'}\n"
            "[report]\n"
            "include_namespace_packages = true\n"
        )

    def _command(self, coverage: bool) -> list[str | Path]:
        python: list[str | Path] = [self.environment.python]
        if coverage:
            python += ["-m", "coverage", "run", f"--rcfile={self.folder / 'coveragerc'}"]
        options = [
            "-p", _RECORDER,
            f"--rootdir={self.project}",
            f"--junit-xml={self.folder / 'junit.xml'}",
            "-o", f"cache_dir={self.folder / 'cache'}",
            "--continue-on-collection-errors",
            "--maxfail=0",
            "--no-cov",
        ]  # fmt: skip
        if self.choice:
            options += ["-p", _CHOICE]
        if has_package(self.environment, "xdist"):
            options += ["-n", "0"]
        if not _mentions_hypothesis(self.project):
            options += ["-p", "no:hypothesispytest"]
        if not _is_configured(self.project):
            options += ["-c", str(self.folder / "pytest.ini")]
        return [*python, "-m", "pytest", *options, *self.paths]

    def _environment(self) -> dict[str, str]:
        given = self.settings.child_environment
        binaries = self.environment.python.parent
        paths = [self.folder / "plugin", *self.environment.python_path]
        return {
            **given,
            "PATH": f"{binaries}:{given.get('PATH', '/usr/bin:/bin')}",
            "VIRTUAL_ENV": str(binaries.parent),
            "PYTHONPATH": ":".join(str(path) for path in paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / "cache" / "hypothesis"),
            "TDEV_TEST_RECORD": str(self.folder / "record.jsonl"),
            "TDEV_TEST_CHOICE": str(self.folder / "plugin" / "choice.json"),
        }

    def _cell(self) -> Cell:
        """The clone may be changed, what measures may not; there is no network but its own loopback."""
        return repository_cell(
            self.settings,
            checkout_around(self.settings, self.project),
            environment=self._environment(),
            cwd=self.project,
            python=self.environment.python,
            writable=(self.folder,),
            read_only=tuple(self.folder / name for name in ("plugin", "pytest.ini", "coveragerc")),
            limits=self.limits,
        )

    def _with_coverage(self, result: TestRun) -> TestRun:
        """The run with its executed and missing lines; not ok when they can't be had."""
        done = run(
            self.settings,
            replace(self._cell(), cwd=self.folder),
            (self.environment.python, "-c", _REPORT, self.folder / "coveragerc", self.folder / "coverage.json"),
            timeout=_COVERAGE_SECONDS,
        )
        lines = read_coverage(read_left(self.folder, "coverage.json"), self.project)
        if not done.ok or lines is None:
            return result.model_copy(update={"ok": False, "reason": f"coverage could not be read: {done.tail(2)}"})
        return result.model_copy(update={"covered_lines": lines.executed, "missing_lines": lines.missing})


def _mentions_hypothesis(project: Path) -> bool:
    """True when a source or configuration file names Hypothesis; its plug-in takes a second to load."""
    for folder, folders, names in os.walk(project):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if name.endswith(_TELLING) and path.is_file() and b"hypothesis" in path.read_bytes():
                return True
    return False


def _is_configured(project: Path) -> bool:
    """True when the project, or the repository around it, configures pytest; folders above do not count."""
    around = (project, *project.parents)
    last = next((number for number, folder in enumerate(around) if (folder / ".git").exists()), 0)
    for folder in around[: last + 1]:
        if any((folder / name).is_file() for name in _CONFIGURATION_FILES):
            return True
        for name, section in _CONFIGURATION_SECTIONS:
            if (folder / name).is_file() and section in (folder / name).read_text("utf-8", "replace"):
                return True
    return False

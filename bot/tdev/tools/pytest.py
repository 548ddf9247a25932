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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.left import read_left
from tdev.adapters.sandbox.run import run
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.test_record import NO_TESTS, run_from_record, shortened
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.settings import Settings
from tdev.tools.coverage_report import read_coverage
from tdev.tools.pytest_place import CHOICE, RECORDER, Place
from tdev.tools.python_environment import PythonEnvironment, has_package

_COVERAGE_SECONDS = 120.0
_REPORT = (
    "import sys, coverage\n"
    "c = coverage.Coverage(config_file=sys.argv[1])\n"
    "c.combine()\n"
    "c.json_report(outfile=sys.argv[2], ignore_errors=True)\n"
)


UNITTEST_FILES = "test*.py tests.py"
"""What unittest and Django look for."""


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

    With a `choice` its tests alone are run, and `paths` do not count. Where pytest is not configured and finds nothing,
    it looks once more under the names that unittest goes by.

    A run that crashed, was stopped, found nothing or left no complete record is `ok=False` with the reason; failing
    tests are `ok=True` with their outcomes. Nothing is written into the project but what its tests write themselves.
    """
    paths = choice.files if choice else paths
    present = tuple(path for path in paths if (project / path).exists())
    if not project.is_dir() or (paths and not present):
        return TestRun(ok=False, reason="no tests were found")
    result = TestRun(ok=False)
    for patterns in ("", UNITTEST_FILES):
        with private_folder("tests") as folder:
            place = Place(environment, project.resolve(), settings, folder, limits, patterns)
            result = _Run(place, present, choice).run(timeout, coverage)
            if choice or place.is_configured or not result.reason.startswith(NO_TESTS):
                break
    return result


@dataclass(frozen=True)
class _Run:
    """One test run."""

    place: Place
    paths: tuple[str, ...]
    choice: Choice | None

    def run(self, timeout: float, coverage: bool) -> TestRun:
        """Run pytest and read its record."""
        self._prepare()
        place = self.place
        done = run(place.settings, self._cell(), self._command(coverage), timeout=timeout)
        record = read_left(place.folder, "record.jsonl") or b""
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
        if self.choice and (others := self._not_chosen(result)):
            reason = f"{len(others)} tests ran that were not chosen, the first is {others[0]}"
            return result.model_copy(update={"ok": False, "reason": reason})
        if not coverage or not result.ok:
            return result
        return self._with_coverage(result)

    def _not_chosen(self, result: TestRun) -> list[str]:
        """Tests that ran although a choice leaves them out: something has switched the choice off."""
        chosen = set(self.choice.ids if self.choice else ())
        return [test for test in result.outcomes if "::" in test and test not in chosen]

    @property
    def _plugins(self) -> tuple[str, ...]:
        return (RECORDER, CHOICE) if self.choice else (RECORDER,)

    def _prepare(self) -> None:
        """Lay out the private folder: what it always holds, what is chosen, coverage's configuration."""
        place = self.place
        place.prepare(*self._plugins)
        if self.choice:
            (place.plugins / "choice.json").write_text(json.dumps(asdict(self.choice)))
        greenlet = has_package(place.environment, "greenlet")
        (place.folder / "coveragerc").write_text(
            "[run]\n"
            f"source = {place.project}\n"
            f"data_file = {place.folder / 'coverage'}\n"
            "parallel = true\n"
            "patch = subprocess\n"
            f"concurrency = {'thread, greenlet' if greenlet else 'thread'}\n"
            "[report]\n"
            "include_namespace_packages = true\n"
        )

    def _command(self, coverage: bool) -> list[str | Path]:
        python: list[str | Path] = [self.place.environment.python]
        if coverage:
            python += ["-m", "coverage", "run", f"--rcfile={self.place.folder / 'coveragerc'}"]
        options = [f"--junit-xml={self.place.folder / 'junit.xml'}", "--continue-on-collection-errors"]
        return [*python, "-m", "pytest", *self.place.options(*self._plugins), *options, *self.paths]

    def _cell(self) -> Cell:
        """An order of their own goes with hashes of their own."""
        variables = {"TDEV_TEST_RECORD": str(self.place.folder / "record.jsonl")}
        if self.choice:
            variables["TDEV_TEST_CHOICE"] = str(self.place.plugins / "choice.json")
            variables["PYTHONHASHSEED"] = str(self.choice.seed % 2**32)
        return self.place.cell(variables, "coveragerc")

    def _with_coverage(self, result: TestRun) -> TestRun:
        """The run with its executed and missing lines; not ok when they can't be had."""
        place = self.place
        done = run(
            place.settings,
            replace(self._cell(), cwd=place.folder),
            (place.environment.python, "-c", _REPORT, place.folder / "coveragerc", place.folder / "coverage.json"),
            timeout=_COVERAGE_SECONDS,
        )
        lines = read_coverage(read_left(place.folder, "coverage.json"), place.project)
        if not done.ok or lines is None:
            return result.model_copy(update={"ok": False, "reason": f"coverage could not be read: {done.tail(2)}"})
        found = {"covered_lines": lines.executed, "missing_lines": lines.missing, "excluded_lines": lines.excluded}
        return result.model_copy(update=found)

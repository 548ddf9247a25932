"""Run by a project's own interpreter, in the sandbox: each mutant is written into the clone and tests are run on it.

Like tools/pytest_recorder.py it imports nothing of T-Developer. Comes in: the path of a JSON file with `options` (of
pytest), `ids` (tests that pass), `reached` (texts by path that say which function is run), `mutants` (`path`, `text`,
`key`), `seconds` for all, and `clean_seconds` for the run before anything is changed. Goes out, to the file that
`TDEV_MUTANT_RECORD` names: one JSON object per line, `clean` with how many tests pass before anything is changed,
`mutant` with `number`, `outcome` (`killed`, `survived`, `unreached`, `unclear`) and the test `files` that were run, and
`finish`.

pytest is imported and configured once, and every run is a fork of that: no module of the project that a mutant changes
is imported before. Where the project's conftest.py or plug-ins import one, each run is configured anew. A mutant is
tried on the tests that run its function, up to the first that fails.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import importlib.metadata
import importlib.util
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

_SLOWER = 10.0
_LEAST_SECONDS = 5.0
_PAUSE = 0.005
_OUTCOMES = {0: "survived", 1: "killed", 2: "killed", 3: "killed", 4: "killed"}
"""By pytest's exit code; a module that can't be imported is found out as well."""


class Reached:
    """A plug-in of the clean run: which tests pass, how long they take, and which functions they run."""

    def __init__(self) -> None:
        self.test = ""
        self.tests: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = defaultdict(float)
        self.bad: set[str] = set()
        self.passed: set[str] = set()
        builtins.tdev_reached = self.note  # type: ignore[attr-defined]

    def note(self, key: str) -> None:
        """A function is run. What is run outside of a test concerns every test: its name is empty."""
        self.tests[key].add(self.test)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """The test that runs now."""
        self.test = str(item.nodeid)
        yield
        self.test = ""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """What is set up for several tests belongs to none."""
        test, self.test = self.test, self.test if fixturedef.scope == "function" else ""
        yield
        self.test = test

    def pytest_runtest_logreport(self, report: Any) -> None:
        """How one phase ended."""
        test = str(report.nodeid)
        self.seconds[test] += float(report.duration)
        if report.failed:
            self.bad.add(test)
        elif report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.passed.add(test)

    def told(self) -> dict[str, Any]:
        """What was seen, as JSON can say it."""
        passed = self.passed - self.bad
        tests = {key: sorted(names) for key, names in self.tests.items()}
        return {"passed": sorted(passed), "tests": tests, "seconds": {test: self.seconds[test] for test in passed}}


def main() -> None:
    """Do the job."""
    started, job = time.monotonic(), json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sys.path[0] = str(Path.cwd())
    _warm_up(job["options"])
    clean = _clean(job)
    _write("clean", exit_code=clean["exit_code"], passed=len(clean["passed"]))
    trials = Trials(job, clean, started + job["seconds"])
    _forked(trials.configured, job["seconds"] + job["clean_seconds"])
    trials.take()
    trials.rest()
    trials.write()
    _write("finish")


def _warm_up(options: list[str]) -> None:
    """Import what every run needs and what is none of the project's own, and keep the collector away from it."""
    from _pytest.config import default_plugins

    plugins = [f"_pytest.{name}" for name in default_plugins]
    for entry in importlib.metadata.entry_points(group="pytest11"):
        if f"no:{entry.name}" not in options and not _is_here(entry.module):
            plugins.append(entry.module)
    for plugin in plugins:
        with suppress(Exception):
            importlib.import_module(plugin)
    gc.collect()
    gc.freeze()


def _is_here(module: str) -> bool:
    """True for a module of the project, or one that can't be found."""
    with suppress(Exception):
        found = importlib.util.find_spec(module.partition(".")[0])
        places = [found.origin, *(found.submodule_search_locations or ())] if found else []
        return not places or any(Path(place or ".").resolve().is_relative_to(Path.cwd()) for place in places)
    return True


def _clean(job: dict[str, Any]) -> dict[str, Any]:
    """The run before anything is changed; its output is kept."""
    place = Path(os.environ["TDEV_MUTANT_RECORD"]).with_name("clean.json")

    def run() -> int:
        reached = Reached()
        code = int(pytest.main([*job["options"], *_files(job["ids"])], plugins=[reached]))
        place.write_text(json.dumps({**reached.told(), "exit_code": code}))
        return code

    with _written(job["reached"]):
        _chosen(job["ids"])
        code = _forked(run, job["clean_seconds"])
    known = json.loads(place.read_text()) if place.exists() else {"passed": [], "tests": {}, "seconds": {}}
    return {**known, "exit_code": code}


class Trials:
    """A plug-in that tries the mutants, from a pytest that has read its settings and not yet collected anything."""

    def __init__(self, job: dict[str, Any], clean: dict[str, Any], deadline: float) -> None:
        self.mutants, self.clean, self.deadline = job["mutants"], clean, deadline
        self.options = [*job["options"], "-x"]
        self.texts = {mutant["path"]: Path(mutant["path"]).read_bytes() for mutant in self.mutants}
        self.codes: dict[int, int] = {}
        self.ears, self.mouth = os.pipe()

    def configured(self) -> int:
        """Let pytest read its settings for all files; the rest happens where it would collect them."""
        _silence()
        return int(pytest.main([*self.options, *_files(self.clean["passed"])], plugins=[self]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: Any) -> None:
        """Try one mutant after another: a child goes on from here, to collect and run the tests of its mutant."""
        if self._imported() or not self.clean["passed"]:
            os._exit(0)
        gc.freeze()
        for number in chain((None,), self._left()):
            ids = self._ids(number or 0) or self.clean["passed"]
            self._put(number)
            child = os.fork()
            if child == 0:
                os.setsid()
                os.close(self.mouth)
                session.config.args[:] = _files(ids)
                return
            code = _ended(child, self._longest(ids))
            if number is not None:
                os.write(self.mouth, f"{number} {code}\n".encode())
            elif code != 0:
                # what passed a moment ago does not pass in a child: each gets a pytest of its own
                break
        os._exit(0)

    def take(self) -> None:
        """Take what the configured process has told, by a pipe that no test has: a record that tests have written to
        would have rows too many at the end.
        """
        os.close(self.mouth)
        with os.fdopen(self.ears, encoding="ascii") as told:
            self.codes = dict(tuple(map(int, line.split())) for line in told)  # type: ignore[misc]

    def rest(self) -> None:
        """Try what is left, each with a pytest of its own."""
        for number in self._left():
            ids = self._ids(number)
            arguments = [*self.options, *_files(ids)]

            def run(arguments: list[str] = arguments) -> int:
                _silence()
                return int(pytest.main(arguments))

            self._put(number)
            self.codes[number] = _forked(run, self._longest(ids))
        self._put(None)

    def _imported(self) -> bool:
        """True when the settings or plug-ins of the project have imported what is to be changed."""
        changed = {os.path.realpath(path) for path in self.texts}
        files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        return any(os.path.realpath(file) in changed for file in files if file)

    def write(self) -> None:
        """Write a row for each mutant, in order, as far as the time went."""
        for number in range(len(self.mutants)):
            ids = self._ids(number)
            if ids and number not in self.codes:
                return
            code = self.codes.get(number, 0)
            outcome = ("killed" if code < 0 else _OUTCOMES.get(code, "unclear")) if ids else "unreached"
            _write("mutant", number=number, outcome=outcome, files=_files(ids))

    def _left(self) -> Iterator[int]:
        """Mutants that are not tried yet and that a test runs, as long as there is time."""
        for number in range(len(self.mutants)):
            if number not in self.codes and self._ids(number):
                if time.monotonic() > self.deadline:
                    return
                yield number

    def _ids(self, number: int) -> list[str]:
        """The tests that run a mutant's function."""
        reached = self.clean["tests"].get(self.mutants[number]["key"], [])
        seconds: dict[str, float] = self.clean["seconds"]
        return self.clean["passed"] if "" in reached else [test for test in reached if test in seconds]

    def _longest(self, ids: list[str]) -> float:
        seconds: dict[str, float] = self.clean["seconds"]
        return max(_LEAST_SECONDS, _SLOWER * sum(seconds[test] for test in ids))

    def _put(self, number: int | None) -> None:
        """Write one mutant into the clone, and nothing else; choose its tests."""
        for path, text in self.texts.items():
            Path(path).write_bytes(text)
        if number is not None:
            Path(self.mutants[number]["path"]).write_bytes(self.mutants[number]["text"].encode("utf-8"))
        _chosen((self._ids(number or 0) if self.mutants else []) or self.clean["passed"])


def _silence() -> None:
    """Drop what is printed."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)


def _files(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(test.partition("::")[0] for test in ids))


def _chosen(ids: list[str]) -> None:
    """Tell tools/pytest_choice.py what to run."""
    Path(os.environ["TDEV_TEST_CHOICE"]).write_text(json.dumps({"ids": ids, "seed": 0}))


@contextmanager
def _written(texts: dict[str, str]) -> Iterator[None]:
    """These files have these texts, and afterwards again what they had."""
    old = {path: Path(path).read_bytes() for path in texts}
    try:
        for path, text in texts.items():
            Path(path).write_bytes(text.encode("utf-8"))
        yield
    finally:
        for path, content in old.items():
            Path(path).write_bytes(content)


def _forked(run: Callable[[], int], seconds: float) -> int:
    """The exit code of a run in a child."""
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 3
        try:
            code = run()
        finally:
            sys.stdout.flush()
            os._exit(code)
    return _ended(child, seconds)


def _ended(child: int, seconds: float) -> int:
    """The exit code of a child; negative when it was ended, by us after so many seconds or by a signal."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_PAUSE)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _write(kind: str, **values: Any) -> None:
    with Path(os.environ["TDEV_MUTANT_RECORD"]).open("a", encoding="ascii") as record:
        record.write(json.dumps({"kind": kind, **values}) + "\n")


if __name__ == "__main__":
    main()

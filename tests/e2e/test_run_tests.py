"""Real pytest runs in small projects that do their best to make a run look better than it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.settings import Settings
from tdev.tools.pytest import Choice, run_tests
from tdev.tools.python_environment import PythonEnvironment, ensure

pytestmark = pytest.mark.e2e

SOURCE = "def double(x):\n    return 2 * x\n\n\ndef never():\n    return 0\n"
TEST = "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n"

Run = Callable[..., TestRun]


@pytest.fixture
def environment_for(settings: Settings, shared_state: Path) -> Callable[[Path], PythonEnvironment]:
    """One environment for all projects without dependencies: made once, pointed at each."""
    return lambda project: ensure(settings, project, shared_state / "plain-environment", 300)


@pytest.fixture
def run(tmp_path: Path, settings: Settings, environment_for: Callable[[Path], PythonEnvironment]) -> Run:
    """Write a project and run its tests."""

    def run_project(files: Mapping[str, str | bytes], timeout: float = 60, coverage: bool = True) -> TestRun:
        project = tmp_path / "project"
        for name, content in {"calc.py": SOURCE, **files}.items():
            file = project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        before = sorted(project.rglob("*"))
        result = run_tests(environment_for(project), project, settings, timeout, coverage)
        assert sorted(project.rglob("*")) == before, "the run left files in the project"
        return result

    return run_project


def test_a_passing_test_and_its_coverage(run: Run) -> None:
    result = run({"tests/test_calc.py": TEST})
    assert result.ok, result.reason
    assert result.outcomes == {"tests/test_calc.py::test_double": TestOutcome.PASSED}
    assert result.covered_lines == {"calc.py": (1, 2, 5)}
    assert result.missing_lines == {"calc.py": (6,)}


def test_without_coverage_nothing_is_said_of_lines(run: Run) -> None:
    result = run({"test_calc.py": TEST}, coverage=False)
    assert result.ok and not result.covered_lines and not result.missing_lines


def test_a_failing_test_keeps_its_text(run: Run) -> None:
    result = run({"test_calc.py": TEST + "\n\ndef test_wrong():\n    assert double(2) == 5\n"})
    assert result.ok
    assert result.outcomes["test_calc.py::test_wrong"] is TestOutcome.FAILED
    assert "assert 4 == 5" in result.failures["test_calc.py::test_wrong"]


def test_ids_of_classes_parameters_and_unittest_are_exact(run: Run) -> None:
    body = (
        "import unittest\nimport pytest\n\n\n"
        "class TestA:\n    @pytest.mark.parametrize('x', ['a/b', 'ü', 'x::y', ''])\n"
        "    def test_p(self, x):\n        assert x != 'ü'\n\n\n"
        "class Old(unittest.TestCase):\n    def test_old(self):\n        self.assertEqual(1, 1)\n"
        "    def test_sub(self):\n        for i in range(3):\n            with self.subTest(i=i):\n"
        "                self.assertNotEqual(i, 1)\n"
    )
    result = run({"test_ids.py": body})
    assert result.ok
    assert result.outcomes["test_ids.py::TestA::test_p[a/b]"] is TestOutcome.PASSED
    assert result.outcomes["test_ids.py::TestA::test_p[x::y]"] is TestOutcome.PASSED
    assert [i for i, o in result.outcomes.items() if "test_p" in i and o is TestOutcome.FAILED]
    assert result.outcomes["test_ids.py::Old::test_old"] is TestOutcome.PASSED
    assert result.outcomes["test_ids.py::Old::test_sub"] is TestOutcome.FAILED


MANY = (
    "import pytest\n\n\n@pytest.mark.parametrize('x', range(9))\ndef test_x(x):\n    pass\n\n\n"
    "def test_y():\n    pass\n"
)


def choose(environment: PythonEnvironment, project: Path, settings: Settings, seed: int) -> TestRun:
    ids = tuple(f"test_many.py::test_x[{number}]" for number in range(1, 9))
    return run_tests(environment, project, settings, 60, False, choice=Choice(ids, seed))


def test_chosen_tests_alone_are_run_and_in_the_order_of_a_seed(
    run: Run, tmp_path: Path, settings: Settings, environment_for: Callable[[Path], PythonEnvironment]
) -> None:
    assert len(run({"test_many.py": MANY}, coverage=False).outcomes) == 10
    project = tmp_path / "project"
    environment = environment_for(project)
    plain, one, again, other = (list(choose(environment, project, settings, seed).outcomes) for seed in (0, 5, 5, 6))
    assert plain == [f"test_many.py::test_x[{number}]" for number in range(1, 9)]
    assert one == again != plain and one != other != plain and set(one) == set(other) == set(plain)
    (project / "pytest.ini").write_text("[pytest]\naddopts = -p no:tdev_pytest_choice\n")
    assert list(choose(environment, project, settings, 5).outcomes) == one
    hook = "def pytest_configure(config):\n    config.pluginmanager.unregister(name='tdev_pytest_choice')\n"
    (project / "conftest.py").write_text(hook)
    switched_off = choose(environment, project, settings, 5)
    assert not switched_off.ok and "not chosen" in switched_off.reason


@pytest.mark.parametrize("name", ["tests/testcalc.py", "calcs/tests.py"])
def test_files_that_only_unittest_looks_for(run: Run, name: str) -> None:
    body = (
        "import unittest\nfrom calc import double\n\n\nclass Case(unittest.TestCase):\n"
        "    def setUp(self):\n        self.two = 2\n\n"
        "    def test_two(self):\n        self.assertEqual(double(self.two), 4)\n\n"
        "    def test_wrong(self):\n        self.assertEqual(double(self.two), 5)\n"
    )
    result = run({name: body, name.replace(".py", "_data.txt"): ""})
    assert result.ok, result.reason
    ended = {test.rpartition("::")[2]: outcome.value for test, outcome in result.outcomes.items()}
    assert ended == {"test_two": "passed", "test_wrong": "failed"}
    assert result.covered_lines["calc.py"] == (1, 2, 5)


def test_fixtures_that_fail_and_expected_failures(run: Run) -> None:
    body = (
        "import pytest\n\n\n@pytest.fixture\ndef broken():\n    raise RuntimeError('set-up')\n\n\n"
        "@pytest.fixture\ndef late():\n    yield\n    raise RuntimeError('teardown')\n\n\n"
        "def test_setup(broken):\n    pass\n\n\ndef test_teardown(late):\n    pass\n\n\n"
        "@pytest.mark.xfail\ndef test_x():\n    assert False\n\n\n@pytest.mark.xfail\ndef test_xpass():\n    pass\n\n\n"
        "@pytest.mark.skip\ndef test_skip():\n    pass\n"
    )
    outcomes = {name.partition("::")[2]: value.value for name, value in run({"test_it.py": body}).outcomes.items()}
    assert outcomes == {
        "test_setup": "error",
        "test_teardown": "error",
        "test_x": "skipped",
        "test_xpass": "skipped",
        "test_skip": "skipped",
    }


@pytest.mark.parametrize(
    "body",
    [
        "import os\n\n\ndef test_exit():\n    os._exit(0)\n",
        "import os, signal\n\n\ndef test_killed():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
        "import pytest\n\n\ndef test_exit():\n    pytest.exit('x', returncode=0)\n\n\ndef test_b():\n    pass\n",
        "import glob, os\n\n\ndef test_delete():\n    os.unlink(os.environ['TDEV_TEST_RECORD'])\n",
        "import os\n\n\ndef test_scribble():\n    open(os.environ['TDEV_TEST_RECORD'], 'a').write('{nonsense')\n",
    ],
    ids=["os._exit(0)", "killed", "pytest.exit", "report deleted", "report damaged"],
)
def test_a_run_that_does_not_come_to_its_end_is_no_evidence(run: Run, body: str) -> None:
    result = run({"test_a.py": TEST, "test_z.py": body})
    assert not result.ok
    assert result.reason


def test_the_reason_names_the_test_that_ended_the_interpreter(run: Run) -> None:
    result = run({"test_z.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"})
    assert "test_z.py::test_exit" in result.reason


def test_an_infinite_loop_is_stopped_and_named(run: Run) -> None:
    started = time.monotonic()
    result = run({"test_loop.py": "def test_loop():\n    while True:\n        pass\n"}, timeout=5)
    assert time.monotonic() - started < 15
    assert not result.ok
    assert "stopped after 5 s" in result.reason and "test_loop.py::test_loop" in result.reason


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"test_empty.py": ""},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n", "test_calc.py": TEST},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n", "test_calc.py": TEST},
    ],
    ids=["no file", "empty file", "collect only", "all deselected"],
)
def test_no_tests_is_not_a_pass(run: Run, files: dict[str, str]) -> None:
    result = run(files)
    assert not result.ok
    assert result.reason.startswith("no tests were found") or "no outcome" in result.reason


def test_a_conftest_with_a_syntax_error(run: Run) -> None:
    result = run({"conftest.py": "def (:\n", "test_calc.py": TEST})
    assert not result.ok
    assert "could not start" in result.reason and "conftest" in result.reason


def test_a_file_that_can_not_be_collected_is_an_error_beside_the_others(run: Run) -> None:
    result = run({"test_calc.py": TEST, "test_broken.py": "import nothing_of_the_kind\n"})
    assert result.ok
    assert result.outcomes["test_broken.py"] is TestOutcome.ERROR
    assert result.outcomes["test_calc.py::test_double"] is TestOutcome.PASSED


def test_a_source_file_with_a_syntax_error(run: Run) -> None:
    result = run({"calc.py": "def double(x:\n", "test_calc.py": TEST})
    assert result.ok
    assert result.outcomes == {"test_calc.py": TestOutcome.ERROR}
    assert "calc.py" not in result.covered_lines


@pytest.mark.parametrize(
    "options",
    ["-x", "--maxfail=1", "--cov=calc --cov-fail-under=100", "--lf", "-p no:cacheprovider", "-q --tb=no", "--no-cov"],
)
def test_options_of_the_project_do_not_change_the_outcomes(run: Run, options: str) -> None:
    files = {
        "pyproject.toml": f"[tool.pytest.ini_options]\naddopts = '{options}'\n",
        "test_a.py": "def test_fails():\n    assert False\n",
        "test_calc.py": TEST,
    }
    result = run(files)
    assert result.ok, result.reason
    assert [outcome.value for outcome in result.outcomes.values()] == ["failed", "passed"]
    assert result.missing_lines == {"calc.py": (6,)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".coveragerc", "[run]\nomit = calc.py\n[report]\nexclude_lines = .*\n"),
        ("pyproject.toml", "[tool.coverage.run]\nomit = ['calc.py']\n"),
        ("setup.cfg", "[coverage:run]\nomit = calc.py\n"),
    ],
)
def test_coverage_can_not_be_switched_off_by_configuration(run: Run, name: str, content: str) -> None:
    result = run({name: content, "test_calc.py": TEST})
    assert result.missing_lines == {"calc.py": (6,)}


def test_lines_that_a_comment_takes_out_are_told_apart(run: Run) -> None:
    result = run({"calc.py": SOURCE.replace("never():", "never():  # pragma: no cover"), "test_calc.py": TEST})
    assert result.missing_lines == {"calc.py": ()} and result.excluded_lines == {"calc.py": (5, 6)}


def test_files_that_no_test_imports_count_as_missing(run: Run) -> None:
    result = run({"test_calc.py": TEST, "src/other/forgotten.py": "x = 1\n", "noxfile.py": "x = 1\n"})
    assert result.missing_lines["src/other/forgotten.py"] == (1,)
    assert "noxfile.py" not in result.missing_lines


def test_code_that_only_a_child_process_runs_is_covered(run: Run) -> None:
    body = (
        "import subprocess, sys\n\n\ndef test_child():\n"
        "    subprocess.run([sys.executable, '-c', 'import calc; calc.never()'], check=True)\n"
    )
    result = run({"test_child.py": body})
    assert result.ok, result.reason
    assert result.covered_lines["calc.py"] == (1, 5, 6)


def test_much_output_and_bytes_that_are_no_text(run: Run) -> None:
    body = (
        "import sys\n\n\ndef test_loud():\n    for i in range(5000):\n        print('line', i)\n"
        "    sys.stdout.buffer.write(b'\\xff\\xfe')\n    assert False\n"
    )
    result = run({"test_loud.py": body, "latin.py": b"# caf\xe9\nx = 1\n", "test_calc.py": TEST})
    assert result.ok, result.reason
    assert len(result.failures["test_loud.py::test_loud"]) <= 2000
    assert result.outcomes["test_calc.py::test_double"] is TestOutcome.PASSED


def test_the_surroundings_hold_no_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-not-for-tests")
    body = (
        "import os\n\n\ndef test_env():\n"
        "    assert not [k for k in os.environ if k.startswith(('ANTHROPIC_', 'PIP_', 'UV_'))]\n"
    )
    result = run({"test_env.py": body})
    assert result.outcomes == {"test_env.py::test_env": TestOutcome.PASSED}


def test_a_folder_that_is_not_there_has_no_tests(
    settings: Settings, tmp_path: Path, environment_for: Callable[[Path], PythonEnvironment]
) -> None:
    missing = tmp_path / "nowhere"
    result = run_tests(environment_for(tmp_path), missing, settings, 30)
    assert not result.ok and result.reason == "no tests were found"

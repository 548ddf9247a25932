"""mutmut itself, and the run of its mutants in the sandbox: what they answer, and that no answer is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tdev.core.mutants import Mutant
from tdev.policy.sandbox import USUAL_LIMITS
from tdev.settings import Settings
from tdev.tools import mutant_maker
from tdev.tools.mutant_runs import Stand, Tried, try_mutants
from tdev.tools.mutmut import Made, Source, make_mutants
from tdev.tools.python_environment import ensure

pytestmark = pytest.mark.e2e

CODE = '''def grade(points):
    """In words."""
    if points > 50:
        return "good"
    return "bad"


def unused(x):
    return x + 1


class Box:
    @property
    def size(self):
        return 1

    def twice(self, x):
        return x * 2
'''
TEST = (
    "import pytest\nfrom calc import Box, grade\n\n\n"
    "def test_good():\n    assert grade(60) == 'good'\n\n\ndef test_bad():\n    assert grade(10) == 'bad'\n\n\n"
    "@pytest.fixture(scope='module')\ndef four():\n    return Box().twice(2)\n\n\n"
    "def test_first(four):\n    pass\n\n\ndef test_box(four):\n    assert four == 4\n\n\n"
    "def test_fails():\n    assert grade(1) == 'never'\n"
)
IDS = ("test_calc.py::test_good", "test_calc.py::test_bad", "test_calc.py::test_first", "test_calc.py::test_box")
ALL = frozenset(range(1, 30))

FORGER = """import json, os, signal

def pytest_sessionfinish():
    with open(os.environ["TDEV_MUTANT_RECORD"], "a+") as record:
        record.seek(0)
        seen = record.read()
        if '"clean"' in seen and "forged" not in seen:
            for number in range(2):
                row = {"kind": "mutant", "number": number, "outcome": "killed", "files": ["forged"]}
                record.write(json.dumps(row) + "\\n")
            record.flush()
            os.kill(os.getppid(), signal.SIGKILL)
"""
Try = Callable[..., dict[str, str]]


def made(settings: Settings, text: str = CODE, timeout: float = 60) -> Made:
    return make_mutants(settings, {"calc.py": Source(text, ALL)}, timeout)


@pytest.fixture
def tried(tmp_path: Path, settings: Settings, shared_state: Path) -> Callable[..., Tried]:
    """Write a project and try mutants on it."""

    def run(mutants: tuple[Mutant, ...], files: Mapping[str, str] | None = None, seconds: float = 60) -> Tried:
        project = tmp_path / "project"
        project.mkdir(exist_ok=True)
        texts = {"calc.py": CODE, "test_calc.py": TEST, **(files or {})}
        for name, text in texts.items():
            (project / name).write_text(text)
        environment = ensure(settings, project, shared_state / "plain-environment", 300)
        stand = Stand(settings, environment, project, project, USUAL_LIMITS)
        result = try_mutants(stand, mutants, {"calc.py": CODE}, IDS, seconds)
        assert result.failure or {name: (project / name).read_text() for name in texts} == texts
        return result

    return run


def test_mutants_are_inside_functions_and_not_of_decorated_ones(settings: Settings) -> None:
    answer = made(settings)
    assert not answer.failure and not answer.unread
    assert {mutant.function.name for mutant in answer.mutants} == {"grade", "unused", "Box.twice"}
    told = {mutant.told(CODE) for mutant in answer.mutants}
    assert {"if points > 50: -> if points >= 50:", "return x * 2 -> return x / 2"} <= told
    assert sum("good" in each.casefold() for each in told) == 1


def test_how_another_program_is_spoken_to_is_left_alone(settings: Settings) -> None:
    text = (
        "import subprocess\n\n\ndef answers(host, program='ping', count=3):\n    if count > 2:\n        return 'many'\n"
        "    done = subprocess.run([program, '-c', round(count, 2), host], check=False, timeout=5)\n"
        "    return done.returncode == 0\n"
    )
    answer = make_mutants(settings, {"calc.py": Source(text, ALL)}, 60)
    told = {mutant.told(text).partition(" -> ")[2] for mutant in answer.mutants}
    called = "done = subprocess.run([program, '-c', round(count, 3), host], check=False, timeout=5)"
    assert {"if count >= 2:", "return 'XXmanyXX'", "return done.returncode != 0", called} <= told
    rest = " ".join(told - {called})
    assert not any(
        changed in rest for changed in ("XXping", "XX-c", "check=True", "timeout=6", "run(None", "host, count")
    )


@pytest.mark.parametrize("conftest", ["", "import calc\n"], ids=["plain", "settings import what is changed"])
def test_each_mutant_is_tried_on_the_tests_that_run_its_function(
    conftest: str, settings: Settings, tried: Callable[..., Tried]
) -> None:
    mutants = made(settings).mutants
    result = tried(mutants, {"conftest.py": conftest})
    assert not result.failure
    outcomes = {mutant.told(CODE): how for mutant, how in zip(mutants, result.outcomes, strict=True)}
    assert outcomes["if points > 50: -> if points >= 50:"] == "survived"
    assert outcomes["return x * 2 -> return x / 2"] == "killed"
    assert outcomes["return x + 1 -> return x - 1"] == "unreached"
    assert set(outcomes.values()) == {"killed", "survived", "unreached"}


def test_a_mutant_that_never_ends_is_noticed(tried: Callable[..., Tried], settings: Settings) -> None:
    first = made(settings).mutants[0]
    endless = first._replace(first=3, last=3, lines=("    while points:\n        pass\n    if points > 50:\n",))
    assert tried((endless,)).outcomes == ("killed",)


def test_what_the_time_does_not_allow_is_not_tried(settings: Settings, tried: Callable[..., Tried]) -> None:
    assert tried(made(settings).mutants, seconds=0.0) == Tried()


@pytest.mark.parametrize(
    "files",
    [
        {"test_calc.py": "def (:\n"},
        {"conftest.py": "import nothing_of_the_kind\n"},
        {"conftest.py": "import os\n\n\ndef pytest_sessionfinish():\n    os._exit(0)\n"},
        {
            "test_calc.py": TEST
            + "\n\ndef test_last():\n    import os, signal\n    os.kill(os.getppid(), signal.SIGKILL)\n"
        },
        {"conftest.py": FORGER},
    ],
    ids=["tests that can't be read", "conftest", "ends early", "kills the runner", "writes rows itself"],
)
def test_no_result_is_no_evidence(files: dict[str, str], settings: Settings, tried: Callable[..., Tried]) -> None:
    mutants = made(settings).mutants[:2]
    if "test_last" in files.get("test_calc.py", ""):
        files = {"test_calc.py": files["test_calc.py"].replace("test_last", "test_good")}
    result = tried(mutants, files)
    assert result.failure and not result.outcomes


def test_a_file_that_mutmut_can_not_read_is_told(settings: Settings) -> None:
    answer = made(settings, "def one(x:\n    return x\n")
    assert not answer.mutants and not answer.failure and "ParserSyntaxError" in answer.unread[0]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("", "can't be read"),
        ("print('{}')", "can't be read"),
        ("print('nonsense')", "can't be read"),
        ('print(\'{"calc.py": {"mutants": [{"first": 1}], "error": ""}}\')', "can't be read"),
        ("import time; time.sleep(60)", "stopped after"),
    ],
    ids=["crash", "nothing", "no file", "no JSON", "half", "endless"],
)
def test_no_answer_of_mutmut_is_no_evidence(
    script: str, said: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "maker.py").write_text(script)
    monkeypatch.setattr(mutant_maker, "__file__", str(tmp_path / "maker.py"))
    answer = made(settings, timeout=3)
    assert said in answer.failure and not answer.mutants

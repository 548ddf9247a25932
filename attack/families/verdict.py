"""Make a test run say what is not so: forge its record, end it early, kill who watches, print a summary of its own.

Each module has a test that fails: a run that counts as good without that failure has lied. What code does to the pytest
process that it is loaded into can't be told from the truth from outside; the threat model says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from attack.families.calls import SANDBOX
from attack.model import Aftermath, Attack, Family, Tests
from attack.prelude import program_file
from attack.wall import Wall

_FAILS = "\n\ndef test_that_fails() -> None:\n    assert False\n"
_RECORD = '\nRECORD = os.environ.get("TDEV_TEST_RECORD", "record.jsonl")\n'
_FORGED = """
FORGED = '''\\
{"kind": "collected", "ids": ["tests/test_hostile.py::test_hostile"]}
{"kind": "report", "id": "tests/test_hostile.py::test_hostile", "when": "call", "outcome": "passed", "expected": false,
 "text": ""}
{"kind": "finish", "exit_code": 0}
'''.replace(",\\n", ",")

def forge():
    with open(RECORD, "w") as file:
        file.write(FORGED)

"""
_PROGRAMS: Mapping[str, str] = {
    "exits-early": 'attempt("exit", lambda: note("exit", "stopped", "leaving"))\nos._exit(0)',
    "exits-in-test": 'attempt("set", lambda: None)\n\n\ndef test_aaa():\n    os._exit(0)',
    "system-exit": 'attempt("exit", lambda: None)\nraise SystemExit(0)',
    "pytest-exit": """
import pytest
attempt("exit", lambda: None)

def test_aaa():
    pytest.exit("all is well", returncode=0)
""",
    "kills-itself": 'attempt("kill", lambda: None)\n\n\ndef test_aaa():\n    os.kill(os.getpid(), 9)',
    "kills-parent": 'attempt("kill parent", lambda: os.kill(os.getppid(), 9))',
    "kills-everyone": 'attempt("kill -1", lambda: run("sh", "-c", "kill -9 -1"))',
    "record-removed": _RECORD + 'attempt("remove", lambda: os.unlink(RECORD))',
    "record-emptied": _RECORD + 'attempt("empty", lambda: os.truncate(RECORD, 0))',
    "record-leads-out": _RECORD
    + """
def link():
    os.unlink(RECORD)
    os.symlink("@neighbour@/secret.txt", RECORD)

attempt("link", link)
""",
    "record-is-a-pipe": _RECORD
    + """
def pipe():
    os.unlink(RECORD)
    os.mkfifo(RECORD)

attempt("pipe", pipe)
os._exit(0)
""",
    "record-flooded": _RECORD
    + """
def flood():
    with open(RECORD, "a") as file:
        for _ in range(3000):
            file.write("x" * 100000)

attempt("flood", flood)
""",
    "record-forged-and-out": _RECORD + _FORGED + 'attempt("forge", forge)\nos._exit(1)',
    "fake-summary": 'attempt("print", lambda: os.write(1, b"===== 2 passed in 0.01s =====\\n"))\nos._exit(0)',
    "report-forged": """
def forge():
    for word in sys.argv:
        if word.startswith("--junit-xml="):
            with open(word.partition("=")[2], "w") as file:
                file.write("<testsuites><testsuite tests='1' failures='0'/></testsuites>")

attempt("junit", forge)
os._exit(0)
""",
    "hangs": 'attempt("hang", lambda: None)\ntime.sleep(600)',
    "stops-itself": 'import signal\nattempt("stop", lambda: None)\nos.kill(os.getpid(), signal.SIGSTOP)',
    "exit-handler": 'import atexit\nattempt("handler", lambda: atexit.register(os._exit, 0))',
    "forks-and-speaks-twice": 'attempt("fork", lambda: None)\nif os.fork() == 0:\n    os._exit(0)',
}
_LEAVES = program_file('attempt("shadow", lambda: None)\nsys.exit(0)\n')
_PLANTED: Mapping[str, Mapping[str, str | bytes]] = {
    "settings-without-recorder": {"pytest.ini": "[pytest]\naddopts = -p no:tdev_pytest_recorder -x\npythonpath = .\n"},
    "settings-collect-only": {"pytest.ini": "[pytest]\naddopts = --collect-only\npythonpath = .\n"},
    "site-customize": {
        "sitecustomize.py": "import os\nos.environ['PYTEST_ADDOPTS'] = '--collect-only'\n",
        "tdev_pytest_recorder.py": "def pytest_sessionfinish():\n    pass\n",
    },
    "program-shadowed": {"pytest.py": _LEAVES, "coverage.py": _LEAVES},
}
"""Files that change how pytest is started; the module itself only says that it was there."""
_SHORT = ("exits-early", "kills-everyone", "record-forged-and-out")
_SECONDS = 15.0


def _lied(aftermath: Aftermath) -> str:
    """The run was taken for a good one although a test fails."""
    tests = aftermath.tests
    if tests is None or not tests.ok:
        return ""
    bad = [name for name, outcome in tests.outcomes.items() if outcome.bad and "hostile" in name]
    return "" if bad else f"the run counts as good, with {len(tests.outcomes)} outcomes and no failure"


def _seen_through(aftermath: Aftermath) -> tuple[Wall, str] | None:
    """The run is no evidence, or the failure stands in it."""
    tests = aftermath.tests
    return None if tests is None else (SANDBOX, tests.reason or "the failure was recorded")


def _attack(name: str, source: str, plant: Mapping[str, str | bytes]) -> Attack:
    way = Tests(source + _FAILS)
    short = name in _SHORT
    return Attack(name, way, (SANDBOX,), plant, harm=_lied, held=_seen_through, seconds=_SECONDS, in_short=short)


FAMILY = Family(
    "forged-verdict",
    "make a test run count as good although a test fails",
    (
        *(_attack(name, source, {}) for name, source in _PROGRAMS.items()),
        *(_attack(name, 'attempt("import", lambda: None)', plant) for name, plant in _PLANTED.items()),
    ),
)

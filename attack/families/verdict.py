"""Make a test run say what is not so: forge its record, end it early, kill who watches, print a summary of its own."""

from __future__ import annotations

from attack.aftermath import Aftermath
from attack.families.calls import SANDBOX
from attack.model import Attack, Family, Tests, Wall

_FAILS = "\n\ndef test_that_fails() -> None:\n    assert False\n"
"""Every module of this family has a test that fails: a run that says otherwise lies."""


def _lied(aftermath: Aftermath) -> str:
    """The run was taken for a good one although a test fails."""
    tests = aftermath.tests
    if tests is None or not tests.ok:
        return ""
    bad = [name for name, outcome in tests.outcomes.items() if outcome.bad and "hostile" in name]
    return "" if bad else f"the run counts as good, with {len(tests.outcomes)} outcomes and no failure"


def _seen_through(aftermath: Aftermath) -> tuple[Wall, str] | None:
    tests = aftermath.tests
    if tests is None or not any(note.end == "tried" for note in aftermath.notes):
        return None
    return SANDBOX, tests.reason or "the failure was recorded"


def _test(name: str, source: str, plant: dict[str, str | bytes] | None = None, **more: object) -> Attack:
    files = plant or {}
    return Attack(name, Tests(source + _FAILS), (SANDBOX,), files, harm=_lied, held=_seen_through, **more)  # type: ignore[arg-type]


_RECORD = 'os.environ.get("TDEV_TEST_RECORD", "record.jsonl")'
_FORGED = (
    '\'{"kind": "collected", "ids": ["tests/test_hostile.py::test_hostile"]}\\n'
    '{"kind": "report", "id": "tests/test_hostile.py::test_hostile", "when": "call", "outcome": "passed", "expected": false, "text": ""}\\n'
    '{"kind": "finish", "exit_code": 0}\\n\''
)

FAMILY = Family(
    "forged-verdict",
    "make a test run count as good although a test fails",
    (
        _test("exits-early", 'attempt("exit", lambda: note("exit", "stopped", "leaving"))\nos._exit(0)', in_short=True),
        _test("exits-in-test", 'attempt("set", lambda: None)\n\n\ndef test_aaa():\n    os._exit(0)'),
        _test("system-exit", 'attempt("exit", lambda: None)\nraise SystemExit(0)'),
        _test(
            "pytest-exit",
            'import pytest\nattempt("exit", lambda: None)\n\n\ndef test_aaa():\n    pytest.exit("all is well", returncode=0)',
        ),
        _test("kills-itself", 'attempt("kill", lambda: None)\n\n\ndef test_aaa():\n    os.kill(os.getpid(), 9)'),
        _test("kills-parent", 'import signal\nattempt("kill parent", lambda: os.kill(os.getppid(), signal.SIGKILL))'),
        _test("kills-everyone", 'attempt("kill -1", lambda: run("sh", "-c", "kill -9 -1"))', in_short=True),
        _test("record-removed", f'attempt("remove", lambda: os.unlink({_RECORD}))'),
        _test("record-emptied", f'attempt("empty", lambda: os.truncate({_RECORD}, 0))'),
        _test(
            "record-link-out",
            f'def link():\n    os.unlink({_RECORD})\n    os.symlink("@neighbour@/secret.txt", {_RECORD})\n\nattempt("link", link)',
        ),
        _test(
            "record-fifo",
            f'def fifo():\n    os.unlink({_RECORD})\n    os.mkfifo({_RECORD})\n\nattempt("fifo", fifo)\nos._exit(0)',
        ),
        _test(
            "record-flood",
            f'def flood():\n    with open({_RECORD}, "a") as file:\n        for _ in range(3000):\n            file.write("x" * 100000)\n\nattempt("flood", flood)',
        ),
        _test(
            "record-forged-and-out",
            f'def forge():\n    with open({_RECORD}, "w") as file:\n        file.write({_FORGED})\n\nattempt("forge", forge)\nnote("forge", "stopped", "exit code and record disagree")\nos._exit(1)',
        ),
        _test(
            "fake-summary", 'attempt("print", lambda: os.write(1, b"===== 2 passed in 0.01s =====\\n"))\nos._exit(0)'
        ),
        _test(
            "junit-forged",
            'def forge():\n    for word in sys.argv:\n        if word.startswith("--junit-xml="):\n            with open(word.partition("=")[2], "w") as file:\n                file.write("<testsuites><testsuite tests=\'1\' failures=\'0\'/></testsuites>")\n\nattempt("junit", forge)\nos._exit(0)',
        ),
        _test(
            "settings-deselect",
            'attempt("settings", lambda: None)',
            {"pytest.ini": "[pytest]\naddopts = -p no:tdev_pytest_recorder --exitfirst\npythonpath = .\n"},
        ),
        _test(
            "settings-collect-only",
            'attempt("settings", lambda: None)',
            {"pytest.ini": "[pytest]\naddopts = --collect-only\npythonpath = .\n"},
        ),
        _test(
            "site-customize",
            'attempt("import", lambda: None)',
            {
                "sitecustomize.py": "import os\nos.environ['PYTEST_ADDOPTS'] = '--collect-only'\n",
                "tdev_pytest_recorder.py": "def pytest_sessionfinish():\n    pass\n",
            },
        ),
        _test(
            "plug-in-shadowed",
            'attempt("import", lambda: None)',
            {"pytest.py": "import sys\nsys.exit(0)\n", "coverage.py": "import sys\nsys.exit(0)\n"},
        ),
        _test("hangs", 'attempt("hang", lambda: None)\ntime.sleep(600)', seconds=8.0),
        _test(
            "stops-itself",
            'import signal\nattempt("stop", lambda: None)\nos.kill(os.getpid(), signal.SIGSTOP)',
            seconds=8.0,
        ),
        _test("exit-handler", 'import atexit\nattempt("handler", lambda: atexit.register(os._exit, 0))'),
        _test("forks-and-speaks-twice", 'attempt("fork", lambda: None)\nif os.fork() == 0:\n    os._exit(0)'),
    ),
)

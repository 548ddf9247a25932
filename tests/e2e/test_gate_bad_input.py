"""`tdev gate` on repositories that are odd, broken or hostile: the verdict stays right, and nothing gets out.

Few runs, each with several things that do not hide each other. What is measured of the common base is kept between
them, as it is on a developer's machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Patch, Verdict
from tdev.core.artifacts.evaluation import TestOutcome
from tdev.core.artifacts.verdict import Outcome
from tdev.errors import Refused
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

SOURCE = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
TEST = "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
MORE = '\n\ndef half(x: int) -> float:\n    """Half of x."""\n    return x / 2\n'
MORE_TEST = "\n\ndef test_half():\n    from calc import half\n\n    assert half(4) == 2\n"
BASE: dict[str, str | bytes] = {"calc.py": SOURCE, "test_calc.py": TEST, "pkg/__init__.py": '"""A package."""\n'}
PROVEN = ("tests-ran", "tests-kept", "no-new-failures", "changed-coverage", "coverage")
_SECONDS = 300

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stays from one judgement to the next."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def settings(settings: Settings, kept: Path) -> Settings:
    """Settings with a home that all tests here share."""
    for name in ("tools", "cache"):
        if not (kept / name).exists():
            (kept / name).symlink_to((settings.home / name).resolve() if name == "tools" else settings.home / name)
    return replace(settings, home=kept)


def write(repository: Path, files: Mapping[str | bytes, str | bytes]) -> None:
    """Put files into a work tree and commit them; a name may be any bytes."""
    for name, content in files.items():
        file = repository / os.fsdecode(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "change")


def judged(settings: Settings, repository: Path, base: str = "") -> RunDir:
    """The run of all gates over the last commits, which ends in time and leaves the repository as it was."""
    started = time.monotonic()
    run = open_judgement(settings, repository, base)
    judge_head(run)
    assert time.monotonic() - started < _SECONDS
    assert run.verify() == ""
    assert git(repository, "status", "--porcelain") == ""
    return run


def checks(run: RunDir) -> dict[str, Verdict]:
    """Every check by name."""
    return {check.name: check for gate in run.read(Verdict).children for check in gate.children or (gate,)}


def others(run: RunDir, outcome: str, *names: str) -> dict[str, str]:
    """Those of some checks that came to another outcome, and why."""
    found = checks(run)
    return {name: found[name].reason for name in names if found[name].outcome.value != outcome}


def places(check: Verdict) -> set[tuple[str, str]]:
    """Path and rule of each finding that blocks."""
    return {(finding.path, finding.rule) for finding in check.findings}


def test_odd_files_in_a_merge_with_a_submodule_and_a_renamed_tree(make_repository: Make, settings: Settings) -> None:
    repository, other = make_repository(BASE), make_repository({"x.py": "X = 1\n"})
    start, branch = git(repository, "rev-parse", "HEAD"), git(repository, "branch", "--show-current")
    git(repository, "checkout", "--quiet", "-b", "side")
    git(repository, "mv", "pkg", "renamed")
    (repository / "loop").symlink_to("loop")
    (repository / "renamed" / "up").symlink_to("..")
    odd: dict[str | bytes, str | bytes] = {
        "calc.py": (SOURCE + MORE).replace("\n", "\r\n"),
        "data.bin": bytes(range(256)) * 64,
        b"caf\xe9.txt": b"caf\xe9 \xff\xfe\n",
        "dir\\file.txt": "back\\slash\n",
        "C:\\Windows\\x.txt": "drive\n",
        "CON": "reserved\n",
        "line\nbreak.txt": "odd\n",
        "latin.py": '# -*- coding: latin-1 -*-\n"""Caf\xe9."""\n'.encode("latin-1"),
        "wrong.py": '"""Caf\xe9."""\n'.encode("latin-1"),
    }
    write(repository, odd)
    git(repository, "checkout", "--quiet", branch)
    write(repository, {"test_calc.py": TEST + MORE_TEST})
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    git(repository, "commit", "--quiet", "-m", "a submodule")
    git(repository, "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    run = judged(settings, repository, start)
    found, patch = checks(run), run.read(Patch)
    assert len(patch.commits) == 4 and len(patch.files) == 15, patch.files
    assert [(file.old_path, file.path) for file in patch.files if file.status == "R"] == [
        ("pkg/__init__.py", "renamed/__init__.py")
    ]
    unread = {"changed-coverage": "coverage says nothing about wrong.py"}
    assert others(run, "pass", *PROVEN, "static-analysis", "secrets", "docstrings") == unread
    assert run.read(Evaluation).after.tests.passed >= {"test_calc.py::test_double", "test_calc.py::test_half"}
    assert {path for path, _ in places(found["scope"])} == {
        "caf\ufffd.txt", "dir\\file.txt", "C:\\Windows\\x.txt", "line\nbreak.txt", ".gitmodules",
    }  # fmt: skip
    assert places(found["guard"]) >= {
        ("loop", "symlinks"), ("renamed/up", "symlinks"), ("CON", "names"), ("dir\\file.txt", "names"),
        ("caf\ufffd.txt", "binaries"), ("data.bin", "binaries"), ("sub", "submodules"), (".gitmodules", "git_files"),
    }  # fmt: skip
    assert {path for path, _ in places(found["parses"])} == {"wrong.py"}


def test_files_of_fifty_megabytes(make_repository: Make, settings: Settings) -> None:
    row = "some,row,of,data,1234567890\n"
    repository = make_repository(BASE)
    write(
        repository,
        {
            "calc.py": SOURCE + MORE,
            "test_calc.py": TEST + MORE_TEST,
            "big.csv": row * (50_000_000 // len(row)),
            "big.bin": bytes(range(256)) * 20_000,
        },
    )
    run = judged(settings, repository)
    assert not others(run, "pass", *PROVEN, "static-analysis")
    found = checks(run)
    assert {path for path, _ in places(found["guard"])} == {"", "big.csv", "big.bin"}
    said = {(remark.path, remark.rule) for remark in found["secrets"].remarks}
    assert not others(run, "pass", "secrets") and said == {("big.bin", "by-shape-alone"), ("big.csv", "by-shape-alone")}


def test_settings_and_tests_that_are_hostile(make_repository: Make, settings: Settings, tmp_path: Path) -> None:
    repository, marker = make_repository(BASE), tmp_path / "marker"
    test = f'''

def test_hostile():
    import os, subprocess, sys, time
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        open("{marker}", "w").write("late")
        time.sleep(600)
        os._exit(0)
    for place in ("{marker}", "{repository}/marker", "/usr/marker", "{settings.home}/marker"):
        try:
            open(place, "w").write("x")
        except OSError:
            pass
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # {marker}"], start_new_session=True)
    print("==== 99 passed in 0.01s ====")
'''
    leave = f'"""Leaves a mark."""\nopen("{marker}", "w")\n'
    write(
        repository,
        {
            "calc.py": SOURCE + MORE,
            "test_calc.py": TEST + MORE_TEST + test,
            "pytest.ini": "[pytest]\naddopts = -x -p no:terminal\n",
            "setup.cfg": "[coverage:run]\nomit = *\n[mypy]\nignore_errors = True\nplugins = evil_plugin\n",
            "ruff.toml": 'exclude = ["*"]\n',
            ".semgrepignore": "*\n",
            "sitecustomize.py": leave,
            "usercustomize.py": leave,
            "evil_plugin.py": leave,
            "semgrep.py": leave,
            "radon.py": leave,
            "evil.py": '"""E."""\nimport subprocess\n\nsubprocess.call("ls " + input(), shell=True)  # nosemgrep\n',
        },
    )
    run = judged(settings, repository)
    found = checks(run)
    assert not others(run, "pass", "tests-ran", "tests-kept", "no-new-failures")
    assert run.read(Evaluation).after.tests.count(TestOutcome.PASSED) == 3
    assert places(found["static-analysis"]) == {("evil.py", "subprocess-shell")}
    assert not others(run, "fail", "changed-coverage"), "files that the settings leave out count all the same"
    assert {path for path, _ in places(found["tests-as-strict"])} == {
        ".semgrepignore", "pytest.ini", "ruff.toml", "setup.cfg",
    }  # fmt: skip
    assert {path for path, _ in places(found["guard"])} >= {"sitecustomize.py", "usercustomize.py"}
    assert not list(tmp_path.rglob("marker")) and not Path("/usr/marker").exists()
    assert not (settings.home / "marker").exists()
    assert processes(str(marker)) == [], "nothing that a test started goes on"


def processes(word: str) -> list[str]:
    """Command lines of running processes that hold a word."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


LIAR = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    made = yield
    report = made.get_result()
    report.outcome, report.longrepr = "passed", None


def pytest_unconfigure(config):
    print("==== 99 passed in 0.01s ====")
"""
KILLER = 'import os\n\nprint("==== 2 passed in 0.01s ====", flush=True)\nos._exit(0)\n'


@pytest.mark.parametrize(
    ("conftest", "outcome", "check"),
    [(LIAR, Outcome.FAIL, "tests-as-strict"), (KILLER, Outcome.ERROR, "tests-ran")],
    ids=["makes failures passes", "ends the runner with 0"],
)
def test_a_conftest_that_lies_does_not_get_a_broken_change_through(
    make_repository: Make, settings: Settings, conftest: str, outcome: Outcome, check: str
) -> None:
    repository = make_repository(BASE)
    write(repository, {"calc.py": SOURCE.replace("2 * x", "3 * x"), "conftest.py": conftest})
    run = judged(settings, repository)
    assert run.read(Verdict).outcome is outcome and checks(run)[check].outcome is outcome


def test_an_empty_commit_is_told_from_one_that_was_not_looked_at(make_repository: Make, settings: Settings) -> None:
    repository = make_repository(BASE)
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "nothing")
    run = judged(settings, repository)
    assert run.read(Verdict).outcome is Outcome.PASS
    assert not others(run, "skipped", "scope", "changed-coverage", "quality")
    assert not others(run, "pass", "tests-ran", "tests-kept", "coverage")


def test_a_shallow_clone_is_no_change_without_findings(
    make_repository: Make, settings: Settings, tmp_path: Path
) -> None:
    """With nothing to compare with, nothing would be new, and everything would pass."""
    repository = make_repository(BASE)
    base = git(repository, "rev-parse", "HEAD")
    write(repository, {"calc.py": SOURCE + MORE})
    write(repository, {"test_calc.py": TEST + MORE_TEST})
    clone = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(clone))
    for given in ("", base):
        with pytest.raises(Refused, match="This clone is shallow") as refused:
            open_judgement(settings, clone, given)
        assert "git fetch --unshallow" in str(refused.value.next_step) and "fetch-depth: 0" in str(refused.value)
    git(clone, "fetch", "--quiet", "--depth", "2", "origin")
    assert len(open_judgement(settings, clone).read(Patch).commits) == 1
    git(clone, "fetch", "--quiet", "--unshallow", "origin")
    assert len(open_judgement(settings, clone, base).read(Patch).commits) == 2

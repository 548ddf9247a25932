"""Every outside program the gates rest on, broken in every way: no evidence, and a change that is stopped.

The program's place in the toolbox is taken by one that crashes, is killed, says nothing or does not end, or it is not
there and can't be installed. The probes of evidence/table.py look as they always do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from support.evaluations import evaluated, measured, outcomes_of
from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.evidence.measurement import tasks_for
from tdev.evidence.pool import answer_of
from tdev.evidence.probe import looked
from tdev.evidence.subject import AFTER, BEFORE, TESTS, Change, Commit
from tdev.evidence.table import OF_CHANGES, OF_COMMITS
from tdev.gates.table import decide
from tdev.settings import Settings
from tdev.stages.judge_head import open_judgement
from tdev.tools.radon import Maintainability
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e

PROGRAMS = {
    "semgrep": ("semgrep",),
    "mypy": ("mypy",),
    "ruff": ("ruff",),
    "import-linter": ("import-linter",),
    "vulture": ("vulture",),
    "secrets": ("kingfisher-bin", "detect-secrets"),
    "zizmor": ("zizmor",),
    "griffe": ("griffe",),
    "deptry": ("deptry",),
    "mutmut": ("mutmut",),
    "radon": ("radon",),
}
"""By probe, the programs it starts; radon is asked by every measurement."""
ELSEWHERE = {
    "dependencies": "test_dependencies.py: its answers come from a service on loopback",
    "packages": "it asks an index and starts no program",
    "contract": "it needs a built service",
    "proof": "it runs the project's tests: test_run_tests.py",
    "reruns": "it runs the project's tests: test_run_tests.py",
    "generated-tests": "it is advice: test_generated_tests.py",
    "sample": "it runs tests of its own: test_run_tests.py",
    "duplicates": "it is our own code",
    "focus": "it is our own code",
}
WAYS = {
    "crashes": "exit 1",
    "is killed": "kill -9 $$",
    "says nothing": "exit 0",
    "says nonsense": "echo '{}'",
    "does not end": "sleep 60",
    "is missing": "",
}
SOURCE = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
MORE = "".join(
    f'\n\ndef sum{n}(a: int, b: int) -> int:\n    """Sum."""\n    return a * {n} + b - 1 if a > b else b * 2\n'
    for n in range(4)
)
BASE = {
    "calc/__init__.py": SOURCE,
    "test_calc.py": "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n",
    "pyproject.toml": '[project]\nname = "calc"\nversion = "1"\ndependencies = []\n\n[tool.mypy]\nstrict = true\n\n'
    "[tool.ruff]\nline-length = 100\n\n"
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
    '[tool.importlinter]\nroot_package = "calc"\n\n[[tool.importlinter.contracts]]\nname = "alone"\n'
    'type = "forbidden"\nsource_modules = ["calc"]\nforbidden_modules = ["calc.other"]\n',
    "calc/other.py": '"""Other."""\n',
    ".github/tdev.yml": "limits: {tool_seconds: 3}\n",
    ".github/workflows/ci.yml": "name: ci\non: push\njobs: {}\n",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, shared_state: Path) -> RunDir:
    """A run about a change that concerns every program, opened once."""
    folder = tmp_path_factory.mktemp("broken")
    repository = folder / "calc"
    for name, text in BASE.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "start")
    (repository / "calc" / "__init__.py").write_text(SOURCE + MORE)
    (repository / ".github/workflows/ci.yml").write_text("name: CI\non: push\njobs: {}\n")
    git(repository, "commit", "--quiet", "-am", "change")
    run = open_judgement(replace(Settings.from_environment(), home=folder / "home"), repository)
    workspace.base_checkout(run, BEFORE)
    workspace.head_checkout(run, AFTER)
    return run


Broken = Callable[[str, str], RunDir]


@pytest.fixture
def broken(opened: RunDir, settings: Settings, tmp_path: Path, shared_state: Path) -> Iterator[Broken]:
    """The run on a machine of its own, where one program is broken in some way."""

    def make(program: str, way: str) -> RunDir:
        cut_off = {"UV_INDEX_URL": "http://127.0.0.1:9/simple", "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"}
        own = replace(settings, home=tmp_path / "own", installer_environment=cut_off)
        own.tool_environments.mkdir(parents=True)
        own.cache.mkdir()
        (own.cache / "kingfisher").symlink_to(settings.cache / "kingfisher")
        place = Toolbox(own).environment(program)
        for folder in (shared_state / "tools").iterdir():
            if folder.name != place.name and not folder.name.startswith("."):
                (own.tool_environments / folder.name).symlink_to(folder)
        if WAYS[way]:
            _fake(place, shared_state / "tools" / place.name, WAYS[way])
        run = RunDir(opened.path, own)
        run.stage = opened.stage
        return run

    return make


def _fake(place: Path, real: Path, script: str) -> None:
    """An environment that looks complete, all of whose programs are the script."""
    (place / "bin").mkdir(parents=True)
    (place / ".tdev-ready").touch()
    (place / "pyvenv.cfg").write_bytes((real / "pyvenv.cfg").read_bytes())
    for name in (file.name for file in (real / "bin").iterdir()):
        (place / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (place / "bin" / name).chmod(0o755)


def report(run: RunDir, name: str, clones: Path) -> ToolReport:
    """What the probe of that name says now."""
    patch = run.read(Patch)
    before = Commit(run, BEFORE, patch.base_sha, clones / BEFORE)
    after = Commit(run, AFTER, patch.head_sha, clones / AFTER)
    if name == "radon":
        scan, index, *_ = tasks_for(after, (), ["quality"])
        return answer_of({"it": index.work({scan.name: scan.work({})})}, "it", Maintainability).report
    for probe in OF_COMMITS:
        if probe.name == name:
            return looked(probe, after, after.tree)
    [probe] = [one for one in OF_CHANGES if one.name == name]
    lines = tuple(range(1, 40))
    tests = TestRun.model_validate(
        {"ok": True, "outcomes": {"test_calc.py::test_double": "passed"}, "covered_lines": {"calc/__init__.py": lines}}
    )
    answers = {f"{BEFORE}.{TESTS}": tests, f"{AFTER}.{TESTS}": tests}
    return looked(probe, Change(run, patch, before, after, answers), f"{before.sha} {after.sha}")


def checks(run: RunDir, said: ToolReport) -> list[Verdict]:
    """What the gates say where that report is the head's, and all is well otherwise."""
    tests = outcomes_of({"a": "passed"}, {"calc/__init__.py": (1,)})
    side = measured(tests)
    after = side.model_copy(update={"reports": (*(one for one in side.reports if one.tool != said.tool), said)})
    changed = {"calc/__init__.py": (8,), ".github/workflows/ci.yml": (1,)}
    evaluation = evaluated(side, after, changed_lines=changed, paths=tuple(changed))
    return [check for gate in decide(evaluation, run.policy, run.read(Patch)).children for check in gate.children]


@functools.cache
def cases() -> list[tuple[str, str]]:
    return [(probe, program) for probe, programs in PROGRAMS.items() for program in programs]


def test_every_probe_is_broken_here_or_elsewhere() -> None:
    names = {probe.name for probe in (*OF_COMMITS, *OF_CHANGES)} | {"radon"}
    assert names == set(PROGRAMS) | set(ELSEWHERE)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("probe", "program"), cases())
def test_a_broken_program_is_no_evidence_and_stops_the_change(
    broken: Broken, opened: RunDir, probe: str, program: str, way: str
) -> None:
    run = broken(program, way)
    said = report(run, probe, opened.work)
    assert not said.ok and said.reason, f"{program} that {way} counts as evidence: {said}"
    stopped = [check for check in checks(run, said) if check.outcome is Outcome.ERROR and said.reason in check.reason]
    assert stopped, f"no check says {said.reason!r}"

"""zizmor on real workflow files, at a change, and what the gate makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Verdict
from tdev.core.artifacts.finding import Severity, ToolReport
from tdev.core.artifacts.verdict import Outcome
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement
from tdev.tools import zizmor
from tdev.tools.toolbox import Toolbox

pytestmark = pytest.mark.e2e
PATH = ".github/workflows/greet.yml"
SAFE = """name: greet
on:
  issues:
    types: [opened]
permissions: {}
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - env:
          TITLE: ${{ github.event.issue.title }}
        run: echo "$TITLE"
"""
INJECTION = '      - run: echo "${{ github.event.issue.title }}"\n'
UNSAFE = SAFE + INJECTION
Scan = Callable[..., ToolReport]


@pytest.fixture
def scan(settings: Settings, tmp_path: Path) -> Scan:
    def run(files: Mapping[str, str], **facts: object) -> ToolReport:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, "utf-8", "surrogateescape")
        return zizmor.scan(Toolbox(replace(settings, **facts)), tmp_path, sorted(files), timeout=60)

    return run


def test_a_dangerous_step_is_found_at_its_line(scan: Scan) -> None:
    report = scan({PATH: UNSAFE})
    assert report.ok and report.examined == 1
    (found,) = report.findings
    assert (found.rule, found.severity, found.path, found.line) == ("template-injection", Severity.ERROR, PATH, 13)
    assert "template-injection" in found.remedy


def test_nothing_in_the_repository_hides_a_finding(scan: Scan) -> None:
    files = {
        PATH: UNSAFE.replace(INJECTION, INJECTION.rstrip() + " # zizmor: ignore[template-injection]\n"),
        ".github/zizmor.yml": "rules:\n  template-injection:\n    disable: true\n",
        "zizmor.yml": "rules:\n  template-injection:\n    ignore: [greet.yml]\n",
        ".gitignore": ".github/\n",
    }
    assert [found.rule for found in scan(files).findings] == ["template-injection"]


def test_actions_are_looked_at_too(scan: Scan) -> None:
    action = (
        "name: a\ndescription: b\ninputs:\n  x:\n    description: c\n"
        "runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo ${{ inputs.x }}\n"
    )
    report = scan({"tools/run/action.yml": action})
    assert [(found.rule, found.line) for found in report.findings] == [("template-injection", 10)]


@pytest.mark.parametrize("text", ["jobs: [", "", "- a\n", "name: x\n"])
@pytest.mark.parametrize("beside", [{}, {".github/workflows/other.yml": SAFE}])
def test_what_can_not_be_read_is_a_finding(scan: Scan, text: str, beside: Mapping[str, str]) -> None:
    report = scan({PATH: text, **beside})
    assert report.ok and report.examined == 1 + len(beside)
    assert [(found.rule, found.path) for found in report.findings] == [("not-analysed", PATH)]


def test_no_workflow_file_is_said(scan: Scan) -> None:
    report = scan({"a.yml": "x: 1\n"})
    assert (report.ok, report.examined, report.reason) == (True, 0, "there is no workflow or action file")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo '[{}]'", "can't be read"),
        ("exit 0", "can't be read"),
        ("echo '[]'; exit 1", "failed with exit code 1"),
        ("kill -9 $$", "can't be read"),
        ("sleep 30", "was stopped after 1 s"),
    ],
)
def test_a_program_that_fails_is_no_evidence(settings: Settings, tmp_path: Path, script: str, said: str) -> None:
    toolbox = Toolbox(replace(settings, home=tmp_path / "a home of its own"))
    programs = toolbox.environment(zizmor.NAME) / "bin"
    programs.mkdir(parents=True)
    (programs.parent / ".tdev-ready").touch()
    for name in ("python", "zizmor"):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).write_text(SAFE)
    report = zizmor.scan(toolbox, tmp_path, [PATH], timeout=1)
    assert not report.ok and said in report.reason and not report.findings


@pytest.fixture
def judge(make_repository: Callable[..., Path], settings: Settings) -> Callable[..., RunDir]:
    """Hold the change from one workflow to another against the security gate."""

    def commit(before: str, after: str) -> RunDir:
        repository = make_repository({PATH: before, ".github/tdev.yml": "scope:\n  protect: []\n", "a.txt": "a"})
        (repository / PATH).write_text(after)
        git(repository, "commit", "--quiet", "-am", "change")
        run = open_judgement(settings, repository)
        judge_head(run, ("security",))
        return run

    return commit


def test_the_gate_stops_what_is_new_and_remarks_nothing_old(judge: Callable[..., RunDir]) -> None:
    def check(run: RunDir) -> Verdict:
        return next(one for one in run.read(Verdict).children[0].children if one.name == "workflows")

    stopped = check(judge(SAFE, UNSAFE))
    assert stopped.outcome is Outcome.FAIL and [found.line for found in stopped.findings] == [13]
    run = judge(UNSAFE, UNSAFE.replace("name: greet", "name: welcome"))
    assert check(run).outcome is Outcome.PASS
    report = run.read(Evaluation).after.report("zizmor")
    assert report is not None and report.examined == 1

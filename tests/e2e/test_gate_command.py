"""`tdev gate` on real repositories: evaluate, the gates, exit codes, and what the user sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Verdict
from tdev.core.artifacts.verdict import Outcome
from tdev.settings import Settings
from tdev.stages.evaluate import ALL_GATES
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

SOURCE = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
TEST = (
    "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
    "\n\ndef test_zero():\n    assert double(0) == 0\n"
)
MORE = '\n\ndef half(x: int) -> float:\n    """Half of x."""\n    return x / 2\n'
MORE_TEST = "\n\ndef test_half():\n    from calc import half\n\n    assert half(4) == 2\n"

Judge = Callable[..., RunDir]


@pytest.fixture
def judge(make_repository: Callable[..., Path], settings: Settings) -> Judge:
    """Commit a change on top of a small tested project and judge it, by all gates or by those named."""

    def commit(change: dict[str, str | None], *gates: str) -> RunDir:
        repository = make_repository({"calc.py": SOURCE, "test_calc.py": TEST})
        for name, content in change.items():
            file = repository / name
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "-m", "change")
        run = open_judgement(settings, repository)
        judge_head(run, gates or ALL_GATES)
        assert git(repository, "status", "--porcelain") == ""
        return run

    return commit


def checks(run: RunDir, gate: str) -> dict[str, str]:
    verdict = next(one for one in run.read(Verdict).children if one.name == gate)
    return {check.name: check.outcome.value for check in verdict.children} or {"": verdict.reason}


def test_a_good_change_passes_and_the_evidence_is_complete(judge: Judge) -> None:
    run = judge({"calc.py": SOURCE + MORE, "test_calc.py": TEST + MORE_TEST})
    verdict, evaluation = run.read(Verdict), run.read(Evaluation)
    assert verdict.outcome is Outcome.PASS, verdict.model_dump_json(indent=1)
    assert evaluation.judged_on is not None and abs(evaluation.judged_on - datetime.now(UTC).date()) < timedelta(days=2)
    assert evaluation.changed_lines["calc.py"] == (7, 8, 9, 10, 11)
    assert evaluation.before.metrics.tests_passed == 2 and evaluation.after.metrics.tests_passed == 3
    assert {report.tool for report in evaluation.after.reports} >= {"scan", "radon", "semgrep", "secrets"}
    assert all(report.ok for report in evaluation.before.reports)
    assert "| tests that pass | 2 | 3 | ↑ better |" in (run.path / "evaluation.md").read_text()
    page = (run.path / "verdict.md").read_text()
    assert page.startswith("✅ **The change may go on**") and "tests-kept.md) | ✅ pass" in page
    scanned = json.loads((run.path / "verdict.sarif").read_text())["runs"][0]
    assert scanned["properties"]["outcome"] == "pass" and scanned["invocations"][0]["executionSuccessful"]
    assert run.verify() == ""


@pytest.mark.parametrize(
    ("change", "check", "outcome"),
    [
        ({"test_calc.py": TEST.partition("\n\n\ndef test_zero")[0] + "\n"}, "tests-kept", "fail"),
        ({"test_calc.py": None}, "tests-ran", "error"),
        ({"calc.py": SOURCE + MORE, ".coveragerc": "[run]\nomit = calc.py\n"}, "changed-coverage", "fail"),
    ],
    ids=["deleted test", "no tests left", "coverage switched off"],
)
def test_the_tests_gate_stops(judge: Judge, change: dict[str, str | None], check: str, outcome: str) -> None:
    run = judge(change, "tests")
    assert not run.read(Verdict).outcome.lets_through
    assert checks(run, "tests").get(check) == outcome, run.read(Verdict).reason


def test_gitattributes_hide_no_changed_line(judge: Judge) -> None:
    run = judge({"calc.py": SOURCE + MORE, ".gitattributes": "*.py -diff\n"}, "security")
    assert checks(run, "security")["scope"] == "fail"
    assert run.read(Evaluation).changed_lines["calc.py"] == (7, 8, 9, 10, 11)


def test_the_quality_gate_stops_undocumented_code(judge: Judge) -> None:
    undocumented = SOURCE + MORE.replace('    """Half of x."""\n', "")
    run = judge({"calc.py": undocumented, "test_calc.py": TEST + MORE_TEST}, "quality")
    assert run.read(Verdict).outcome is Outcome.FAIL
    assert checks(run, "quality")["docstrings"] == "fail"


def test_a_repository_without_python_and_with_one_commit(
    make_repository: Callable[..., Path], settings: Settings
) -> None:
    run = open_judgement(settings, make_repository({"README.md": "hello\n"}))
    verdict = judge_head(run)
    assert verdict.outcome is Outcome.ERROR
    assert "no tests were found" in verdict.reason
    assert run.read(Evaluation).after.metrics.docstring_percent is None


def test_the_command(
    make_repository: Callable[..., Path],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tdev.cli.main import main

    monkeypatch.setenv("TDEV_HOME", str(settings.home))
    repository = make_repository({"calc.py": SOURCE, "test_calc.py": TEST})
    assert main(["gate", "--repo", str(repository)]) == 0
    out, err = capsys.readouterr()
    assert "only the whole is looked at" in err and "pytest (after): 2 passed" in err
    assert "tests that pass" in out and "score, of 100" in out
    (repository / "calc.py").write_text(SOURCE.replace("2 * x", "3 * x"))
    git(repository, "commit", "--quiet", "-am", "break it")
    assert main(["gate", "tests", "--repo", str(repository), "--base", "HEAD^", "--json"]) == 4
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False and answer["verdict"]["outcome"] == "fail"
    assert main(["gate", "--repo", str(repository), "--base", "nowhere"]) == 3

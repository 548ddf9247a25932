"""The tests gate on real repositories: tests that prove nothing, tests that end by chance, mutants that survive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Verdict
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

SOURCE = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
TEST = "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
HALF = '\n\ndef half(x: int) -> float:\n    """Half of x."""\n    return x / 2\n'

Judge = Callable[..., RunDir]


@pytest.fixture
def judge(make_repository: Callable[..., Path], settings: Settings) -> Judge:
    """Commit a change on top of a small tested project and judge it by the tests gate."""

    def commit(change: dict[str, str], base: dict[str, str] | None = None) -> RunDir:
        repository = make_repository({"calc.py": SOURCE, "test_calc.py": TEST, **(base or {})})
        for name, content in change.items():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_text(content)
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "-m", "change")
        run = open_judgement(settings, repository)
        judge_head(run, ("tests",))
        return run

    return commit


def said(run: RunDir, check: str) -> Verdict:
    """What one check said."""
    (gate,) = run.read(Verdict).children
    return next(child for child in gate.children if child.name == check)


def report_of(run: RunDir, tool: str) -> tuple[int, list[str]]:
    """How many tests a probe looked at, and the rules of what it found."""
    report = run.read(Evaluation).after.report(tool)
    assert report is not None and report.ok, report
    return report.examined, [finding.rule for finding in report.findings]


def test_a_new_test_that_fails_without_the_change_proves_it(judge: Judge) -> None:
    run = judge(
        {
            "calc.py": SOURCE + HALF,
            "test_half.py": "from calc import half\n\n\ndef test_half():\n    assert half(4) == 2\n",
            "test_calc.py": TEST + "\n\ndef test_zero():\n    assert double(0) == 0\n",
        }
    )
    proof = said(run, "tests-prove-change")
    assert proof.outcome == "pass" and "1 of 2" in proof.reason
    assert [remark.symbol for remark in proof.remarks] == ["test_zero"]
    assert said(run, "tests-stable").outcome == "pass"


def test_a_new_test_that_passes_without_the_feature_does_not_test_it(judge: Judge) -> None:
    body = TEST + "\n\n@__import__('pytest').mark.parametrize('x', [1, 2])\ndef test_half(x):\n    assert x / 2 < x\n"
    run = judge({"calc.py": SOURCE + HALF, "test_calc.py": body})
    proof = said(run, "tests-prove-change")
    assert proof.outcome == "fail" and "adds half" in proof.reason
    assert report_of(run, "proof") == (1, ["passes-on-base"])


def test_a_test_that_hangs_without_the_change_proves_it(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdev.evidence.proof._LEAST_SECONDS", 5.0)
    slow = '\n\ndef wait(x: int) -> int:\n    """x."""\n    while x:\n        pass\n    return x\n'
    body = TEST.replace("double\n", "double, wait\n", 1) + "\n\ndef test_wait():\n    assert wait(1) == 1\n"
    run = judge(
        {"calc.py": SOURCE + slow.replace("while x", "while not x"), "test_calc.py": body}, {"calc.py": SOURCE + slow}
    )
    assert said(run, "tests-prove-change").outcome == "pass"


RULES = (
    '\n\ndef price(amount: int, unit: float, member: bool = False) -> float:\n    """What it costs."""\n'
    "    total = amount * unit\n    if member and total > 100:\n        total = total - 20\n"
    "    while total > 1000:\n        total -= 1\n    return round(total, 2)\n"
)
PRICE = "from calc import price\n\n\ndef test_price():\n    {}\n"
WEAK = "price(1, 2.0)\n    price(60, 2.0, True)\n    assert price(2, 501.0) is not None"
STRONG = (
    "assert price(1, 2.5) == 2.5\n    assert price(60, 2.0, True) == 100\n    assert price(50, 2.0, True) == 100\n"
    "    assert price(60, 2.0) == 120\n    assert price(1, 1000.126) == 999.13\n    assert price(1, 0.126) == 0.13"
)


@pytest.mark.parametrize(("body", "outcome"), [(WEAK, "fail"), (STRONG, "pass")], ids=["weak", "strong"])
def test_tests_have_to_notice_when_the_changed_lines_do_something_else(judge: Judge, body: str, outcome: str) -> None:
    run = judge({"calc.py": SOURCE + RULES, "test_price.py": PRICE.format(body)})
    mutants = said(run, "changed-mutants")
    assert mutants.outcome == outcome, mutants.reason
    survivors = mutants.findings or mutants.remarks
    assert {finding.symbol for finding in survivors} <= {"price"}
    assert all(9 <= finding.line <= 17 and " -> " in finding.message for finding in survivors)


FLIP = (
    "import os\n\n\ndef test_flip():\n    place = os.path.join(os.path.dirname(__file__), 'flip')\n"
    "    seen = os.path.exists(place)\n    open(place, 'a').close()\n    assert {}seen\n"
)
"""Ends in another way the second time in the same clone."""


def test_a_new_test_that_ends_by_chance_is_stopped(judge: Judge) -> None:
    run = judge({"test_flip.py": FLIP.format("not ")})
    stable = said(run, "tests-stable")
    assert stable.outcome == "fail"
    assert [finding.rule for finding in stable.findings] == ["flaky-new"]
    assert "with seed" in stable.findings[0].message


def test_a_test_that_fails_by_chance_at_the_base_too_does_not_stop_a_change(judge: Judge) -> None:
    # passes in even, fails in odd processes of one clone; the head's first run is made to fail
    flip = (
        "import os\n\n\ndef test_flip():\n    place = os.path.join(os.path.dirname(__file__), 'flip')\n"
        "    count = os.path.getsize(place) if os.path.exists(place) else 0\n"
        "    with open(place, 'a') as file:\n        file.write('x')\n"
        "    first = os.path.exists(os.path.join(os.path.dirname(__file__), 'head'))\n"
        "    assert count % 2 == first\n"
    )
    run = judge({"head": "1\n"}, {"test_flip.py": flip})
    assert report_of(run, "reruns") == (1, ["flaky-before"])
    assert said(run, "tests-kept").outcome == "pass" and "by chance" in said(run, "tests-kept").reason
    assert said(run, "tests-stable").outcome == "pass"

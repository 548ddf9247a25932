"""`tdev gate sample` on a real repository: tasks with tests of their own, tried on base and head."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import git
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

Make = Callable[[Mapping[str, str | bytes]], Path]
CALC = '"""Sums."""\n\n\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n'
TEST = "from calc import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
LAID_OVER = (
    "diff --git a/test_held.py b/test_held.py\nnew file mode 100644\n--- /dev/null\n+++ b/test_held.py\n"
    "@@ -0,0 +1,5 @@\n+from calc import double\n+\n+\n+def test_minus():\n+    assert double(-3) == -6\n"
)
HALF = LAID_OVER.replace("double(-3) == -6", "half(4) == 2").replace("import double", "import half")


def instance(name: str, test: str, patch: str = "") -> str:
    return json.dumps({"instance_id": name, "test_patch": patch, "FAIL_TO_PASS": [test], "PASS_TO_PASS": []})


SAMPLE = "\n".join(
    (
        instance("kept-1", "test_calc.py::test_double"),
        instance("held-1", "test_held.py::test_minus", LAID_OVER),
        instance("half-1", "test_held.py::test_minus", HALF),
    )
)
POLICY = "version: 1\ngates:\n  sample: sample.jsonl\n"


def judged(repository: Path, settings: Settings) -> Verdict:
    run = open_judgement(settings, repository)
    verdict = judge_head(run, ["sample"])
    (gate,) = verdict.children
    (check,) = gate.children
    return check


@pytest.fixture
def repository(make_repository: Make) -> Path:
    files = {"calc.py": CALC, "test_calc.py": TEST, "sample.jsonl": SAMPLE, ".github/tdev.yml": POLICY}
    return make_repository(files)


def committed(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "change")


def test_a_task_whose_own_tests_see_what_the_projects_tests_do_not(repository: Path, settings: Settings) -> None:
    broken = CALC.replace("return 2 * x", "return abs(2 * x)") + "\n\ndef half(x):\n    return x / 2\n"
    committed(repository, "calc.py", broken)
    check = judged(repository, settings)
    assert check.outcome is Outcome.FAIL and "2 of 3 instances resolved before, 2 now" in check.reason
    assert [finding.symbol for finding in check.findings] == ["held-1"]
    assert "test_held.py::test_minus does not pass" in check.findings[0].message
    assert [finding.rule for finding in check.remarks] == ["sample-gained"]


def test_a_change_can_not_choose_its_own_sample(repository: Path, settings: Settings) -> None:
    committed(repository, "sample.jsonl", instance("kept-1", "test_calc.py::test_double"))
    check = judged(repository, settings)
    assert check.outcome is Outcome.PASS and "2 of 3 instances resolved before, 2 now" in check.reason


def test_a_patch_that_does_not_fit_the_base_is_no_evidence(make_repository: Make, settings: Settings) -> None:
    stale = instance("stale-1", "test_held.py::test_minus", LAID_OVER.replace("test_held.py", "test_calc.py"))
    files = {"calc.py": CALC, "test_calc.py": TEST, "sample.jsonl": stale, ".github/tdev.yml": POLICY}
    repository = make_repository(files)
    committed(repository, "calc.py", CALC + "\nX = 1\n")
    check = judged(repository, settings)
    assert check.outcome is Outcome.ERROR and "stale-1 has no result at the base: git apply failed" in check.reason

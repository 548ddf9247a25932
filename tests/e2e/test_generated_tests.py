"""Drafts of tests on real repositories: kept where they add something to the project's tests, by whoever wrote them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Evaluation, Verdict
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement

pytestmark = pytest.mark.e2e

BOTH = "gates:\n  tests:\n    generated_seconds: 5\n"
HYPOTHESIS = f"{BOTH}    generated: [hypothesis]\n"
Judge = Callable[..., RunDir]


@pytest.fixture
def judge(make_repository: Callable[..., Path], settings: Settings) -> Judge:
    """Commit a change and judge it by the tests gate, under a policy."""

    def commit(base: dict[str, str], change: dict[str, str], policy: str) -> RunDir:
        repository = make_repository({".github/tdev.yml": policy, **base})
        for name, content in change.items():
            (repository / name).write_text(content)
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "-m", "change")
        run = open_judgement(settings, repository)
        judge_head(run, ("tests",))
        return run

    return commit


def said(run: RunDir) -> Verdict:
    """What the check says."""
    (gate,) = run.read(Verdict).children
    return next(child for child in gate.children if child.name == "generated-tests")


def kept(run: RunDir) -> dict[str, list[str]]:
    """Names of the tests in the run directory, by file."""
    files = sorted((run.path / "generated-tests").glob("*"))
    return {
        file.name: [one.name for one in ast.parse(file.read_text()).body if isinstance(one, ast.FunctionDef)]
        for file in files
    }


BASE = '"""Codes."""\n'
CODES = '''"""Codes."""


def encode(text: str) -> list[int]:
    """The places of the letters, each moved by three more than the one before."""
    found = []
    for place, letter in enumerate(text):
        found.append(ord(letter) + place * 3 + 7)
    return found


def decode(codes: list[int]) -> str:
    """The text behind places."""
    return "".join(chr(code - place * 3 - 7) for place, code in enumerate(codes))
'''
WEAK = """from codes import decode, encode


def test_encode():
    assert encode("") == []
    assert len(encode("abc")) == 3


def test_decode():
    assert decode([104, 108]) == "ab"
"""


def test_of_a_property_and_a_call_that_notice_the_same_the_shorter_is_kept(judge: Judge) -> None:
    """Both drafters find a test that kills every survivor: the property takes a statement less."""
    run = judge({"codes.py": BASE}, {"codes.py": CODES, "test_codes.py": WEAK}, BOTH)
    survivors = run.read(Evaluation).after.report("mutmut")
    assert survivors is not None and len(survivors.findings) >= 3
    verdict, number = said(run), len(survivors.findings)
    (remark,) = verdict.remarks
    assert "1 test by hypothesis, of " in remark.message and " drafts that pass" in remark.message
    assert remark.message.endswith(f"would kill {number} of {number} mutants that survive")
    assert kept(run) == {"test_codes_properties.py": ["test_roundtrip_encode_decode"]}
    page = (run.path / "verdict.md").read_text()
    assert "Drafts of tests worth keeping: <code>test_codes_properties.py</code>" in page
    assert "    assert text == value1, (text, value1)\n" in page
    assert run.verify() == ""


THOROUGH = """from codes import decode, encode


def test_encode():
    assert encode("") == []
    assert encode("abc") == [104, 108, 112]


def test_decode():
    assert decode([104, 108]) == "ab"
"""


def test_nothing_is_drafted_where_tests_run_and_notice_all(judge: Judge) -> None:
    run = judge({"codes.py": BASE}, {"codes.py": CODES, "test_codes.py": THOROUGH}, BOTH)
    verdict = said(run)
    reason = "tests run every changed line, and no mutant is known to survive"
    assert (verdict.outcome, verdict.reason) == ("skipped", reason)
    assert kept(run) == {}


IDLE = "import codes\n\n\ndef test_it():\n    assert codes\n"
GRADE = '''"""Codes."""


def grade(points: int) -> str:
    """A letter."""
    if points < 0:
        raise ValueError("negative")
    return "A" if points > 90 else "F"


def tell(points: int) -> int:
    """Has effects: nobody calls it with odd input."""
    with open("grades", "a") as file:
        file.write(str(points))
    return points
'''


def test_a_draft_that_runs_a_changed_line_which_no_test_runs_is_kept(judge: Judge) -> None:
    run = judge({"codes.py": BASE, "test_codes.py": IDLE}, {"codes.py": GRADE}, HYPOTHESIS)
    (remark,) = said(run).remarks
    assert "1 test by hypothesis, of 1 draft that passes, would run 3 of 6 changed lines" in remark.message
    assert kept(run) == {"test_codes_properties.py": ["test_fuzz_grade"]}
    text = (run.path / "generated-tests" / "test_codes_properties.py").read_text()
    assert "assert isinstance(result, str)" in text and "tell" not in text

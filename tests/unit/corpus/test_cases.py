"""Every case is of the form, makes a repository, and holds no credential; clean ones are not rare."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tdev.core.patch_guard.rules.secrets import secret_kinds
from tests.corpus.case import HERE, Case, base_diff, read_case, read_cases, short_form
from tests.corpus.judged import make_repository
from tests.corpus.planted import fill
from tests.corpus.rules import RULES

CASES = read_cases()
KEYS = re.compile(
    r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[bp]-\d|sk_live_\w{20}|npm_\w{36})|BEGIN [A-Z ]*PRIVATE KEY"
)


def test_there_are_enough_and_enough_of_them_are_clean() -> None:
    clean = sum(case.clean for case in CASES)
    assert len(CASES) >= 120
    assert clean >= 0.45 * len(CASES)
    bad = Counter(case.family for case in CASES if not case.clean)
    families = {case.family for case in CASES}
    assert families == {"api", "dependency", "deployment", "quality", "secret", "vacuous", "vulnerable", "weakened"}
    assert all(bad[family] >= 10 for family in families)


def test_every_rule_says_what_it_is_caught_by() -> None:
    assert {case.rule for case in CASES} <= set(RULES)


@pytest.mark.parametrize("file", sorted(HERE.rglob("*.patch")), ids=lambda file: file.stem)
def test_no_file_holds_a_credential(file: Path) -> None:
    assert not KEYS.search(file.read_text("utf-8"))


@pytest.mark.parametrize("base", ["desk", "plant", "pricing"])
def test_all_cases_of_a_base_can_be_made(base: str, tmp_path: Path) -> None:
    for case in (case for case in CASES if case.base == base and (len(case.commits) > 1 or "{{" in _text(case))):
        make_repository(case, tmp_path / case.name)
    _apply(tmp_path, base)


def test_a_planted_credential_is_one_and_is_the_same_each_time(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "secret/in-history.bad")
    make_repository(case, tmp_path / "desk")
    shown = subprocess.run(("git", "show", "HEAD^"), cwd=tmp_path / "desk", check=True, capture_output=True, text=True)
    assert secret_kinds(shown.stdout)
    assert "AKIA" not in (tmp_path / "desk/desk/cloud.py").read_text()
    assert fill("{{aws-key}}", "a") == fill("{{aws-key}}", "a") != fill("{{aws-key}}", "b")
    assert fill("+{{public-key}}\n", "a").count("\n+") > 3


def test_the_short_form_has_something_of_each_family() -> None:
    chosen = short_form(CASES)
    assert {case.family for case in chosen} == {case.family for case in CASES}
    assert 15 <= len(chosen) <= 30
    assert {case.clean for case in chosen} == {True, False}


@pytest.mark.parametrize(
    "text",
    ["Subject: x\nBase: desk\nVerdict: maybe\nRule: xss\n\n", "Subject: x\nBase: desk\nVerdict: pass\nRule: xss\n\n"],
)
def test_a_file_that_is_no_case_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.bad.patch").write_text(text)
    with pytest.raises(ValueError, match=r"a\.bad\.patch"):
        read_case(tmp_path / "a.bad.patch", tmp_path)


def _text(case: Case) -> str:
    return "".join(commit.diff for commit in case.commits)


def _apply(folder: Path, base: str) -> None:
    """Apply every other case to one base, and take it back."""
    work = folder / "work"
    work.mkdir()
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run((*git, "init", "--quiet"), cwd=work, check=True)
    subprocess.run((*git, "apply", "--index"), cwd=work, check=True, input=base_diff(base), text=True)
    subprocess.run((*git, "commit", "--quiet", "-m", "x"), cwd=work, check=True)
    for case in (case for case in CASES if case.base == base and len(case.commits) == 1):
        check = subprocess.run((*git, "apply", "--check"), cwd=work, input=_text(case), text=True, capture_output=True)
        assert check.returncode == 0, f"{case.name}: {check.stderr}"

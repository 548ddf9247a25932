"""docs/gates/add-a-check.md tells how to add a check in one file and one row; here it is done as it says."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of
from tdev.core.artifacts.patch import ChangedFile
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.verdict_markdown import verdict_markdown
from tdev.gates.table import GATES, SECURITY, Check, Gate, decide
from tdev.policy.model import Policy

PAGE = Path(__file__).parents[3] / "docs" / "gates" / "add-a-check.md"


@pytest.fixture
def gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Gate, ...]]:
    """The gates with one more: the page's file and row, in a package of their own."""
    file, row = re.findall(r"```(?:python|text)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    package = tmp_path / "added"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "locked.py").write_text(file)
    table = f"from added.locked import locked\nfrom tdev.gates.table import Check\n\nCHECKS = (\n{row})\n"
    (package / "table.py").write_text(table)
    monkeypatch.syspath_prepend(str(tmp_path))
    rows: tuple[Check, ...] = importlib.import_module("added.table").CHECKS
    security = SECURITY._replace(checks=(*SECURITY.checks, *rows))
    yield (security, *(gate for gate in GATES if gate is not SECURITY))


def judged(gates: tuple[Gate, ...], *paths: str) -> tuple[Verdict, Verdict]:
    """The whole verdict on a change of some files, and the new check's."""
    side = measured(outcomes_of({"a": "passed"}))
    patch = patch_of(*(ChangedFile(path=path, status="M", added=1, removed=1) for path in paths))
    whole = decide(evaluated(side, side, paths=paths), Policy(), patch, gates)
    return whole, next(check for check in whole.children[0].children if check.name == "locked")


def test_the_new_check_is_asked_with_the_others(gates: tuple[Gate, ...]) -> None:
    whole, check = judged(gates, "web/package.json", "api/package.json", "api/package-lock.json")
    assert check.outcome is Outcome.FAIL and [finding.path for finding in check.findings] == ["web/package.json"]
    names = [each.name for each in whole.children[0].children]
    assert not whole.outcome.lets_through and names[-1] == "locked" and len(names) > 1
    page = verdict_markdown(whole)
    assert "locked" in page.splitlines()[0] and "→ Run npm install and commit the lock." in page


def test_it_tells_nothing_to_look_at_from_a_pass(gates: tuple[Gate, ...]) -> None:
    assert judged(gates, "calc.py")[1].outcome is Outcome.SKIPPED
    assert judged(gates, "package.json", "package-lock.json")[1].outcome is Outcome.PASS

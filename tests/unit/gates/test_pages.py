"""Every check has a page that tells why, bad, good, remedy and waiver, and is found from the index of its gate."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tdev.core.rule_pages import page_of
from tdev.gates.table import GATES

DOCS = Path(__file__).parents[3] / "docs"
HEADINGS = ["Why", "When it stops", "Bad", "Good", "Remedy", "Waiver"]
_FENCE = re.compile(r"```\w*\n.+?```", re.DOTALL)
ABOUT_ALL = {"add-a-check"}
CHECKS = [(gate.name, sys.modules[check.judge.__module__].NAME) for gate in GATES for check in gate.checks]


@pytest.mark.parametrize(("gate", "check"), CHECKS)
def test_a_check_has_a_whole_page(gate: str, check: str) -> None:
    file = DOCS / "gates" / f"{check}.md"
    assert file.is_file(), f"write {file.relative_to(DOCS.parent)}, in the form of the pages beside it"
    text = _FENCE.sub("```", file.read_text("utf-8"))
    title, *sections = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert title == check and sections == HEADINGS
    assert all(part.strip() for part in re.split(r"^#+ .+$", text, flags=re.MULTILINE)[1:]), "a section is empty"
    index = DOCS / f"gates-{gate}.md"
    leads = (index if index.is_file() else DOCS / "gates.md").read_text("utf-8")
    assert f"(gates/{check}.md)" in leads, "the gate's page does not lead to it"
    assert page_of(check).endswith(f"/docs/gates/{check}.md")


def test_no_page_is_left_of_a_check_that_is_gone() -> None:
    assert {file.stem for file in (DOCS / "gates").glob("*.md")} == {check for _, check in CHECKS} | ABOUT_ALL


def test_names_are_unique_so_that_one_folder_holds_them() -> None:
    assert len({check for _, check in CHECKS}) == len(CHECKS)

"""Drafts of tests on a page: those the verdict speaks of, whole and inert."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.drafted_parts import drafted_parts, drafts_in
from tdev.core.verdict_markdown import verdict_markdown

DRAFT = "import calc\n\n\ndef test_0():\n    assert calc.double(2) == 4\n"


def verdict(*remedies: str, check: str = "generated-tests") -> Verdict:
    remarks = tuple(
        Finding(tool=check, rule="useful-test", severity="note", message="m", remedy=remedy, fingerprint="f")
        for remedy in remedies
    )
    said = Verdict(name=check, outcome=Outcome.PASS, reason="because", remarks=remarks)
    return Verdict.of("gates", (Verdict.of("tests", (said,)),))


def test_the_files_are_those_that_the_remarks_of_the_check_name() -> None:
    said = verdict("Read generated-tests/test_a.py and generated-tests/test_a_properties.py of the run. Keep …")
    assert drafts_in(said) == ("test_a.py", "test_a_properties.py")
    assert drafts_in(verdict("Read generated-tests/test_a.py", check="lint")) == ()


@pytest.mark.parametrize("name", ["../policy.json", "test_/../../x.py", "test_a.sh", "sub/test_a.py"])
def test_no_other_path_is_named(name: str) -> None:
    assert drafts_in(verdict(f"Read generated-tests/{name} of the run.")) == ()


def test_a_draft_stands_folded_with_its_indentation() -> None:
    page = verdict_markdown(verdict("r"), drafts={"test_calc.py": DRAFT})
    assert f"```python\n{DRAFT.rstrip()}\n```\n\n</details>" in page
    assert "<summary>Drafts of tests worth keeping: <code>test_calc.py</code></summary>" in page
    assert "Drafts of tests" not in verdict_markdown(verdict("r"))


def test_a_draft_can_not_leave_its_block() -> None:
    (part,) = drafted_parts({"test_a.py": "x = '''\n```\n</details> @octocat\n````\n'''\n"})
    assert part.lines[2] == "`````python" and part.foot == ("`````",)
    assert not any(line.startswith("`````") for line in part.lines[3:])


def test_a_long_draft_is_cut_and_closed() -> None:
    page = verdict_markdown(verdict("r"), drafts={"test_a.py": "a = 1\n" * 5000}, most=3000)
    assert len(page) < 3000 and page.count("```") == 2

"""The verdict for people: three lines on top, the rest folded, nothing that acts, never too long for GitHub."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.evaluations import evaluated, measured, outcomes_of
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import ChangedFile, Commit, Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.folded import Part, page
from tdev.core.verdict_markdown import verdict_markdown

REMEDY = "Hand the values over as parameters."


def finding(number: int = 1, **facts: object) -> Finding:
    given = {
        "tool": "semgrep",
        "rule": "sql-from-strings",
        "severity": "error",
        "message": f"statement {number}",
        "path": "shop/cart.py",
        "line": number,
        "remedy": REMEDY,
        "fingerprint": "f",
    }
    return Finding.model_validate({**given, **facts})


def check(name: str, outcome: Outcome = Outcome.PASS, reason: str = "because", *found: Finding) -> Verdict:
    remarks = found if outcome in (Outcome.PASS, Outcome.REVIEW) else ()
    return Verdict(name=name, outcome=outcome, reason=reason, findings=() if remarks else found, remarks=remarks)


def verdict(*checks: Verdict) -> Verdict:
    return Verdict.of("gates", (Verdict.of("security", checks), Verdict.of("tests", (check("tests-ran"),))))


def evaluation() -> Evaluation:
    made: Evaluation = evaluated(
        measured(outcomes_of({"a": "passed"})), measured(outcomes_of({"a": "passed", "b": "passed"}))
    )
    return made


PATCH = Patch(
    base_sha="a" * 40,
    head_sha="b" * 40,
    commits=(Commit(sha="b" * 40, subject="s", task="T1"),),
    files=(ChangedFile(path="shop/cart.py", status="M", added=3, removed=1),),
    engine="none",
)


@pytest.mark.parametrize(
    ("checks", "first", "following"),
    [
        ((check("secrets"),), "✅ **The change may go on**: none of 2 checks says no", "**Next:** nothing; merge it"),
        (
            (check("secrets"), check("static-analysis", Outcome.FAIL, "bad", finding(7), finding(8))),
            "❌ **The change is stopped**: of 3 checks, 1 says no (static-analysis)",
            f"**Next:** shop/cart.py:7 sql-from-strings: {REMEDY}, and 1 more below",
        ),
        (
            (check("scope", Outcome.FAIL), check("secrets", Outcome.ERROR, "kingfisher is missing")),
            "❗ **The change is stopped**: of 3 checks, 1 says no (scope); "
            "1 says nothing, for lack of evidence (secrets)",
            "**Next:** find out why there is no evidence. secrets: kingfisher is missing",
        ),
        (
            (check("guard", Outcome.REVIEW, "look", finding()),),
            "👀 **The change may go on**: none of 2 checks says no; a person is asked to look at guard",
            "**Next:** a person looks at 1 place, then marks the change as ready.",
        ),
        (
            (check("dependencies", Outcome.WAIVED),),
            "⚠️ **The change may go on**: none of 2 checks says no; the policy waives dependencies",
            "**Next:** nothing; merge it",
        ),
    ],
    ids=["pass", "fail", "error", "review", "waived"],
)
def test_three_lines_stand_on_top(checks: tuple[Verdict, ...], first: str, following: str) -> None:
    lines = verdict_markdown(verdict(*checks), evaluation(), PATCH).split("\n")
    assert lines[0] == first
    assert lines[2] == "1 commit · 1 file, +3 −1 lines · tests that pass 1 → 2 · score 50.0 of 100"
    assert lines[4].startswith(following)
    assert lines[1] == lines[3] == lines[5] == "" and lines[6].startswith("<details>")


def test_nothing_checked_is_no_good_news() -> None:
    assert verdict_markdown(Verdict.of("gates", ())).startswith("❗ **The change is stopped**: nothing was checked")


def test_every_finding_tells_what_to_do_and_where_that_is_explained() -> None:
    text = verdict_markdown(verdict(check("static-analysis", Outcome.FAIL, "bad", finding(7))), evaluation(), PATCH)
    assert f"- shop/cart.py:7 **sql-from-strings** statement 7 → {REMEDY}" in text
    assert "[Why, and what to do](https://github.com/t-developer/tdev/blob/main/docs/gates/static-analysis.md)" in text
    assert "| tests that pass | 1 | 2 | ↑ better |" in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_what_does_not_fit_is_cut_whole_and_said() -> None:
    many = tuple(finding(number, message="x" * 290) for number in range(1, 40))
    full = verdict_markdown(verdict(check("static-analysis", Outcome.FAIL, "bad", *many)), evaluation(), PATCH, 4000)
    assert len(full) <= 4000
    assert full.count("<details>") == full.count("</details>") >= 1
    assert full.rstrip().endswith("the rest is in the run directory.**") and "What blocks (39)" in full.split("Cut")[1]


def test_a_cut_part_keeps_its_foot() -> None:
    text = page(["head"], [Part("code", ["```", *("line" for _ in range(500))], foot=["```"])], 1000)
    assert "line\n```\n\n</details>" in text and len(text) <= 1000


@given(st.text(), st.text(), st.text())
def test_whatever_a_tool_says_nothing_acts(message: str, path: str, reason: str) -> None:
    hostile = finding(message=f"{message} @ada fixes #1 </details>", path=path, remedy=message)
    text = verdict_markdown(verdict(check("secrets", Outcome.FAIL, f"{reason} </details> #2", hostile)), evaluation())
    assert "@ada" not in text and "#1" not in text and "#2" not in text
    assert text.count("<details>") == text.count("</details>") == 3

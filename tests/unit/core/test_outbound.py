"""Text from outside can't act when it is posted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.outbound import MOST_BODY, capped, inline, plain, posted, quoted, visible


@given(st.text())
def test_nothing_leaves_the_fence(text: str) -> None:
    lines = quoted(text).split("\n")
    fence = lines[0].removesuffix("text")
    assert set(fence) == {"`"}
    assert lines[-1] == fence
    assert not any(line.strip().startswith(fence) for line in lines[1:-1])


@given(st.text())
def test_inline_text_is_one_line_without_mentions_or_cells(text: str) -> None:
    made = inline(text)
    assert "\n" not in made
    assert not re.search(r"[@#]\w", made)
    assert not re.search(r"(?<!\\)\|", made.replace("\\\\", ""))


def test_inline_keeps_ordinary_words() -> None:
    assert inline("3 tests pass, see fixes #12 by @ada") == "3 tests pass, see fixes #<!-- -->12 by @<!-- -->ada"


ACTING = (
    "see @ada, fixes #12, closes GH-7, resolves ada/calc#3, "
    "fixes https://github.com/ada/calc/issues/4 and www.example.org or mailto:a@b.org ftp://x"
)


def test_nothing_acts_in_a_line() -> None:
    made = inline(ACTING)
    assert not re.search(r"[a-z]://|www\.|GH-\d|[@#]\w|mailto:\w", made)


@given(st.text())
def test_a_plain_line_has_nothing_that_acts(text: str) -> None:
    made = plain(text + ACTING + text)
    assert "\n" not in made
    assert not re.search(r"[@#]\w|GH-\d|https?://|www\.\w", made)
    assert not re.search(r"(?i)\b(close[sd]?|fix(es|ed)?|resolve[sd]?):?\s+(\S+)?#\d", made)


@pytest.mark.parametrize("text", ["@@ada", "fixes ##12", "GH-GH-7", "hthttps://tps://x.org", "wwwww.w.example.org"])
def test_what_is_left_out_does_not_come_back(text: str) -> None:
    assert not re.search(r"[@#]\w|GH-\d|://|\bwww\.", plain(text))


def test_credentials_and_hidden_text_are_taken_out() -> None:
    secret = "ghp_" + "a" * 36
    hidden = "\u202e\u200b<!-- do this -->"
    for made in (
        inline(secret + hidden),
        plain(secret + hidden),
        quoted(secret + hidden),
        visible(secret + hidden, 99),
    ):
        assert secret not in made and "do this" not in made and "\u202e" not in made
    assert "value-of-ours" not in posted("token value-of-ours.", ["value-of-ours"])


def test_a_long_body_is_cut_at_a_line_and_closes_its_fence() -> None:
    text = "head\n```text\n" + "line\n" * 30_000 + "```\n"
    made = capped(text)
    assert len(made) <= MOST_BODY and made.endswith("run directory.**")
    assert made.count("```") == 2
    assert capped("short") == "short"


@pytest.mark.parametrize(
    "text",
    [
        "[skip ci] x",
        "x [ci skip]",
        "[no ci]",
        "[skip actions]",
        "***NO_CI***",
        "skip-checks: true",
        "[skip [skip ci]ci]",
    ],
)
def test_a_commit_message_cannot_keep_workflows_from_starting(text: str) -> None:
    assert not re.search(r"(?i)skip[ -]?(ci|actions)\]|ci skip\]|no[ _]ci|skip-checks:", plain(text))


@pytest.mark.parametrize("text", ["/tdev stop", "//tdev stop", "\u200b/merge", "\u2044tdev stop", "  /approve"])
def test_no_line_begins_like_a_command(text: str) -> None:
    assert plain(text)[0].isalpha()
    assert inline(text)[0] != "/"


def test_what_looks_random_is_not_posted() -> None:
    token = "9vX2pLqR7sT4wYzB1nM5" + "kJ8hG3fD6cA0eU2iO4tS"
    assert posted(f"it is {token}") == "it is [redacted:likely]"

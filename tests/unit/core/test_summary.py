"""A model's summary of a change: held to its form and to the changed files, and posted so that nothing acts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pydantic import ValidationError

from tdev.core.answers import Unfit
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.summary import ChangeSummary, Summary
from tdev.core.summary_answer import summary_from_answer
from tdev.core.summary_markdown import summary_lines
from tdev.core.untrusted import hidden_characters

CHANGED = frozenset({"src/parser.py", "tests/test_parser.py"})
ACTING = (
    "@ada and @org/team: fixes #12, closes o/r#3, resolves GH-4. See https://evil.example/x, [it](https://evil.example/a),"
    " ![seen](https://evil.example/p.png) <img src=https://evil.example/q.png> www.evil.example [skip ci]"
)


def answer(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Empty input parses",
        "why": "It raised an error.",
        "changed": ["parse('') gives []."],
        "review_first": [{"path": "src/parser.py", "reason": "The loop's end moved."}],
        "risks": ["Callers that wait for the error."],
        "not_done": [],
        **changes,
    }


def told(**changes: Any) -> ChangeSummary:
    made = summary_from_answer(answer(**changes), CHANGED)
    assert isinstance(made, ChangeSummary), made
    return made


def page(**changes: Any) -> str:
    return "\n".join(summary_lines(Summary(told=told(**changes), diff_bytes=10, shown_bytes=10)))


def test_a_summary_is_shown_in_its_parts() -> None:
    assert page() == (
        "## Summary\n\n**Empty input parses**\n\nIt raised an error.\n\n- parse('') gives \\[\\].\n\n"
        "**Review first**\n\n- src/parser.py: The loop's end moved.\n\n"
        "**Risks**\n\n- Callers that wait for the error.\n\n"
        "<sub>What the model says of the difference; no gate checks these words.</sub>\n"
    )


def test_a_difference_that_was_cut_is_told() -> None:
    lines = summary_lines(Summary(told=told(), diff_bytes=90_000, shown_bytes=60_000))
    assert "It saw the first 60,000 of 90,000 bytes." in "\n".join(lines)


@pytest.mark.parametrize("path", ["src/other.py", "../src/parser.py", "src/parser.py\u200b", "https://evil.example"])
def test_it_may_point_only_at_files_that_were_changed(path: str) -> None:
    wrong = answer(review_first=[{"path": "src/parser.py", "reason": "r"}, {"path": path, "reason": "r"}])
    made = summary_from_answer(wrong, CHANGED)
    assert made == Unfit(("review_first.1.path: the change touches no such file",))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"changed": []}, "changed"),
        ({"changed": ["x"] * 13}, "changed"),
        ({"title": "t" * 201}, "title"),
        ({"why": "w" * 601}, "why"),
        ({"why": "\u200b<!-- x -->"}, "why"),
        ({"title": "\u2060"}, "title"),
        ({"risks": [""]}, "risks.0"),
        ({"obey": "me"}, "the whole answer"),
    ],
)
def test_what_has_another_form_is_sent_back(changes: dict[str, Any], place: str) -> None:
    made = summary_from_answer(answer(**changes), CHANGED)
    assert isinstance(made, Unfit)
    assert made.text.startswith(f"- {place}: ") and "obey" not in made.text


def test_what_nobody_sees_is_not_kept() -> None:
    kept = told(why="It\u200b raised\x07 <!-- print the key -->an\u202e error.\nAlways.").why
    assert kept == "It raised an error. Always." and hidden_characters(kept) == 0


FIELDS = ("title", "why", "changed", "risks", "not_done", "review_first")


def everywhere(text: str) -> dict[str, Any]:
    """The text in every part of a summary."""
    return {
        "title": text[:200], "why": text, "changed": [text, text], "risks": [text], "not_done": [text],
        "review_first": [{"path": "src/parser.py", "reason": text}],
    }  # fmt: skip


def acts(markdown: str) -> list[str]:
    """What of a page would act: links, images, raw HTML but ours, mentions and issue numbers."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    inner = [child for token in tokens for child in token.children or ()]
    html = [token.content for token in (*tokens, *inner) if token.type.startswith("html")]
    words = [child.content for child in inner if child.type == "text"]
    found = [token.type for token in inner if token.type in ("link_open", "image")]
    found += [each for each in html if each.strip() not in ("<!-- -->", "<sub>", "</sub>")]
    found += [word for word in words if re.search(r"[@#]\w|https?://|www\.|\bGH-\d", word)]
    return found


def test_nothing_that_a_model_says_acts_on_the_page() -> None:
    shown = page(**everywhere(ACTING))
    assert acts(shown) == []
    assert "ada" in shown and "evil.example/x" in shown, "the words stay"
    assert not re.search(r"(?i)(fix|close|resolve)\w*\s+\S*#\d", shown)
    assert "[skip ci]" not in shown


@given(st.text(min_size=1, max_size=150), st.sampled_from(["", "# ", "- ", "> ", "```", "| a |", "<p>", "1. ", "    "]))
def test_no_text_leaves_its_place(text: str, mark: str) -> None:
    made = summary_from_answer(answer(**everywhere(f"{mark}{text}x")), CHANGED)
    if isinstance(made, Unfit):
        return
    shown = "\n".join((*summary_lines(Summary(told=made)), "## After", "", "last"))
    assert acts(shown) == []
    heads = [token for token in MarkdownIt("commonmark").parse(shown) if token.type == "heading_open"]
    assert [token.tag for token in heads] == ["h2", "h2"], "the page's own heads and no others"


def test_without_a_summary_the_reason_and_the_sessions_words_are_shown() -> None:
    attempts = (
        Attempt(task="T1", number=1, kept=False, reason="r", summary="never shown"),
        Attempt(task="T1", number=2, kept=True, reason="r", summary=f"add() adds.\n\n# Big\n{ACTING}"),
        Attempt(task="T2", number=1, kept=True, reason="r"),
    )
    shown = "\n".join(summary_lines(Summary(reason="The model said @nothing."), attempts))
    assert "There is no structured summary: The model said @<!-- -->nothing." in shown
    assert "- T1: add() adds." in shown and "never shown" not in shown and "T2" not in shown
    assert acts(shown) == []


@pytest.mark.parametrize("values", [{}, {"reason": "r", "told": answer()}])
def test_there_is_a_summary_or_a_reason(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="either `told` or `reason`"):
        Summary.model_validate(values)

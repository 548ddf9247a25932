"""Markdown of a model is made anew: words, code and structure stay, nothing acts, hides or links elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tdev.core.outbound_markdown import rewritten

ORIGINS = ("https://github.com",)


def tokens_of(markdown: str) -> list[Token]:
    """Every token of a page, those inside paragraphs included."""
    found = MarkdownIt("commonmark").parse(markdown)
    return [*found, *(child for token in found for child in token.children or ())]


def test_words_code_lists_and_quotes_stay() -> None:
    text = "# What changed\n\nThe `parse` function.\n\n- one\n- **two**\n\n> said\n\n```python\n@property\n```"
    assert rewritten(text, 4000) == (
        "**What changed**\n\nThe `parse` function.\n\n- one\n\n- **two**\n\n> said\n\n```text\n@property\n```"
    )


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("see @ada and @org/team", "see @<!-- -->ada and @<!-- -->org/team"),
        ("fixes #12, closes o/r#3", "fixes #<!-- -->12, closes o/r#<!-- -->3"),
        ("resolves GH-4", "resolves GH<!-- -->-4"),
        ("closes https://github.com/o/r/issues/5", "closes https:<!-- -->//github.com/o/r/issues/5"),
        ("closes [it](https://github.com/o/r/issues/5)", "closes it (`https://github.com/o/r/issues/5`)"),
        ("[docs](https://github.com/o/r/blob/main/x.md)", "[docs](https://github.com/o/r/blob/main/x.md)"),
        ("[x](https://evil.example/a)", "x (`https://evil.example/a`)"),
        ("[x](https://github.com.evil.example/a)", "x (`https://github.com.evil.example/a`)"),
        ("[x](https://github.com@evil.example/a)", "x (`https://github.com@evil.example/a`)"),
        ("[x](http://github.com/a)", "x (`http://github.com/a`)"),
        ("[x](javascript:alert)", "x"),
        ("<https://github.com/o/r>", "[https:<!-- -->//github.com/o/r](https://github.com/o/r)"),
        ("![seen](https://evil.example/x.png)", r"\[image\]"),
        ("a <b>c</b> <p hidden>d</p>", "a c"),
        ("/tdev stop", r"\/tdev stop"),
        ("words\n/merge", "words\n\\/merge"),
        ("- /approve", r"- \/approve"),
        (r"\# no head", r"\# no head"),
        ("| a |\n|---|\n| b |", "\\| a \\|\n\\|---\\|\n\\| b \\|"),
        ("$x$ & ~y~", r"\$x\$ \& \~y\~"),
    ],
)
def test_what_would_act_does_not(text: str, made: str) -> None:
    assert rewritten(text, 4000, ORIGINS).strip() == made


def test_credentials_are_taken_out() -> None:
    token = "gh" + "p_" + "aB3dE6gH9jK2mN5pQ8sT" * 2
    assert rewritten(f"it is {token} and value-of-this-run", 4000, (), ["value-of-this-run"]) == (
        r"it is \[redacted:github-token\] and \[redacted:own\]"
    )


PIECES = st.sampled_from(
    [
        "@ada",
        "#12",
        "fixes ",
        "/tdev stop",
        "\n",
        "\n\n",
        "`",
        "```\n",
        "[",
        "](",
        ")",
        "> ",
        "- ",
        "1. ",
        "<b>",
        "<!--",
        "https://github.com/o/r/issues/1",
        "<p hidden>",
        "-->",
        "![",
        "\\",
        "**",
        "_",
        "www.evil.example",
        "|",
        "    ",
        "x",
        "https://github.com/a",
        "<https://evil.example>",
        "[a]: https://evil.example",
        "[a]",
        "# ",
        "---",
        "&#64;ada",
        "&commat;ada",
        "\u200b",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_nothing_acts_whatever_is_written(text: str) -> None:
    made = rewritten(text, 4000, ORIGINS)
    found = tokens_of(made)
    for token in found:
        assert token.type != "image"
        if token.type in ("html_block", "html_inline"):
            assert set(re.findall(r"<[^>]*>", token.content)) <= {"<!-- -->"}
        if token.type == "link_open":
            assert str(token.attrGet("href")).startswith("https://github.com/")
            assert "/issues/" not in str(token.attrGet("href")) and token.attrGet("title") is None
        if token.type == "text":
            assert not re.search(r"[@#]\w|://|\bwww\.\w", token.content), token.content
    assert not re.search(r"(?m)^[ >-]*/\w", re.sub(r"(?s)(`{3,}).*?\1|`[^`\n]*`", "", made))

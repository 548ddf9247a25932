"""Markdown of the forge's pages: what it renders, and that nothing else gets through."""

from __future__ import annotations

import re

import pytest

from tdev.forge.pages.markdown import rendered

_TAGS = re.compile(r"<(/?)([a-zA-Z0-9]+)([^>]*)>")
_ALLOWED = frozenset(
    "a blockquote br code details em h1 h2 h3 h4 h5 h6 hr input li ol "  # noqa: SIM905
    "p pre s strong summary table tbody td th thead tr ul".split()
)
_ATTRIBUTES = re.compile(
    r'(?: (?:rel="nofollow noreferrer"|href="https?://[^"<>]*"|title="[^"<>]*"|class="(?:task|left|right|center|language-[^"<>]*)"|start="\d+"'
    r'|type="checkbox"|disabled|checked))* ?/?'
)


def harmless(html: str) -> bool:
    """Only known tags with known attributes."""
    return all(tag in _ALLOWED and _ATTRIBUTES.fullmatch(rest) for _, tag, rest in _TAGS.findall(html))


def test_what_conversations_use() -> None:
    html = rendered(
        "# Plan\n\n- [x] done `now`\n- [ ] open\n\n1. one\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n\n"
        "```python\nx < 1\n```\n[docs](https://example.org/a?b=1&c=2)\nnext line ~~gone~~"
    )
    assert "<h1>Plan</h1>" in html and '<td class="center"><strong>2</strong></td>' in html and "<s>gone</s>" in html
    assert '<li class="task"><input type="checkbox" disabled checked> done <code>now</code></li>' in html
    assert '<li class="task"><input type="checkbox" disabled> open</li>' in html
    assert '<code class="language-python">x &lt; 1\n</code>' in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html and "<br" in html
    assert harmless(html)


def test_comments_vanish_and_details_stay() -> None:
    html = rendered("<!-- tdev:run=1 -->\nhi <!-- there -->\n\n<details><summary>Log</summary>\n\nlines\n\n</details>")
    assert "tdev:run" not in html and "there" not in html
    assert "<details><summary>Log</summary>" in html and "</details>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick='x'>b</b>",
        "<details open ontoggle=alert(1)>",
        "<!-- --><script>alert(1)</script><!-- -->",
        "<!-- <script>alert(1)",
        "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](//evil.example)",
        "[x]: vbscript:x\n[x]",
        "![x](javascript:alert(1))",
        '![" onerror="alert(1)](http://e.example/")',
        '[x](https://e.example/"onclick="a)',
        "<javascript:alert(1)>",
        '``` "><script>\nx\n```',
        "- [x] <input type=text onfocus=alert(1)>",
        "| <script> | b |\n|---|---|\n| <iframe src=//e> | 2 |",
        "<br onclick=alert(1)>",
        "<br/ onclick=alert(1)>",
        "&lt;details&gt; &#60;script&#62;",
        "<style>*{display:none}</style>",
        "<a href='javascript:x'>x</a>",
    ],
)
def test_nothing_else_gets_through(text: str) -> None:
    assert harmless(rendered(text)), rendered(text)


def test_very_deep_and_very_long_text_ends() -> None:
    for text in (">" * 5_000, "[" * 5_000, "*a_ " * 5_000, "- " * 2_000 + "x", "<!--" * 5_000, "|" * 20_000):
        assert harmless(rendered(text))

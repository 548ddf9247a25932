"""Markdown as GitHub's conversations use it, made into HTML that can do nothing.

Comes in: text that anybody, or a model, wrote. Goes out: Html with headings, lists, task lists, tables, code
and links to http(s); every other tag, and every address of another kind, is shown as the text it is.
HTML comments are hidden, and <details>, <summary> and <br> without attributes work, as on GitHub.
Images become links: a page never loads anything from elsewhere. Mentions and bare addresses stay text.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from tdev.forge.pages.html import Html

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLAIN_TAG = re.compile(r"&lt;(/?(?:details|summary)|br ?/?)&gt;")
_TASK = re.compile(r"\[([ xX])\](?=\s)")
_BOX = '<input type="checkbox" disabled{checked}>'
_MADE_HERE = "made here"


def rendered(text: str | None, *, breaks: bool = True) -> Html:
    """The text as HTML; `breaks` keeps line ends, as in comments and not in files."""
    return Html(_parser(breaks).render(text or ""))


@lru_cache(maxsize=2)
def _parser(breaks: bool) -> MarkdownIt:
    """The parser; HTML is recognised so that comments can be hidden, and then written as text."""
    parser = MarkdownIt("commonmark", {"html": True, "breaks": breaks}).enable(["table", "strikethrough"])
    parser.validateLink = _is_web  # type: ignore[method-assign]
    parser.core.ruler.push("task_lists", _task_lists)
    parser.core.ruler.push("aligned_cells", _aligned_cells)
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    return parser


def _is_web(url: str) -> bool:
    """Addresses that may become links."""
    return url.lower().startswith(("http://", "https://"))


def _html(renderer: Any, tokens: Sequence[Token], at: int, options: Any, environment: MutableMapping[str, Any]) -> str:
    """HTML in the text: comments vanish, the few plain tags stay, the rest is text."""
    token = tokens[at]
    if token.meta.get(_MADE_HERE):
        return token.content
    return _PLAIN_TAG.sub(r"<\1>", escape(_COMMENT.sub("", token.content)))


def _image(renderer: Any, tokens: Sequence[Token], at: int, options: Any, environment: MutableMapping[str, Any]) -> str:
    """A link to the picture."""
    url, words = str(tokens[at].attrGet("src") or ""), tokens[at].content or "picture"
    return f'<a rel="nofollow noreferrer" href="{escape(url)}">{escape(words)}</a>'


def _link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, environment: MutableMapping[str, Any]) -> str:
    """The start of a link, which no search engine follows."""
    tokens[at].attrSet("rel", "nofollow noreferrer")
    return str(renderer.renderToken(tokens, at, options, environment))


def _task_lists(state: StateCore) -> None:
    """Replace `[ ]` and `[x]` at the start of list items by boxes that can't be ticked."""
    tokens = state.tokens
    for before, opening, token in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = token.children or []
        if before.type != "list_item_open" or opening.type != "paragraph_open" or not children:
            continue
        found = _TASK.match(children[0].content) if children[0].type == "text" else None
        if found:
            box = Token("html_inline", "", 0, meta={_MADE_HERE: True})
            box.content = _BOX.format(checked="" if found[1] == " " else " checked")
            children[0].content = children[0].content[found.end() :]
            token.children = [box, *children]
            before.attrSet("class", "task")


def _aligned_cells(state: StateCore) -> None:
    """Say the alignment of a table's cells by a class: pages have no inline style."""
    for token in state.tokens:
        style = str(token.attrs.pop("style", ""))
        if style.startswith("text-align:"):
            token.attrSet("class", style.removeprefix("text-align:"))

"""HTML without a template engine: `fill` escapes every value that is not HTML already.

Comes in: a template of our own with {names}, and values. Goes out: Html, a text that is safe to put into other
templates. `page` wraps it in the frame all pages share; its Content-Security-Policy allows the stylesheet of
the forge and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from aiohttp import web

from tdev.forge.pages.style import ADDRESS

_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="{style}"></head>
<body><header><a href="{root}/">Forge</a>{trail}</header><main>{body}</main></body></html>"""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def fill(template: str, **values: object) -> Html:
    """The template with its {names} replaced; values that are not Html are escaped."""
    return Html(template.format_map({name: _safe(value) for name, value in values.items()}))


def _safe(value: object) -> str:
    """A value as HTML; None is empty."""
    return str(value) if isinstance(value, Html) else escape("" if value is None else str(value))


def joined(parts: Iterable[Html]) -> Html:
    """The parts one after the other."""
    return Html("".join(parts))


def pill(word: str, kind: str = "") -> Html:
    """A word in a coloured frame."""
    return fill('<span class="pill {kind}">{word}</span>', word=word, kind=kind or word)


def label(name: str, color: str) -> Html:
    """A label with a dot in its colour, six hexadecimal digits."""
    dot = fill('<svg width="10" height="10"><circle cx="5" cy="5" r="5" fill="#{color}"/></svg>', color=color)
    return fill('<span class="pill label">{dot}{name}</span>', dot=dot, name=name)


def link(url: str, words: str) -> Html:
    """A link; addresses that are not of the web are shown as text."""
    if not url.startswith(("http://", "https://", "/")):
        return fill("{words}", words=words)
    return fill('<a href="{url}">{words}</a>', url=url, words=words)


def page(title: str, body: Html, *, root: str = "", trail: Html | None = None, refresh: bool = False) -> web.Response:
    """A whole page; with `refresh` the browser asks again every two seconds."""
    text = fill(_FRAME, title=title, style=ADDRESS, root=root, trail=trail or Html(""), body=body)
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **({"Refresh": "2"} if refresh else {}),
    }
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)

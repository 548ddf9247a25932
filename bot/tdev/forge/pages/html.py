"""HTML without a template engine: `fill` escapes every value that is not HTML already.

Comes in: a template of our own with {names}, and values. Goes out: Html, a text that is safe to put into other
templates. `page` wraps it in the frame all pages share and forbids scripts by its Content-Security-Policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from aiohttp import web

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2328;margin:0;background:#fff}
header{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:12px 32px}
header a{font-weight:600;margin-right:16px}main{max-width:1100px;margin:24px auto;padding:0 32px}
a{color:#0969da;text-decoration:none}h1{font-size:26px;font-weight:500;margin:0 0 8px}
h2{font-size:18px;margin:28px 0 8px}
.muted{color:#59636e;font-size:13px}.box{border:1px solid #d1d9e0;border-radius:6px;margin:16px 0;overflow:hidden}
.box>.head{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:8px 16px;font-size:13px}
.box>.text{padding:12px 16px;white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:0}
.pill{display:inline-block;border-radius:12px;padding:1px 10px;font-size:12px;background:#ddf4ff;margin-right:6px}
.open,.success{background:#dafbe1;color:#116329}.closed,.failure{background:#ffebe9;color:#82071e}
.merged{background:#fbefff;color:#6639ba}.queued,.in_progress,.neutral,.skipped,.cancelled{background:#fff8c5;color:#7d4e00}
table{border-collapse:collapse;width:100%}td,th{padding:6px 12px;border-top:1px solid #d1d9e0;text-align:left}
pre.code{font:12px/1.5 ui-monospace,monospace;margin:0;overflow-x:auto;padding:8px 0}
pre.code span{display:block;padding:0 16px;white-space:pre}
.add{background:#dafbe1}.del{background:#ffebe9}.hunk{background:#ddf4ff;color:#59636e}
"""
_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head>
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


def link(url: str, words: str) -> Html:
    """A link; addresses that are not of the web are shown as text."""
    if not url.startswith(("http://", "https://", "/")):
        return fill("{words}", words=words)
    return fill('<a href="{url}">{words}</a>', url=url, words=words)


def page(title: str, body: Html, *, root: str = "", trail: Html | None = None, refresh: bool = False) -> web.Response:
    """A whole page; with `refresh` the browser asks again every two seconds."""
    text = fill(_FRAME, title=title, style=Html(_STYLE), root=root, trail=trail or Html(""), body=body)
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **({"Refresh": "2"} if refresh else {}),
    }
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)

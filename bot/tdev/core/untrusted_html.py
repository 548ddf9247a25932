"""HTML in a text from outside: tags stay as bare names; what a browser would not show goes, with what it says.

In goes text whose code was masked (untrusted_markdown.py). The tags are found as CommonMark and browsers find them
(https://spec.commonmark.org/0.31.2/#raw-html); an element is hidden by its name, by `hidden`, or by a style. Where that
is not certain it counts as hidden. Every pattern is bounded, and one pass over the tags is linear.
"""

from __future__ import annotations

import html
import re
from collections import Counter

from tdev.core.untrusted_report import Hidden


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]{0,40})"
    r"(?P<rest>(?:[\s/](?:[^<>\"']|\"[^\"]{0,20000}\"|'[^']{0,20000}'){0,20000})?)>"
)
_ATTRIBUTE = re.compile(
    r"(?P<name>[^\s\"'<>/=]{1,200})"
    r"(?:\s{0,20}=\s{0,20}(?P<value>\"[^\"]{0,20000}\"|'[^']{0,20000}'|[^\s\"'=<>`]{1,20000}))?"
)
_DECLARATION = re.compile(r"<(?:\?.{0,20000}?\?>|!\[CDATA\[.{0,20000}?\]\]>|![A-Za-z][^>]{0,20000}>)", re.DOTALL)
_WHOLE = re.compile(
    rf"<!--(?:-?>|.{{0,20000}}?--!?>)|{_DECLARATION.pattern}|{TAG.pattern}|<[^<>\s]{{0,500}}>", re.DOTALL
)
_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
"""Names of elements that may stay; a longer one is a sentence that no page shows."""
_UNENDED = re.compile(r"<[A-Za-z/!?]")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]{1,500}")
_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_UNSEEN = _names(
    "script style template head title noscript object iframe svg math audio video canvas datalist select textarea "
    "noembed noframes rp map xmp plaintext option"
)
"""Elements whose content is not shown, or not as text; only where they are closed, since forges show a lone tag."""
_UNSEEN_VOID = _names("area base embed img input link meta param source track")
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0?\.?0*(?:;|%|$)|font-size:0?\.?[0-9]?(?:px|pt|em|rem|%|;|$)"
    r"|color:(?:transparent|white|#fff|rgba?\(255,255,255|rgba?\([^)]{0,40},0?\.?0*\))"
    r"|(?:max-)?(?:height|width):0|text-indent:-|(?:left|top|right|bottom|margin[a-z-]{0,8}):-\d{3}"
    r"|clip(?:-path)?:|scale\(0|content-visibility:hidden|mso-hide"
)
_PALE = _names("white #fff #ffffff transparent")


def shown_html(text: str, counts: Counter[Hidden]) -> str:
    """The text with bare tags, without declarations and without elements that are not shown."""
    text, found = _DECLARATION.subn(" ", text)
    counts[Hidden.COMMENT] += found
    last_ends = {tag["name"].lower(): tag.start() for tag in TAG.finditer(text) if tag["end"]}
    kept: list[str] = []
    place = 0
    hiding, depth = "", 0
    for tag in TAG.finditer(text):
        name = tag["name"].lower()
        if hiding:
            depth += 0 if name != hiding or name in _VOID else -1 if tag["end"] else 1
            if depth == 0:
                hiding, place = "", tag.end()
                kept.append(" ")
            continue
        kept.append(text[place : tag.start()])
        place = tag.end()
        if _hides(tag, name, last_ends):
            counts[Hidden.IMAGE if name == "img" else Hidden.ELEMENT] += 1
            hiding, depth = ("", 0) if name in _VOID else (name, 1)
            kept.append("[image]" if name == "img" else "")
        elif not _NAME.fullmatch(name):
            counts[Hidden.ELEMENT] += 1
        else:
            kept.append(_bare(tag, name, counts))
    return "".join(kept) + ("" if hiding else text[place:])


def ended(block: str, counts: Counter[Hidden]) -> str:
    """A block of raw HTML without a last tag that does not end: a browser takes all that follows for its attributes."""
    masked = _WHOLE.sub(lambda tag: " " * len(tag.group()), block)
    open_tag = _UNENDED.search(masked)
    if not open_tag:
        return block
    counts[Hidden.ELEMENT] += 1
    return block[: open_tag.start()] + "\n" * block[open_tag.start() :].count("\n")


def _hides(tag: re.Match[str], name: str, last_ends: dict[str, int]) -> bool:
    """True when the element that begins here is not shown."""
    if tag["end"]:
        return False
    if name in _UNSEEN_VOID:
        return True
    if name in _UNSEEN:
        return last_ends.get(name, -1) > tag.start()
    return name not in _VOID and _hidden_by(_attributes(tag))


def _hidden_by(attributes: dict[str, str]) -> bool:
    if "hidden" in attributes or attributes.get("color", "").strip().lower() in _PALE:
        return True
    style = re.sub(r"/\*.*?\*/|\s+", "", attributes.get("style", "").lower(), flags=re.DOTALL)
    return bool(_HIDING.search(style)) or _same_colours(style)


def _same_colours(style: str) -> bool:
    """True when text and background are given the same colour."""
    pairs = (each.partition(":") for each in style.split(";"))
    values = {name: value for name, _, value in pairs}
    background = values.get("background-color") or values.get("background")
    return bool(background) and values.get("color") == background


def _bare(tag: re.Match[str], name: str, counts: Counter[Hidden]) -> str:
    """The tag without attributes; a link keeps its address, `details` that it is open."""
    attributes = _attributes(tag)
    address = _ADDRESS.fullmatch(attributes.get("href", "")) if name == "a" else None
    if address:
        kept = f' href="{address.group()}"'
    elif "open" in attributes and name == "details":
        kept = " open"
    else:
        kept = ""
    counts[Hidden.ATTRIBUTE] += len(attributes) - bool(kept)
    if not attributes:
        return tag.group()
    return f"<{tag['end']}{tag['name']}{kept}>"


def _attributes(tag: re.Match[str]) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(tag["rest"])
    return {each["name"].lower(): html.unescape((each["value"] or "").strip("\"'")) for each in found}

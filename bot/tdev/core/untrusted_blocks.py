"""Blocks of a Markdown page that hide something: fences, definitions, tables. What is not shown of them goes.

Each function changes the lines that it is given in place and keeps their number, so that the places of other blocks,
which the parser told, stay right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from markdown_it.token import Token

from tdev.core.untrusted_report import Hidden

_INFO = re.compile(r"(`{3,}|~{3,})[ \t]*([\w+#.-]{0,30})(.*)$")
_FENCE_END = re.compile(r"[\s>]*(?:`{3,}|~{3,})[ \t]*$")
_DRAWN = frozenset({"geojson", "topojson", "stl"})
_LABEL = re.compile(r"\[(?:[^\[\]\\]|\\.){1,1000}\]", re.DOTALL)


def masked(text: str, masks: list[str]) -> str:
    """What stands for a code while the rest is looked at: its number between two control characters."""
    if not text.strip():
        return text
    masks.append(text)
    return f"\x00{len(masks) - 1}\x00"


def fence(token: Token, lines: list[str], masks: list[str], counts: Counter[Hidden]) -> None:
    """A fenced block: all but the language of its first line is not shown, nor are the words of a drawing."""
    first, last = token.map or (0, 0)
    info = _INFO.search(lines[first])
    language = info[2] if info else ""
    if info and info[3].strip():
        counts[Hidden.ATTRIBUTE] += 1
        lines[first] = lines[first][: info.end(2)]
    end = last - 1 if last - first > 1 and _FENCE_END.fullmatch(lines[last - 1]) else last
    for number in range(first + 1, end):
        line = lines[number]
        if language.lower() == "mermaid" and "%%" in line:
            counts[Hidden.DRAWING] += 1
            line = line.partition("%%")[0].rstrip()
        elif language.lower() in _DRAWN and line.strip():
            counts[Hidden.DRAWING] += 1
            line = ""
        lines[number] = masked(line, masks)


def definition(token: Token, lines: list[str], used: frozenset[str], counts: Counter[Hidden]) -> None:
    """A link reference definition: gone when no text uses it, else without its title."""
    first, last = token.map or (0, 0)
    label, address = str(token.meta.get("label", "")), str(token.meta.get("url", ""))
    mark = lines[first].partition("[")[0]
    kept = (
        f"{mark}[{label}]: {address}"
        if _label(label) in used and "\n" not in label + address and "%20" not in address
        else ""
    )
    if kept and lines[first:last] == [kept]:
        return
    counts[Hidden.TITLE if kept else Hidden.REFERENCE] += 1
    lines[first:last] = [kept, *[""] * (last - first - 1)]


def used_labels(text: str, tokens: Sequence[Token]) -> frozenset[str]:
    """The labels that stand in brackets more often than they are defined."""
    defined = Counter(_label(str(token.meta.get("label", ""))) for token in tokens if token.type == "definition")
    if not defined:
        return frozenset()
    found = Counter(_label(each.group()[1:-1]) for each in _LABEL.finditer(text))
    return frozenset(label for label, count in defined.items() if found[label] > count)


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def table(lines: list[str], first: int, last: int, counts: Counter[Hidden]) -> None:
    """A table: cells beyond the number of columns are not shown."""
    columns = len(_cells(lines[first + 1]))
    for number in range(first, last):
        cells = _cells(lines[number])
        if len(cells) > columns:
            counts[Hidden.CELL] += len(cells) - columns
            lines[number] = "|" + "|".join(cells[:columns]) + "|"


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    cells = re.split(r"(?<!\\)\|", inner)
    return cells[:-1] if len(cells) > 1 and not cells[-1].strip() else cells

"""Words about tasks: titles that fit a commit's subject, and which insights a request in words is about.

Titles end up as commit subjects of at most 72 characters, cut between words. Their words may come from an issue, so
they are cleaned first. KIND_TASKS must have a row for every kind in core/insight/kinds.py.
Matching a request with insights is only a hint for a model about where to look; it never widens what may be changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tdev.core.artifacts.insights import Insight
from tdev.core.recipes import RECIPES, recipes_named_in
from tdev.core.untrusted import clean

TITLE_LENGTH = 72
_LONGEST_NAME = 30
_SHORTEST_STEM = 4
_UNTOLD = frozenset({"main", "test", "tests", "init", "__init__", "utils", "core", "setup", "code", "file", "files"})


class KindTask(NamedTuple):
    """How a task that answers one kind of insight is put into words, and how risky it is."""

    title: str
    """Imperative."""
    risk: int
    """1 = cosmetic, 5 = may break users."""
    words: tuple[str, ...]
    """Beginnings of words by which a request means this kind."""


KIND_TASKS: dict[str, KindTask] = {
    "untested-module": KindTask("Test the modules that no test names", 1, ("untested", "coverage")),
    "complex-function": KindTask("Simplify complex functions", 3, ("complex", "simplif", "refactor")),
    "long-function": KindTask("Split long functions", 3, ("long", "split", "refactor")),
    "old-dependency": KindTask("Review old dependencies", 3, ("dependenc", "outdated", "upgrade")),
    "vulnerable-dependency": KindTask("Raise vulnerable dependencies", 3, ("dependenc", "vulnerab", "cve")),
    "dead-code": KindTask("Remove dead code", 3, ("dead", "unused", "unreachable")),
    "missing-types": KindTask("Annotate functions", 2, ("type", "typing", "annotat")),
    "old-syntax": KindTask("Modernise the syntax", 2, ("modern", "syntax")),
    "missing-docstring": KindTask("Document public symbols", 1, ("docstring", "document", "docs")),
    "unused-import": KindTask("Remove unused imports", 1, ("import",)),
    "todo-density": KindTask("Settle TODO comments", 3, ("todo", "fixme")),
}
OTHER_KIND = KindTask("Settle what research saw", 3, ())


def titled(title: str, paths: Sequence[str]) -> str:
    """The title on one line of at most 72 characters, with the first path; the title gives way to the file's name."""
    line = " ".join(clean(title, 1000).split()) or "Do what was asked"
    if not paths:
        return cut(line, TITLE_LENGTH)
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    path = " ".join(clean(paths[0], 1000).split())
    if len(f"{line} in {path}{more}") > TITLE_LENGTH:
        path = cut(path.rpartition("/")[2], _LONGEST_NAME)
    place = f" in {path}{more}"
    return cut(line, TITLE_LENGTH - len(place)) + place


def cut(line: str, length: int) -> str:
    """The line, cut at the end of a word where it is longer than that."""
    if len(line) <= length:
        return line
    head = line[: length - 1]
    words = head.rpartition(" ")[0]
    return (words if len(words) > length // 2 else head).rstrip() + "…"


def asked_about(text: str, insight: Insight) -> bool:
    """True when a request seems to be about an insight: it names the recipe for it, its kind, or its file."""
    named = recipes_named_in(text)
    if named:
        return any(insight.kind in fact.insights for fact in RECIPES if fact.name in named)
    words = set(re.findall(r"[a-z0-9_./-]+", text.lower()))
    kinds = KIND_TASKS.get(insight.kind, OTHER_KIND).words
    if any(word.startswith(kinds) for word in words if kinds):
        return True
    return any(_names(place.path.lower(), words) for place in insight.evidence)


def _names(path: str, words: set[str]) -> bool:
    """True when the words hold the path, its file name, or its name without the ending where that tells something."""
    name = path.rpartition("/")[2]
    stem = name.partition(".")[0]
    spoken = {word.strip("./") for word in words}
    telling = len(stem) >= _SHORTEST_STEM and stem not in _UNTOLD
    return path in spoken or name in spoken or (telling and stem in spoken)

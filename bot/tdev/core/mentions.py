"""Names that a tree's files speak of without importing them: in settings, images, workflows and addresses.

Comes in: one file's path and text, and names of modules and packages. Goes out: those that stand in it. In Python, only
strings without blanks count (`"corsheaders"`, `"postgresql+psycopg2://"`), as prose may use the same words; prose,
dependency files and locks tell nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from tdev.core.manifests import is_dependency_file
from tdev.core.scan.paths import is_python_path

MOST_CHARACTERS = 500_000
"""Longer files are not read."""
_PROSE = (".md", ".rst", ".txt", ".adoc", ".lock", "-lock.json", ".csv", ".svg", ".html", ".po")
_PROSE_NAMES = frozenset({"license", "licence", "notice", "changelog", "changes", "authors", "copying", "readme"})
_WORD = re.compile(r"[A-Za-z0-9_]+(?:[-.][A-Za-z0-9_]+)*")


def may_mention(path: str) -> bool:
    """Whether a file of that path is one that can speak of a package."""
    name = path.rpartition("/")[2].lower()
    return not (
        is_dependency_file(path) or name.endswith(_PROSE) or name in _PROSE_NAMES or name.endswith("-lock.json")
    )


def mentioned(path: str, text: str, names: Collection[str]) -> frozenset[str]:
    """Those of the names, in small letters, that stand in the text."""
    if len(text) > MOST_CHARACTERS or not any(name in text.lower() for name in names):
        return frozenset()
    said = "\n".join(_strings(text)) if is_python_path(path) else text
    words = {part for word in _WORD.findall(said.lower()) for part in (word, *word.split("."))}
    return frozenset(words & set(names))


def _strings(text: str) -> Iterator[str]:
    """Strings without blanks; none of what can't be parsed."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not re.search(r"\s", node.value):
            yield node.value

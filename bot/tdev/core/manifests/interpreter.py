"""The oldest Python a project says it runs on.

Specifiers are read as PEP 440 writes them (https://peps.python.org/pep-0440/), plus Poetry's caret. Only lower bounds
count. Where a project has no `requires-python`, the oldest classifier stands in for it.
Of several manifests the one nearest to the root decides: those further down often belong to examples.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tdev.core.manifests.documents import parse_ini, parse_toml, table
from tdev.core.manifests.lines import Lines

_VERSION = re.compile(r"(\d+)\.(\d+)")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")


class PythonFloor(NamedTuple):
    """The oldest Python a project says it runs on."""

    path: str
    """The file that says so."""
    line: int
    """1-based; 0 where the line is not known."""
    version: tuple[int, int]
    """E.g. (3, 8)."""


def python_floor(manifests: Mapping[str, str]) -> PythonFloor | None:
    """The oldest Python that the nearest manifest to the root promises to run on; None when none says."""
    for path in sorted(manifests, key=lambda path: (path.count("/"), path)):
        text = manifests[path]
        asked = _requires_python(path.rpartition("/")[2], text)
        versions = sorted(_lower_bounds(asked)) or sorted(
            (int(major), int(minor)) for major, minor in (version.split(".") for version in _CLASSIFIER.findall(text))
        )
        if versions:
            return PythonFloor(path, Lines(text).holding(asked or "Programming Language :: Python"), versions[0])
    return None


def _lower_bounds(specifier: str) -> Iterator[tuple[int, int]]:
    """The versions that clauses such as `>=3.8`, `~=3.8`, `==3.8.*`, `^3.8` start at."""
    for clause in specifier.split(","):
        match = _VERSION.search(clause)
        if match and clause.strip().startswith((">=", "~=", "==", "^", ">")):
            yield int(match.group(1)), int(match.group(2))


def _requires_python(name: str, text: str) -> str:
    """The specifier of the interpreter in one manifest, as written."""
    if name == "pyproject.toml":
        document = parse_toml(text)
        asked = table(document, "project").get("requires-python")
        asked = asked or table(document, "tool", "poetry", "dependencies").get("python")
        return asked if isinstance(asked, str) else ""
    if name == "setup.cfg":
        return parse_ini(text).get("options", "python_requires", fallback="").strip()
    return _of_setup_py(text) if name == "setup.py" else ""


def _of_setup_py(text: str) -> str:
    """The text given as `python_requires` to any call; empty where there is none."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    given = (node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "python_requires")
    texts = (value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str))
    return next(texts, "")

"""A repository's own licence, from its pyproject.toml or the first lines of its licence file.

Comes in: the files of a commit. Goes out: an SPDX expression; empty where nothing tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from tdev.core.licence_names import licence_expression
from tdev.core.manifests.documents import parse_toml, table

_FILE = re.compile(r"(licen[cs]e|copying)(\.(txt|md|rst))?", re.IGNORECASE)
_HEAD = 300
"""So many characters at the start of a licence's text name it."""


def own_licence(paths: Collection[str], text_of: Callable[[str], str]) -> str:
    """The licence of a tree whose files have these paths."""
    stated = _stated(text_of("pyproject.toml")) if "pyproject.toml" in paths else ""
    named = (path for path in sorted(paths) if _FILE.fullmatch(path))
    return stated or next((found for path in named if (found := _of_text(text_of(path)))), "")


def _stated(text: str) -> str:
    """What a pyproject.toml says."""
    project = table(parse_toml(text), "project")
    given = project.get("license")
    said = given if isinstance(given, str) else str(given.get("text", "")) if isinstance(given, dict) else ""
    classifiers = project.get("classifiers")
    listed = [each for each in classifiers if isinstance(each, str)] if isinstance(classifiers, list) else []
    return licence_expression("", said, listed)


def _of_text(text: str) -> str:
    return licence_expression("", text[:_HEAD], ())

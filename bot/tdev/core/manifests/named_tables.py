"""Tables of `name = version`, as Poetry and Pipenv write requirements.

Formats: https://python-poetry.org/docs/dependency-specification/ and https://pipenv.pypa.io/en/latest/pipfile.html.
A value is a version or a table with options. Poetry's caret and tilde become the PEP 440 ranges they stand for, so
that everything behind this module knows one way of writing versions.
Entries with a `path` are folders of the project itself and are left out, as is the entry for Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tdev.core.manifests.documents import table
from tdev.core.manifests.lines import Lines
from tdev.core.manifests.requirement import Requirement, normalised

_SOURCES = ("git", "hg", "svn", "url", "file")


def named(entries: Mapping[str, Any], path: str, lines: Lines) -> Iterator[Requirement]:
    """The requirements of one table."""
    for name, value in entries.items():
        options = value if isinstance(value, dict) else {"version": value}
        if normalised(name) == "python" or "path" in options:
            continue
        specifier = specifier_of(str(options.get("version", "*")))
        address = next(iter(addresses(options)), "")
        yield Requirement(normalised(name), specifier, path, lines.starting(name), url=address, written=name)


def specifier_of(version: str) -> str:
    """Poetry's and Pipenv's way to write versions, as PEP 440 does."""
    version = version.strip()
    if version in ("*", ""):
        return ""
    match = re.fullmatch(r"([\^~])\s*(\d+(?:\.\d+)*)", version)
    if match is None:
        bare = re.fullmatch(r"\d[\w.+!-]*(?:\.\*)?", version)
        return f"=={version}" if bare else re.sub(r"\s+", "", version)
    digits = [int(part) for part in match.group(2).split(".")]
    place = min(1, len(digits) - 1)
    if match.group(1) == "^":
        place = next((index for index, digit in enumerate(digits) if digit), len(digits) - 1)
    upper = [*digits[:place], digits[place] + 1]
    return f">={match.group(2)},<{'.'.join(map(str, upper))}"


def addresses(options: object) -> tuple[str, ...]:
    """Repositories and archives that a table names as a package's source."""
    if isinstance(options, list):
        return tuple(address for item in options for address in addresses(item))
    if not isinstance(options, dict):
        return ()
    nested = table(options, "vcs") or table(options, "archive")
    return tuple(str(one[name]) for one in (options, nested) for name in _SOURCES if isinstance(one.get(name), str))

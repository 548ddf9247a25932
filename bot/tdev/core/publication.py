"""What a project publishes: whether others can install it, under which version, and with which packages.

Told from its build files alone. A project with `[build-system]`, or with a setup.py or setup.cfg that names it, is a
package that others may import; without, it is an application, whose modules are its own affair. The classifier
`Private :: Do Not Upload` says the same of a package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tdev.core.code_paths import is_own_code
from tdev.core.manifests.documents import parse_ini, parse_toml, table
from tdev.core.module_names import top_packages

FILES = ("pyproject.toml", "setup.cfg", "setup.py")
"""Build files."""
RAISED = "version-raised"
"""Rule of the note that the version leaves room for breaks."""
_NOT_PRODUCT = frozenset({"docs", "doc", "example", "examples", "bench", "benchmarks", "scripts", "tools", "tasks"})
_PRIVATE = "Private :: Do Not Upload"
_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?")
_ASSIGNED = re.compile(r"^\s*(?:__version__|version|VERSION)\s*(?::\s*[\w.]+\s*)?=\s*[\"']([^\"']{1,64})[\"']", re.M)


class Publication(NamedTuple):
    """A project as others see it."""

    name: str
    """The distribution's name; may be empty in a setup.py."""
    version: str
    """Its version; empty where it is made at the build."""


def publication_of(texts: Mapping[str, str]) -> Publication | None:
    """What the project publishes, by the texts of FILES and of files that may tell the version; None = nothing."""
    document = parse_toml(texts.get("pyproject.toml", ""))
    project = table(document, "project") or table(document, "tool", "poetry")
    sections = parse_ini(texts.get("setup.cfg", ""))
    metadata = dict(sections.items("metadata")) if sections.has_section("metadata") else {}
    builds = bool(table(document, "build-system") and project) or "name" in metadata or "setup.py" in texts
    if not builds or _PRIVATE in "\n".join(texts.get(name, "") for name in FILES):
        return None
    said = str(project.get("version", "")) or str(metadata.get("version", ""))
    found = said if _VERSION.match(said) else _assigned(texts)
    return Publication(str(project.get("name", "")) or str(metadata.get("name", "")), found)


def published_packages(paths: Iterable[str], folder: str = ".") -> dict[str, str]:
    """Root by name of the packages that a project in `folder` publishes: those at its top, in `src` or in `lib`."""
    places = {folder, *(name if folder == "." else f"{folder}/{name}" for name in ("src", "lib", "python"))}
    packages = top_packages([path for path in paths if is_own_code(path)])
    return {
        name: root
        for name, root in packages.items()
        if not name.startswith("_") and name not in _NOT_PRODUCT and (root in places or root.count("/") == 0)
    }


def raised(before: str, after: str) -> bool:
    """Whether a version leaves room for breaks: a higher major number, below 1.0 a higher minor one."""
    old, new = _VERSION.match(before), _VERSION.match(after)
    if not old or not new:
        return False
    was, now = _numbers(old), _numbers(new)
    return now[0] > was[0] or (was[0] == now[0] == 0 and now[1] > was[1])


def _numbers(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2] or 0)


def _assigned(texts: Mapping[str, str]) -> str:
    """The version that a Python file assigns."""
    found = (_ASSIGNED.search(text) for name, text in sorted(texts.items()) if name.endswith(".py"))
    return next((match[1] for match in found if match), "")

"""The packages each kind of dependency file asks for.

A requirement keeps the line it stands on, so that git can say when it was written. Lock files that tools write as
TOML or JSON are left out on purpose: their lines say when a tool ran, not when a person decided.
Dynamic dependencies (a setup.py that computes them) stay unknown, since no code of the project is run.
"""

from __future__ import annotations

import re

from tdev.core.manifests.documents import line_of, parse_ini, parse_toml, setup_arguments, value_at
from tdev.core.manifests.requirement import Requirement, parse_requirement

_REQUIREMENT_FILE = re.compile(r"(?:^|/)(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)$")
_REQUIREMENT_FOLDER = re.compile(r"(?:^|/)requirements/[\w.-]+\.(?:txt|in)$")
_METADATA = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
_METADATA_LENGTH = 256 * 1024


def is_manifest(path: str) -> bool:
    """True for files in which Python projects name what they depend on."""
    name = path.rpartition("/")[2]
    return name in _METADATA or bool(_REQUIREMENT_FILE.search(path) or _REQUIREMENT_FOLDER.search(path))


def requirements(path: str, text: str) -> tuple[Requirement, ...]:
    """The packages a dependency file asks for, in line order; none for one that can't be parsed or is absurdly long."""
    name = path.rpartition("/")[2]
    if name in _METADATA and len(text) > _METADATA_LENGTH:
        return ()
    if name == "pyproject.toml":
        found = _of_pyproject(path, text)
    elif name == "setup.cfg":
        found = _of_setup_cfg(path, text)
    elif name == "setup.py":
        found = _of_setup_py(path, text)
    else:
        found = _of_requirements(path, text)
    return tuple(sorted(set(found), key=lambda one: (one.line, one.name)))


def _of_requirements(path: str, text: str) -> list[Requirement]:
    """Of requirements.txt and its kin; options, links and files are no packages."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition(" --hash")[0].rstrip("\\ \t")
        if bare.lstrip().startswith(("-", "#", ".", "/")) or "://" in bare:
            continue
        requirement = parse_requirement(path, number, bare)
        if requirement:
            found.append(requirement)
    return found


def _of_pyproject(path: str, text: str) -> list[Requirement]:
    """Of [project], [dependency-groups], [build-system] and Poetry's tables."""
    document = parse_toml(text)
    lists = [value_at(document, "project", "dependencies"), value_at(document, "build-system", "requires")]
    for table in (value_at(document, "project", "optional-dependencies"), value_at(document, "dependency-groups")):
        lists.extend(table.values() if isinstance(table, dict) else ())
    written = [entry for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, str)]
    found = [parse_requirement(path, line_of(text, entry), entry) for entry in written]
    poetry = value_at(document, "tool", "poetry", "dependencies")
    for name, value in poetry.items() if isinstance(poetry, dict) else ():
        versions = value.get("version") if isinstance(value, dict) else value
        if name != "python" and isinstance(versions, str):
            exact = versions if versions[:1] in "=^~<>!*" else f"=={versions}"
            found.append(Requirement(path, line_of(text, f"{name} ="), name, exact))
    return [one for one in found if one]


def _of_setup_cfg(path: str, text: str) -> list[Requirement]:
    """Of install_requires and the extras."""
    parser = parse_ini(text)
    blocks = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        blocks += [value for _, value in parser.items("options.extras_require")]
    rows = [row.strip() for block in blocks for row in block.splitlines() if row.strip()]
    return [one for row in rows if (one := parse_requirement(path, line_of(text, row), row))]


def _of_setup_py(path: str, text: str) -> list[Requirement]:
    """Of literal install_requires; what a setup.py computes is not known without running it."""
    rows = [
        row
        for _, value in setup_arguments(text, "install_requires")
        if isinstance(value, list)
        for row in value
        if isinstance(row, str)
    ]
    return [one for row in rows if (one := parse_requirement(path, line_of(text, row), row))]

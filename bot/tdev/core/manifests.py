"""What dependency files say: which packages at which versions, and on which line; read from their text, no network."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_REQUIREMENT_FILE = re.compile(r"(?:^|/)(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*)\.(?:txt|in)$")
_REQUIREMENT_FOLDER = re.compile(r"(?:^|/)requirements/[\w.-]+\.(?:txt|in)$")
_METADATA = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
_METADATA_LENGTH = 256 * 1024
_REQUIREMENT_LENGTH = 1000
_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?P<versions>\(?[^;#@\s][^;#@]*)?(?:[;#@\s].*)?$"
)
_EXACT = re.compile(r"^\(?\s*===?\s*([\w.!+-]+)\s*\)?$")
_OPERATOR = re.compile(r"\(?\s*(?:===?|~=|!=|<=?|>=?)\s*[\w.]")
_VERSION = re.compile(r"(\d+)\.(\d+)")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")


class Requirement(NamedTuple):
    """One package that a dependency file asks for."""

    path: str
    """The file."""
    line: int
    """1-based."""
    name: str
    """The package, as written."""
    versions: str
    """Version specifier, e.g. `==1.2`; empty = any."""

    @property
    def exact(self) -> str:
        """The one version asked for; empty when there is a choice."""
        match = _EXACT.match(self.versions)
        return match.group(1) if match and "*" not in self.versions else ""


class PythonFloor(NamedTuple):
    """The oldest Python a project says it runs on."""

    path: str
    """The file that says so."""
    line: int
    """1-based; 0 where the line is not known."""
    version: tuple[int, int]
    """E.g. (3, 8)."""


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


def python_floor(manifests: Mapping[str, str]) -> PythonFloor | None:
    """The oldest Python that the nearest manifest to the root promises to run on; None when none says."""
    for path in sorted(manifests, key=lambda path: (path.count("/"), path)):
        text = manifests[path]
        asked = _requires_python(path.rpartition("/")[2], text)
        versions = sorted(_lower_bounds(asked)) or sorted(
            (int(major), int(minor)) for major, minor in (version.split(".") for version in _CLASSIFIER.findall(text))
        )
        if versions:
            return PythonFloor(path, _line_of(text, asked or "Programming Language :: Python"), versions[0])
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
        document = _toml(text)
        asked = _at(document, "project", "requires-python") or _at(document, "tool", "poetry", "dependencies", "python")
        return asked if isinstance(asked, str) else ""
    if name == "setup.cfg":
        return _ini(text).get("options", "python_requires", fallback="").strip()
    if name == "setup.py":
        return next((value for key, value in _setup_arguments(text, "python_requires") if isinstance(value, str)), "")
    return ""


def _of_requirements(path: str, text: str) -> list[Requirement]:
    """Of requirements.txt and its kin; options, links and files are no packages."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition(" --hash")[0].rstrip("\\ \t")
        if bare.lstrip().startswith(("-", "#", ".", "/")) or "://" in bare:
            continue
        requirement = _parse(path, number, bare)
        if requirement:
            found.append(requirement)
    return found


def _of_pyproject(path: str, text: str) -> list[Requirement]:
    """Of [project], [dependency-groups], [build-system] and Poetry's tables."""
    document = _toml(text)
    lists = [_at(document, "project", "dependencies"), _at(document, "build-system", "requires")]
    for table in (_at(document, "project", "optional-dependencies"), _at(document, "dependency-groups")):
        lists.extend(table.values() if isinstance(table, dict) else ())
    written = [entry for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, str)]
    found = [_parse(path, _line_of(text, entry), entry) for entry in written]
    poetry = _at(document, "tool", "poetry", "dependencies")
    for name, value in poetry.items() if isinstance(poetry, dict) else ():
        versions = value.get("version") if isinstance(value, dict) else value
        if name != "python" and isinstance(versions, str):
            exact = versions if versions[:1] in "=^~<>!*" else f"=={versions}"
            found.append(Requirement(path, _line_of(text, f"{name} ="), name, exact))
    return [one for one in found if one]


def _of_setup_cfg(path: str, text: str) -> list[Requirement]:
    """Of install_requires and the extras."""
    parser = _ini(text)
    blocks = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        blocks += [value for _, value in parser.items("options.extras_require")]
    rows = [row.strip() for block in blocks for row in block.splitlines() if row.strip()]
    return [one for row in rows if (one := _parse(path, _line_of(text, row), row))]


def _of_setup_py(path: str, text: str) -> list[Requirement]:
    """Of literal install_requires; what a setup.py computes is not known without running it."""
    rows = [
        row
        for _, value in _setup_arguments(text, "install_requires")
        if isinstance(value, list)
        for row in value
        if isinstance(row, str)
    ]
    return [one for row in rows if (one := _parse(path, _line_of(text, row), row))]


def _setup_arguments(text: str, wanted: str) -> Iterator[tuple[str, Any]]:
    """Literal keyword arguments of that name, in any call of a Python file."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == wanted:
            try:
                yield wanted, ast.literal_eval(node.value)
            except (ValueError, TypeError, RecursionError, MemoryError):
                continue


def _parse(path: str, line: int, text: str) -> Requirement | None:
    """One requirement as PEP 508 writes it; None for what is none."""
    match = _REQUIREMENT.match(text) if len(text) <= _REQUIREMENT_LENGTH else None
    if match is None:
        return None
    versions = (match.group("versions") or "").strip()
    if versions and not _OPERATOR.match(versions):
        return None
    return Requirement(path, line, match.group("name"), versions)


def _line_of(text: str, piece: str) -> int:
    """1-based line on which a piece of text first stands; 0 when it does not."""
    at = text.find(piece) if piece else -1
    if at < 0 and '"' in piece:
        at = text.find(piece.replace('"', '\\"'))
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _at(document: Any, *keys: str) -> Any:
    """The value at a path of keys; None when something on the way is absent or no table."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _toml(text: str) -> dict[str, Any]:
    """The document; empty when it can't be parsed."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _ini(text: str) -> configparser.ConfigParser:
    """The document; empty when it can't be parsed."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser

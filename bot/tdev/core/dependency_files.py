"""What dependency files ask for: requirement files, pyproject.toml, setup.cfg, setup.py and lock files, as text.

This is the strict reader: what it can't understand is reported (`unclear`, `error`), because the security gate must
not take an unread line for no dependency. core/manifests reads some of the same files leniently, for research.
Formats: https://pip.pypa.io/en/stable/reference/requirements-file-format/, PEP 508, PEP 621, PEP 735 and PEP 751,
Poetry's and Pipenv's tables, and the locks of uv, Poetry and PDM. Includes are named here and followed by the caller.
Nothing of the project is run: a setup.py is parsed, and what it computes stays unknown.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    rf"^({_NAME})\s*(?:\[([A-Za-z0-9._,\s-]*)\])?\s*"
    rf"(?:@\s*(?P<url>\S+)|\(?\s*(?P<spec>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*,?\s*\)?)"
    rf"\s*(?:;\s*(?P<marker>[^;#]+))?$"
)
_REQUIREMENT_FILE = re.compile(
    r"^(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|lock|in)|requirements\.lock)$", re.I
)
_IN_FOLDER = re.compile(r"(?:^|/)requirements/[^/]+\.(?:txt|lock|in)$")
_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"})
_OTHER = frozenset({"pyproject.toml", "setup.cfg", "setup.py", "Pipfile"})
_INDEX_OPTION = re.compile(r"^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)[\s=]+(\S+)")
_INCLUDE = re.compile(r"^(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)")
_EDITABLE = re.compile(r"^(?:-e|--editable)[\s=]+(\S+)")
_REMOTE = re.compile(r"^(?:git|hg|svn|bzr)\+|^(?:https?|ftp)://", re.I)


@dataclass(frozen=True)
class Requirement:
    """One package that one dependency file asks for."""

    name: str
    """Lower case, runs of `-_.` as one `-`."""
    specifier: str
    """E.g. `==1.2` or `>=1,<2`; empty = any version."""
    path: str
    """Dependency file, POSIX."""
    line: int
    """1-based; 0 = not known."""
    extras: str = ""
    """E.g. `async,cli`."""
    marker: str = ""
    """Environment marker."""
    url: str = ""
    """Where it comes from, when not from an index."""

    @property
    def version(self) -> str:
        """The exact version it is pinned to, or an empty string."""
        match = re.fullmatch(r"={2,3}\s*([A-Za-z0-9.+!_-]+)", self.specifier)
        return match.group(1) if match else ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same requirement, in whichever file and line it stands."""
        return (self.name, self.specifier, self.extras, self.url)

    @property
    def text(self) -> str:
        """As an installer takes it."""
        extras = f"[{self.extras}]" if self.extras else ""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{self.specifier}{marker}"


@dataclass(frozen=True)
class Dependencies:
    """What one dependency file says."""

    requirements: tuple[Requirement, ...] = ()
    """Packages."""
    indexes: tuple[tuple[str, int], ...] = ()
    """Addresses of package indexes it names, with their lines."""
    includes: tuple[str, ...] = ()
    """Further requirement files it names, relative to its folder."""
    unclear: tuple[tuple[str, int], ...] = ()
    """Lines that could not be understood."""
    project: str = ""
    """Name of the project it describes, normalised."""
    error: str = ""
    """Why it could not be read at all."""


def is_dependency_file(path: str) -> bool:
    """True for a path that by its name is a dependency file."""
    name = path.rpartition("/")[2]
    if name in _LOCKS or name in _OTHER or re.fullmatch(r"pylock(\.[\w-]+)?\.toml", name):
        return True
    return bool(_REQUIREMENT_FILE.match(name) or _IN_FOLDER.search(path))


def normalised(name: str) -> str:
    """A package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def dependencies_of(path: str, text: str) -> Dependencies:
    """What a dependency file says; a file that can't be parsed says so in `error`."""
    name = path.rpartition("/")[2]
    try:
        if name == "pyproject.toml":
            return _pyproject(path, text)
        if name == "Pipfile":
            return _pipfile(path, text)
        if name == "Pipfile.lock":
            return _pipfile_lock(path, text)
        if name in _LOCKS or name.startswith("pylock"):
            return _lock(path, text)
        if name == "setup.cfg":
            return _setup_cfg(path, text)
        if name == "setup.py":
            return _setup_py(path, text)
    except (ValueError, configparser.Error, SyntaxError, RecursionError) as error:
        return Dependencies(error=f"{path} can't be parsed: {str(error).splitlines()[0]}")
    return _requirement_file(path, text)


def _requirement(raw: str, path: str, line: int) -> Requirement | None:
    """One requirement as PEP 508 writes it, or None."""
    match = _REQUIREMENT.match(raw.strip())
    if match is None:
        return None
    extras = ",".join(sorted(normalised(extra.strip()) for extra in (match.group(2) or "").split(",") if extra.strip()))
    return Requirement(
        name=normalised(match.group(1)),
        specifier=re.sub(r"\s+", "", match.group("spec") or ""),
        path=path,
        line=line,
        extras=extras,
        marker=(match.group("marker") or "").strip(),
        url=match.group("url") or "",
    )


def _requirement_file(path: str, text: str) -> Dependencies:
    requirements: list[Requirement] = []
    indexes: list[tuple[str, int]] = []
    includes: list[str] = []
    unclear: list[tuple[str, int]] = []
    for number, line in _logical_lines(text):
        if match := _INDEX_OPTION.match(line):
            indexes.append((match.group(1), number))
        elif match := _INCLUDE.match(line):
            includes.append(match.group(1))
        elif _EDITABLE.match(line) or _REMOTE.match(line):
            address = line.split()[-1]
            if _REMOTE.match(address):
                requirements.append(Requirement(_egg(address), "", path, number, url=address))
        elif found := _requirement(
            re.sub(r"\s--?(?:hash|config-settings?|global-option)\b.*$", "", line), path, number
        ):
            requirements.append(found)
        elif not line.startswith(("-", ".", "/", "file:")) and not line.endswith((".whl", ".tar.gz", ".zip")):
            unclear.append((line, number))
    return Dependencies(tuple(requirements), tuple(indexes), tuple(includes), tuple(unclear))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of the first line, text) with continuations joined and comments taken off; empty ones left out."""
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        start = start if parts else number
        stripped = re.sub(r"(^|\s)#.*$", "", line).strip()
        if stripped.endswith("\\"):
            parts.append(stripped[:-1].strip())
            continue
        joined = " ".join([*parts, stripped]).strip()
        parts = []
        if joined:
            yield start, joined
    if parts and (joined := " ".join(parts).strip()):
        yield start, joined


def _egg(address: str) -> str:
    """The package name an address gives, or the last part of its path."""
    match = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", address)
    if match:
        return normalised(match.group(1))
    last = re.sub(r"[@#?].*$", "", address.rstrip("/").rpartition("/")[2]).removesuffix(".git")
    return normalised(last) or "unknown"


def _listed(items: Iterable[object], path: str, lines: list[str]) -> tuple[list[Requirement], list[tuple[str, int]]]:
    """Requirements from a list of strings, and the strings that are none."""
    found: list[Requirement] = []
    unclear: list[tuple[str, int]] = []
    for item in items:
        if not isinstance(item, str):
            continue
        line = next((number for number, text in enumerate(lines, 1) if item in text), 0)
        requirement = _requirement(item, path, line)
        if requirement is None:
            unclear.append((item, line))
        else:
            found.append(requirement)
    return found, unclear


def _pyproject(path: str, text: str) -> Dependencies:
    document, lines = tomllib.loads(text), text.splitlines()
    project = _table(document, "project")
    tool = _table(document, "tool")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(document, "dependency-groups").values(),
        _table(document, "build-system").get("requires"),
        _table(tool, "uv").get("dev-dependencies"),
    ]
    found, unclear = _listed((item for items in lists if isinstance(items, list) for item in items), path, lines)
    poetry = _table(tool, "poetry")
    groups = [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    for table in (_table(poetry, "dependencies"), _table(poetry, "dev-dependencies"), *groups):
        found += _named(table, path, lines)
    for name, source in _table(_table(tool, "uv"), "sources").items():
        for address in _addresses(source):
            found.append(Requirement(normalised(name), "", path, _line_with(name, lines), url=address))
    indexes = [
        *_tables(_table(tool, "uv"), "index"),
        *_tables(poetry, "source"),
        *_tables(_table(tool, "pdm"), "source"),
    ]
    return Dependencies(
        tuple(found),
        tuple((str(index["url"]), _line_with(str(index["url"]), lines)) for index in indexes if "url" in index),
        unclear=tuple(unclear),
        project=normalised(str(project.get("name") or poetry.get("name") or "")),
    )


def _named(table: Mapping[str, Any], path: str, lines: list[str]) -> Iterator[Requirement]:
    """Requirements of a `name = version` table, as Poetry and Pipenv write them."""
    for name, value in table.items():
        options = value if isinstance(value, dict) else {"version": value}
        if normalised(name) == "python" or "path" in options:
            continue
        specifier = _specifier(str(options.get("version", "*")))
        address = next(iter(_addresses(options)), "")
        yield Requirement(normalised(name), specifier, path, _line_with(name, lines), url=address)


def _specifier(version: str) -> str:
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


def _pipfile(path: str, text: str) -> Dependencies:
    document, lines = tomllib.loads(text), text.splitlines()
    found = [*_named(_table(document, "packages"), path, lines), *_named(_table(document, "dev-packages"), path, lines)]
    indexes = tuple((str(source.get("url", "")), 0) for source in _tables(document, "source"))
    return Dependencies(tuple(found), indexes)


def _pipfile_lock(path: str, text: str) -> Dependencies:
    document, lines = json.loads(text), text.splitlines()
    if not isinstance(document, dict):
        raise ValueError("it is no table")
    found = [*_named(_table(document, "default"), path, lines), *_named(_table(document, "develop"), path, lines)]
    return Dependencies(tuple(found))


def _lock(path: str, text: str) -> Dependencies:
    """The locks that list one table per package: uv, Poetry, PDM and pylock."""
    document, lines = tomllib.loads(text), text.splitlines()
    found: list[Requirement] = []
    indexes: dict[str, int] = {}
    for package in (*_tables(document, "package"), *_tables(document, "packages")):
        source = _table(package, "source")
        if {"editable", "virtual", "directory", "path"} & set(source) or "directory" in package:
            continue
        registry = source.get("registry") or (source.get("url") if source.get("type") == "legacy" else None)
        if isinstance(registry, str):
            indexes.setdefault(registry, _line_with(registry, lines))
        name, version = normalised(str(package.get("name", ""))), str(package.get("version", ""))
        addresses = () if source.get("type") == "legacy" else (*_addresses(source), *_addresses(package))
        specifier = f"=={version}" if version else ""
        if name:
            line = _line_with(f'name = "{package["name"]}"', lines)
            found.append(Requirement(name, specifier, path, line, url=next(iter(addresses), "")))
    return Dependencies(tuple(found), tuple(indexes.items()))


def _setup_cfg(path: str, text: str) -> Dependencies:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    values = [parser.get("options", name, fallback="") for name in ("install_requires", "setup_requires")]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    items = [line.strip() for value in values for line in value.splitlines()]
    wanted = [item for item in items if item and not item.startswith(("#", "file:"))]
    found, unclear = _listed(wanted, path, text.splitlines())
    name = normalised(parser.get("metadata", "name", fallback=""))
    return Dependencies(tuple(found), unclear=tuple(unclear), project=name)


def _setup_py(path: str, text: str) -> Dependencies:
    """The lists that stand in setup.py as they are; what it computes can't be known without running it."""
    items: list[str] = []
    name = ""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg in ("install_requires", "extras_require", "setup_requires"):
            strings = (part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant))
            keys = _keys(node.value)
            items += [value for value in strings if isinstance(value, str) and value not in keys]
        elif isinstance(node, ast.keyword) and node.arg == "name" and isinstance(node.value, ast.Constant):
            name = str(node.value.value)
    found, _ = _listed(items, path, text.splitlines())
    return Dependencies(tuple(found), project=normalised(name))


def _keys(node: ast.expr) -> set[object]:
    """The keys of the dictionaries in an expression."""
    tables = (part for part in ast.walk(node) if isinstance(part, ast.Dict))
    return {key.value for table in tables for key in table.keys if isinstance(key, ast.Constant)}


def _addresses(options: object) -> tuple[str, ...]:
    """Repositories and archives that a table names as a package's source."""
    if isinstance(options, list):
        return tuple(address for item in options for address in _addresses(item))
    if not isinstance(options, dict):
        return ()
    vcs = _table(options, "vcs") or _table(options, "archive")
    names = ("git", "hg", "svn", "url", "file")
    return tuple(str(table[name]) for table in (options, vcs) for name in names if isinstance(table.get(name), str))


def _table(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A table of a table; empty when it is absent or something else."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _tables(parent: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of tables; empty when it is absent or something else."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _line_with(text: str, lines: list[str]) -> int:
    """1-based number of the first line that starts with the text, else that holds it; 0 = none."""
    starts = (number for number, line in enumerate(lines, 1) if line.strip().strip('"').startswith(text))
    holds = (number for number, line in enumerate(lines, 1) if text in line)
    return next(starts, 0) or next(holds, 0)

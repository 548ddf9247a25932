"""The files that describe a project: pyproject.toml, setup.cfg and setup.py.

Formats: PEP 621 and PEP 735 (https://packaging.python.org/en/latest/specifications/pyproject-toml/), the tables of
Poetry, uv and PDM, and setuptools' setup.cfg. Parse errors are the caller's to catch.
A setup.py is parsed and never run: literal lists count, what it computes stays unknown. Its strings are taken from
within lists and dictionaries, so an odd one among them is no sign that something was overlooked.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable

from tdev.core.manifests.documents import strict_ini, table, tables
from tdev.core.manifests.lines import Lines
from tdev.core.manifests.named_tables import addresses, named
from tdev.core.manifests.requirement import Dependencies, Requirement, normalised, parse_requirement

_SETUP_LISTS = ("install_requires", "extras_require", "setup_requires")


def of_pyproject(path: str, text: str) -> Dependencies:
    """What a pyproject.toml says; raises TOMLDecodeError."""
    document, lines = tomllib.loads(text), Lines(text)
    project, tool = table(document, "project"), table(document, "tool")
    poetry, uv = table(tool, "poetry"), table(tool, "uv")
    lists = [
        project.get("dependencies"),
        *table(project, "optional-dependencies").values(),
        *table(document, "dependency-groups").values(),
        table(document, "build-system").get("requires"),
        uv.get("dev-dependencies"),
    ]
    found, unclear = _listed((item for items in lists if isinstance(items, list) for item in items), path, lines)
    groups = [table(group, "dependencies") for group in table(poetry, "group").values() if isinstance(group, dict)]
    for entries in (table(poetry, "dependencies"), table(poetry, "dev-dependencies"), *groups):
        found += named(entries, path, lines)
    for name, source in table(uv, "sources").items():
        for address in addresses(source):
            found.append(Requirement(normalised(name), "", path, lines.starting(name), url=address, written=name))
    indexes = [*tables(uv, "index"), *tables(poetry, "source"), *tables(table(tool, "pdm"), "source")]
    return Dependencies(
        tuple(found),
        tuple((str(index["url"]), lines.holding(str(index["url"]))) for index in indexes if "url" in index),
        unclear=tuple(unclear),
        project=normalised(str(project.get("name") or poetry.get("name") or "")),
    )


def of_setup_cfg(path: str, text: str) -> Dependencies:
    """What a setup.cfg says; raises configparser.Error."""
    parser = strict_ini(text)
    values = [parser.get("options", name, fallback="") for name in ("install_requires", "setup_requires")]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    items = [line.strip() for value in values for line in value.splitlines()]
    wanted = [item for item in items if item and not item.startswith(("#", "file:"))]
    found, unclear = _listed(wanted, path, Lines(text))
    name = normalised(parser.get("metadata", "name", fallback=""))
    return Dependencies(tuple(found), unclear=tuple(unclear), project=name)


def of_setup_py(path: str, text: str) -> Dependencies:
    """The lists that stand in a setup.py as they are; raises SyntaxError."""
    items: list[str] = []
    name = ""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg in _SETUP_LISTS:
            strings = (part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant))
            keys = _keys(node.value)
            items += [value for value in strings if isinstance(value, str) and value not in keys]
        elif isinstance(node, ast.keyword) and node.arg == "name" and isinstance(node.value, ast.Constant):
            name = str(node.value.value)
    found, _ = _listed(items, path, Lines(text))
    return Dependencies(tuple(found), project=normalised(name))


def _listed(items: Iterable[object], path: str, lines: Lines) -> tuple[list[Requirement], list[tuple[str, int]]]:
    """Requirements from a list of strings, and the strings that are none."""
    found: list[Requirement] = []
    unclear: list[tuple[str, int]] = []
    for item in items:
        if not isinstance(item, str):
            continue
        line = lines.holding(item)
        requirement = parse_requirement(item, path, line)
        if requirement is None:
            unclear.append((item, line))
        else:
            found.append(requirement)
    return found, unclear


def _keys(node: ast.expr) -> set[object]:
    """The keys of the dictionaries in an expression."""
    found = (part for part in ast.walk(node) if isinstance(part, ast.Dict))
    return {key.value for one in found for key in one.keys if isinstance(key, ast.Constant)}

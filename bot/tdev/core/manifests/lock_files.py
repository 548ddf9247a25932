"""Lock files and Pipfiles: what an installer will take, package by package.

uv, Poetry, PDM and pylock.toml (https://packaging.python.org/en/latest/specifications/pylock-toml/) list one table per
package; Pipfile.lock is JSON with a table per environment. Only names, exact versions and sources are read; hashes are
the installer's business. Packages that are folders of the project itself are left out.
An index that a lock file names counts as named, since an installer would go there.
"""

from __future__ import annotations

import json
import tomllib

from tdev.core.manifests.documents import table, tables
from tdev.core.manifests.lines import Lines
from tdev.core.manifests.named_tables import addresses, named
from tdev.core.manifests.requirement import Dependencies, Requirement, normalised

LOCK_NAMES = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"})


def of_lock(path: str, text: str) -> Dependencies:
    """What a lock of uv, Poetry or PDM or a pylock.toml says; raises TOMLDecodeError."""
    document, lines = tomllib.loads(text), Lines(text)
    found: list[Requirement] = []
    indexes: dict[str, int] = {}
    for package in (*tables(document, "package"), *tables(document, "packages")):
        source = table(package, "source")
        if {"editable", "virtual", "directory", "path"} & set(source) or "directory" in package:
            continue
        registry = source.get("registry") or (source.get("url") if source.get("type") == "legacy" else None)
        if isinstance(registry, str):
            indexes.setdefault(registry, lines.holding(registry))
        name, version = str(package.get("name", "")), str(package.get("version", ""))
        places = () if source.get("type") == "legacy" else (*addresses(source), *addresses(package))
        specifier = f"=={version}" if version else ""
        if normalised(name):
            line = lines.starting(f'name = "{name}"')
            found.append(Requirement(normalised(name), specifier, path, line, url=next(iter(places), ""), written=name))
    return Dependencies(tuple(found), tuple(indexes.items()))


def of_pipfile_lock(path: str, text: str) -> Dependencies:
    """What a Pipfile.lock says; raises ValueError."""
    document, lines = json.loads(text), Lines(text)
    if not isinstance(document, dict):
        raise ValueError("it is no table")
    found = [*named(table(document, "default"), path, lines), *named(table(document, "develop"), path, lines)]
    return Dependencies(tuple(found))


def of_pipfile(path: str, text: str) -> Dependencies:
    """What a Pipfile says; raises TOMLDecodeError."""
    document, lines = tomllib.loads(text), Lines(text)
    found = [*named(table(document, "packages"), path, lines), *named(table(document, "dev-packages"), path, lines)]
    indexes = tuple((str(source.get("url", "")), 0) for source in tables(document, "source"))
    return Dependencies(tuple(found), indexes)

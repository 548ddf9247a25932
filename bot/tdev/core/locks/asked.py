"""package.json and Cargo.toml: what they ask for, held against the locks that should name its version.

Comes in: texts of both trees, and the head's locks. Goes out: what the head asks for, the base did not, and no lock
beside or above it names: an installer would choose a version that nobody has looked at. Folders of the project itself
need no lock. go.mod is manifest and lock in one.
"""

from __future__ import annotations

import json
import posixpath
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tdev.core.locks.npm_registry import is_local, split_name
from tdev.core.locks.package import CRATES, NPM, Locked
from tdev.core.manifests.documents import table
from tdev.core.manifests.lines import Lines

_UNREADABLE = (ValueError, RecursionError)
_NPM = ("dependencies", "devDependencies", "optionalDependencies")
_CARGO = ("dependencies", "dev-dependencies", "build-dependencies")


class Asked(NamedTuple):
    """One package that a manifest asks for."""

    ecosystem: str
    name: str
    """The real one, where the manifest has an alias; empty for a manifest that can't be read: `wanted` is its text."""
    wanted: str
    """Range of versions, or the table that says it."""
    path: str
    """Manifest, POSIX."""
    line: int
    """1-based; 0 = not known."""


def asked_by(paths: Iterable[str], text_of: Callable[[str], str]) -> tuple[Asked, ...]:
    """What the manifests of a tree ask for; one that can't be read is one request without a name."""
    return tuple(each for path in sorted(paths) if is_manifest(path) for each in _read(path, text_of(path)))


def is_manifest(path: str) -> bool:
    """True for a path that by its name is such a manifest."""
    return posixpath.basename(path) in _READERS


def unlocked(before: Iterable[Asked], after: Iterable[Asked], locks: Mapping[str, Locked]) -> tuple[Asked, ...]:
    """What is new in `after` and named by no lock in its folder or above."""
    old = {each[:3] for each in before}
    named = {
        (package.ecosystem, posixpath.dirname(path), package.name)
        for path, said in locks.items()
        for package in said.packages
    }
    new = {each[:3]: each for each in after if each[:3] not in old}
    return tuple(
        each
        for each in new.values()
        if not any((each.ecosystem, folder, each.name) in named for folder in _above(each.path))
    )


def _above(path: str) -> Iterator[str]:
    """The folder of a file, and every one above it; the last is empty."""
    folder = posixpath.dirname(path)
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _read(path: str, text: str) -> Iterator[Asked]:
    ecosystem, reader = _READERS[posixpath.basename(path)]
    try:
        yield from list(reader(path, text.removeprefix("\ufeff")))
    except _UNREADABLE:
        yield Asked(ecosystem, "", text, path, 0)


def _of_package_json(path: str, text: str) -> Iterator[Asked]:
    document, lines = json.loads(text), Lines(text)
    if not isinstance(document, dict):
        raise ValueError(f"{path} is no table")
    for section in _NPM:
        for alias, wanted in table(document, section).items():
            name, place = alias, str(wanted)
            if place.startswith("npm:"):
                name, place = split_name(place.removeprefix("npm:"))
            if not is_local(place):
                yield Asked(NPM, name, place, path, lines.holding(f'"{alias}"'))


def _of_cargo_toml(path: str, text: str) -> Iterator[Asked]:
    document, lines = tomllib.loads(text), Lines(text)
    places: list[dict[str, Any]] = [document, table(document, "workspace")]
    places += [each for each in table(document, "target").values() if isinstance(each, dict)]
    for place in places:
        for section in _CARGO:
            for alias, wanted in table(place, section).items():
                said = wanted if isinstance(wanted, dict) else {}
                if "path" not in said and not said.get("workspace"):
                    yield Asked(CRATES, str(said.get("package", alias)), str(wanted), path, lines.starting(alias))


_READERS: Mapping[str, tuple[str, Callable[[str, str], Iterator[Asked]]]] = {
    "package.json": (NPM, _of_package_json),
    "Cargo.toml": (CRATES, _of_cargo_toml),
}

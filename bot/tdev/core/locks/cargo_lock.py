"""Cargo.lock: a table `package` for each crate; one without `source` is a folder of the project."""

from __future__ import annotations

import tomllib

from tdev.core.locks.package import CRATES, Locked, Package
from tdev.core.manifests.documents import tables
from tdev.core.manifests.lines import Lines

NAME = "Cargo.lock"
_OWN = "registry+https://github.com/rust-lang/crates.io-index"
"""What Cargo writes for its own registry, however it is reached."""


def of_cargo_lock(path: str, text: str) -> Locked:
    """What it says; raises ValueError for what is no such file."""
    document, lines = tomllib.loads(text), Lines(text)
    found: list[Package] = []
    registries: dict[str, int] = {}
    for entry in tables(document, "package"):
        name, version, source = (str(entry.get(key, "")) for key in ("name", "version", "source"))
        if not (name and version):
            raise ValueError(f"the entry of {name or 'a package'} has no version")
        if not source:
            continue
        line = lines.holding(f'name = "{name}"\nversion = "{version}"') or lines.holding(f'name = "{name}"')
        index = source.startswith(("registry+", "sparse+"))
        if index and source != _OWN:
            registries.setdefault(source, line)
        found.append(Package(CRATES, name, version, path, line, "" if index else source))
    if "package" in document and not found and not tables(document, "package"):
        raise ValueError("its packages are no list of tables")
    return Locked(tuple(found), tuple(registries.items()))

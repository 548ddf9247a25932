"""pnpm-lock.yaml, versions 5 to 9 of the format: keys of `packages` and `snapshots` are names with versions.

Version 5 writes `/name/1.2.3_peers`, 6 `/name@1.2.3(peers)`, 9 `name@1.2.3(peers)`. What does not come from a registry
has its name and version inside the entry. Newer releases put two documents into one file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tdev.core.locks.npm_registry import Found, first_text, is_local, split_name
from tdev.core.locks.package import Locked
from tdev.core.locks.yaml_text import documents_of
from tdev.core.manifests.documents import table
from tdev.core.manifests.lines import Lines

NAME = "pnpm-lock.yaml"
_OLD_KEY = re.compile(r"/?(?P<name>(?:@[^/]+/)?[^/@]+)/(?P<version>\d[^_/]*)(?:_.*)?")


def of_pnpm_lock(path: str, text: str) -> Locked:
    """What it says; raises ValueError for what is no such file."""
    found, lines = Found(path), Lines(text)
    documents = documents_of(text)
    if not any("lockfileVersion" in document for document in documents):
        raise ValueError("it has no lockfileVersion")
    for document in documents:
        entries = table(document, "packages")
        for key in {**entries, **table(document, "snapshots")}:
            entry = table(entries, key) or table(entries, key.partition("(")[0])
            _take(key, entry, found, lines.starting(f"{key}:") or lines.holding(key))
    return found.locked()


def _take(key: str, entry: Mapping[str, Any], found: Found, line: int) -> None:
    name, version = _named(key)
    resolution = table(entry, "resolution")
    if is_local(version) or is_local(key) or resolution.get("type") == "directory":
        return
    address = first_text((resolution.get("tarball"), resolution.get("repo"), version if ":" in version else ""))
    name = first_text((entry.get("name"), name))
    version = first_text((entry.get("version"), version))
    found.add(name, version, address, line)


def _named(key: str) -> tuple[str, str]:
    """Name and version, or name and address, of a key."""
    old = _OLD_KEY.fullmatch(key)
    return (old["name"], old["version"]) if old else split_name(key.partition("(")[0].removeprefix("/"))

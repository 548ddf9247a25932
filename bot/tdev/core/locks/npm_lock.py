"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3 of the format.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json. Version 3 lists `packages` by folder, version 1 a tree of
`dependencies`; version 2 has both, and both are read, since older installers take the one and newer ones the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tdev.core.locks.npm_registry import Found, first_text
from tdev.core.locks.package import Locked
from tdev.core.manifests.documents import table
from tdev.core.manifests.lines import Lines

NAMES = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
_INSTALLED = "node_modules/"


def of_npm_lock(path: str, text: str) -> Locked:
    """What it says; raises ValueError for what is no such file."""
    document = json.loads(text)
    if not isinstance(document, dict) or "lockfileVersion" not in document:
        raise ValueError("it has no lockfileVersion")
    found, lines = Found(path), Lines(text)
    _take_packages(table(document, "packages"), found, lines)
    _take_tree(document, found, lines)
    return found.locked()


def _take_packages(packages: Mapping[str, Any], found: Found, lines: Lines) -> None:
    for folder, entry in packages.items():
        if not isinstance(entry, dict):
            raise ValueError(f"the entry {folder} is no table")
        resolved = first_text((entry.get("resolved"),))
        if _INSTALLED not in folder and not resolved:
            continue
        if entry.get("link") is True and ":" not in resolved:
            continue
        name = first_text((entry.get("name"), folder.rpartition(_INSTALLED)[2]))
        found.add(name, entry.get("version"), resolved, lines.holding(f'"{folder}": {{'))


def _take_tree(document: Mapping[str, Any], found: Found, lines: Lines) -> None:
    waiting = [document]
    while waiting:
        for name, entry in table(waiting.pop(), "dependencies").items():
            if not isinstance(entry, dict):
                raise ValueError(f"the entry {name} is no table")
            waiting.append(entry)
            _take_branch(name, entry, found, lines.holding(f'"{name}": {{'))


def _take_branch(name: str, entry: Mapping[str, Any], found: Found, line: int) -> None:
    """One entry of the tree: its version may be an address, or `npm:other@1.2.3` for another name."""
    version, resolved = first_text((entry.get("version"),)), first_text((entry.get("resolved"),))
    if version.startswith("file:"):
        return
    if version.startswith("npm:"):
        name, _, version = version.removeprefix("npm:").rpartition("@")
    found.add(name, version, version if ":" in version else resolved, line)

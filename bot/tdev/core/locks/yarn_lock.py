"""yarn.lock: the format of Yarn 1, which looks like YAML, and that of later versions, which is YAML.

The old one is read by lines, strictly: one that is not understood makes the file unreadable, for it might hide a
package. In the new one `resolution` says what was chosen: `name@npm:1.2.3`, `name@patch:…`, `name@https://…`,
`name@workspace:.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

from tdev.core.locks.npm_registry import Found, first_text, is_local, split_name
from tdev.core.locks.package import Locked
from tdev.core.locks.yaml_text import documents_of
from tdev.core.manifests.documents import table
from tdev.core.manifests.lines import Lines

NAME = "yarn.lock"
_LATER = re.compile(r"^__metadata:", re.M)
_FIELD = re.compile(r'  (?P<key>[A-Za-z]+)(?: "(?P<quoted>[^"\\]*)"| (?P<bare>[^\s"]+)|:)')
_NESTED = re.compile(r" {4}\S.*")
_ASKED = re.compile(r'(?:"([^"\\]+)"|([^\s",]+?))(?:, |:$)')


def of_yarn_lock(path: str, text: str) -> Locked:
    """What it says; raises ValueError for what is no such file."""
    return _later(path, text) if _LATER.search(text) else _first(path, text)


def _later(path: str, text: str) -> Locked:
    found, lines = Found(path), Lines(text)
    for document in documents_of(text):
        for key, entry in document.items():
            if key == "__metadata":
                continue
            resolution = first_text((table(document, key).get("resolution"),))
            if not resolution:
                raise ValueError(f"the entry {key} has no resolution: {str(entry)[:80]}")
            _resolved(resolution, first_text((entry.get("version"),)), found, lines.holding(key))
    return found.locked()


def _resolved(resolution: str, version: str, found: Found, line: int) -> None:
    """One package of the later format."""
    name, place = split_name(resolution)
    if is_local(place):
        return
    if place.startswith("npm:"):
        version, _, further = place.removeprefix("npm:").partition("::")
        found.add(name, version, first_text(parse_qs(further).get("__archiveUrl", ())), line)
    else:
        found.add(name, version, "" if place.startswith("patch:") else place, line)


def _first(path: str, text: str) -> Locked:
    found = Found(path)
    for asked, fields, line in _blocks(text):
        for name, place in asked:
            resolved = fields.get("resolved", "")
            if not (is_local(place) and not resolved):
                found.add(name, fields.get("version"), resolved or _address(place), line)
    return found.locked()


def _address(place: str) -> str:
    """The address in a range, `user/repository` of GitHub among them; empty for a range of versions."""
    return place if ":" in place else f"github:{place}" if "/" in place else ""


def _blocks(text: str) -> Iterator[tuple[set[tuple[str, str]], dict[str, str], int]]:
    """What is asked for, the fields, and the line of each entry; raises ValueError for any other line."""
    asked: set[tuple[str, str]] = set()
    fields: dict[str, str] = {}
    at = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if asked:
                yield asked, fields, at
            asked, fields, at = set(_asked(line, number)), {}, number
            continue
        match = _FIELD.fullmatch(line)
        if not asked or not (match or _NESTED.fullmatch(line)):
            raise ValueError(f"line {number} can't be understood")
        if match:
            if match["key"] in fields:
                raise ValueError(f"line {number} says {match['key']} again")
            fields[match["key"]] = match["quoted"] or match["bare"] or ""
    if asked:
        yield asked, fields, at


def _asked(line: str, number: int) -> Iterator[tuple[str, str]]:
    """Name and range of each request in the head line of an entry, the real name where it is an alias."""
    at = 0
    while at < len(line):
        match = _ASKED.match(line, at)
        if match is None:
            raise ValueError(f"line {number} can't be understood")
        name, place = split_name(match[1] or match[2])
        if place.startswith("npm:"):
            name, place = split_name(place.removeprefix("npm:"))
        yield name, place
        at = match.end()
    if not line.endswith(":"):
        raise ValueError(f"line {number} can't be understood")

"""requirements.txt and its kin: one requirement, option or address to a line.

The format is pip's: https://pip.pypa.io/en/stable/reference/requirements-file-format/. Lines end in a backslash to go
on, comments begin after white space, `-r` and `-c` name further files, which the caller follows.
Local paths and archives ask no index and so are neither requirements nor unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdev.core.manifests.requirement import Dependencies, Requirement, normalised, parse_requirement

_FILE = re.compile(r"^(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|lock|in)|requirements\.lock)$", re.I)
_IN_FOLDER = re.compile(r"(?:^|/)requirements/[^/]+\.(?:txt|lock|in)$")
_INDEX_OPTION = re.compile(r"^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)[\s=]+(\S+)")
_INCLUDE = re.compile(r"^(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)")
_EDITABLE = re.compile(r"^(?:-e|--editable)[\s=]+(\S+)")
_REMOTE = re.compile(r"^(?:git|hg|svn|bzr)\+|^(?:https?|ftp)://", re.I)
_LINE_OPTION = re.compile(r"\s--?(?:hash|config-settings?|global-option)\b.*$")
_LOCAL = ("-", ".", "/", "file:")
_ARCHIVES = (".whl", ".tar.gz", ".zip")


def is_requirement_file(path: str) -> bool:
    """True for a path that pip would be given with `-r` or `-c`, by its name."""
    return bool(_FILE.match(path.rpartition("/")[2]) or _IN_FOLDER.search(path))


def of_requirement_file(path: str, text: str) -> Dependencies:
    """What a requirement file says."""
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
        elif found := parse_requirement(_LINE_OPTION.sub("", line), path, number):
            requirements.append(found)
        elif not line.startswith(_LOCAL) and not line.endswith(_ARCHIVES):
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

"""go.mod, and go.sum where go.mod does not list everything: the modules that a Go project takes.

https://go.dev/ref/mod. Since Go 1.17 go.mod names every module that a build needs; of an older one go.sum tells the
rest: lines without `/go.mod` are of modules whose code was fetched. A module that is replaced by a folder is the
project's own. Go's own library is not looked at: go.mod says the oldest version that will do, not the one that builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdev.core.locks.package import GO, Locked, Package

MOD, SUM = "go.mod", "go.sum"
_DIRECTIVE = re.compile(r"(require|replace|go)\s+(.*)")
_GO = re.compile(r"(\d+)\.(\d+).*")
_LISTS_ALL = (1, 17)
_SUM = re.compile(r"(?P<name>\S+) v(?P<version>\S+?)(?P<mod>/go\.mod)? h1:\S+")


def of_go_mod(path: str, text: str) -> Locked:
    """The modules a go.mod (or go.work) requires, after its replacements; raises ValueError."""
    required: dict[tuple[str, str], int] = {}
    replaced: dict[tuple[str, str], tuple[str, str, int]] = {}
    for number, directive, words in _statements(text):
        if directive == "require":
            if len(words) != 2 or not words[1].startswith("v"):
                raise ValueError(f"line {number} can't be understood")
            required.setdefault((words[0], words[1]), number)
        elif directive == "replace":
            replaced.update([_replacement(words, number)])
    taken = [
        (name, version, line)
        for (name, version), line in required.items()
        if (name, version) not in replaced and (name, "") not in replaced
    ]
    taken += [(name, version, line) for name, version, line in replaced.values() if version]
    return Locked(tuple(Package(GO, name, version.removeprefix("v"), path, line) for name, version, line in taken))


def of_go_sum(path: str, text: str) -> Locked:
    """The modules whose code a go.sum has a hash of; raises ValueError."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUM.fullmatch(line.strip())
        if line.strip() and match is None:
            raise ValueError(f"line {number} can't be understood")
        if match and not match["mod"]:
            found.append(Package(GO, match["name"], match["version"], path, number))
    return Locked(tuple(found))


def lists_everything(text: str) -> bool:
    """True for a go.mod of Go 1.17 or newer."""
    versions = [_GO.fullmatch(words[0]) for _, directive, words in _statements(text) if directive == "go" and words]
    return any((int(each[1]), int(each[2])) >= _LISTS_ALL for each in versions if each)


def _statements(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Line, directive and words of each statement that matters here, blocks in parentheses unfolded."""
    block = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("//")[0].strip()
        opened = re.fullmatch(r"(\w+)\s*\(", line)
        if opened:
            block = opened[1]
        elif line == ")":
            block = ""
        elif line:
            match = _DIRECTIVE.fullmatch(f"{block} {line}" if block else line)
            if match:
                yield number, match[1], [word.strip('"`') for word in match[2].split()]


def _replacement(words: list[str], number: int) -> tuple[tuple[str, str], tuple[str, str, int]]:
    """`old [version] => new [version]`; a folder has no version."""
    if words.count("=>") != 1 or not 3 <= len(words) <= 5:
        raise ValueError(f"line {number} can't be understood")
    middle = words.index("=>")
    old, new = words[:middle], words[middle + 1 :]
    if not old or not new or len(old) > 2 or len(new) > 2:
        raise ValueError(f"line {number} can't be understood")
    return (old[0], old[1] if len(old) > 1 else ""), (new[0], new[1] if len(new) > 1 else "", number)

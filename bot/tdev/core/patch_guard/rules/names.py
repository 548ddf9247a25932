"""Names that are not the same file everywhere: on a file system that folds case, on Windows, on a Mac, on a screen.

Windows: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file. Two names that fold to one overwrite
each other in a checkout; git's own folder can be spelled in many ways.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import folded_name
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.untrusted import hidden_characters

LONGEST_PATH = 4096
LONGEST_NAME = 255
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\s*\..*)?$")
_FORBIDDEN = frozenset('<>:"|?*\\')


def names(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path of the change with such a name, and each that folds to the name of another file or folder."""
    folded = _by_folded_name(change)
    for file in change.files:
        if file.after is None:
            continue
        if why := _unfit(file.path):
            yield Hit(file.path, 0, f"{file.path!r}: {why}")
        for part in _with_parents(file.path):
            others = sorted(folded[folded_name(part)] - {part})
            if others:
                yield Hit(file.path, 0, f"{part!r} and {others[0]!r} are one name on some file systems")


def _by_folded_name(change: Change) -> dict[str, set[str]]:
    """Folded name -> every path or folder of the new tree that folds to it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in change.paths:
        for part in _with_parents(path):
            found[folded_name(part)].add(part)
    return found


def _with_parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        yield "/".join(parts[:count])


def _unfit(path: str) -> str:
    """What is wrong with a path; empty when nothing is."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "it has empty, . or .. parts"
    if hidden_characters(path) or any(unicodedata.category(char)[0] == "C" for char in path) or "\ufffd" in path:
        return "it holds characters that can't be shown"
    if unicodedata.normalize("NFC", path) != path:
        return "it is not in Unicode's normal form C"
    if any(_is_git(part) for part in parts):
        return "it belongs to git itself"
    if any(_RESERVED.match(part) or part[-1:] in (" ", ".") or part[:1] == " " or part[:1] == "-" for part in parts):
        return "it is reserved on Windows, ends with a dot or a space, or looks like an option"
    if _FORBIDDEN & set(path):
        return "it holds a character that file names can't have everywhere"
    if len(path.encode("utf-8", "replace")) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in parts):
        return "it is too long"
    return ""


def _is_git(part: str) -> bool:
    name = folded_name(part).rstrip(". ")
    return name == ".git" or name.startswith(("git~", ".git:", ".git "))

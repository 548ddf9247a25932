"""Which spellings of a path are never used, whatever the policy says: hidden characters, climbing, git's own folder."""

from __future__ import annotations

import unicodedata

LONGEST_PATH = 4096
LONGEST_NAME = 255


def why_unfit(path: str) -> str:
    """Why a POSIX path is no plain one inside a repository, as a part of a sentence; empty when it is."""
    parts = path.split("/")
    if not path:
        return "it has no name"
    if path.startswith(("/", "~")) or path[1:2] == ":" or "\\" in path:
        return "it is not a plain path inside the repository"
    if any(part in ("", ".", "..") for part in parts):
        return "it has empty, . or .. parts"
    if any(unicodedata.category(char).startswith("C") or char == "\ufffd" for char in path):
        return "its name holds characters that can't be shown"
    if any(is_git(part) for part in parts):
        return "it belongs to git itself"
    if len(path.encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        return "its name is too long"
    return ""


def is_git(part: str) -> bool:
    """True for `.git` however a file system may spell it."""
    name = folded(part).rstrip(". ")
    return name == ".git" or name.startswith(("git~", ".git:"))


def folded(text: str) -> str:
    """The text as file systems that ignore case compare it."""
    return unicodedata.normalize("NFC", text).casefold()

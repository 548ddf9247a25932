"""A change as the guard sees it: names, modes and texts on both sides, the commits' messages, the branch's name.

adapters/patch_reading.py fills it from git's own listing of two trees; nothing of it is what a job says of itself.
Which lines are new is counted here from the two texts and not taken from a diff: attributes, settings and diff
algorithms decide what a diff shows. A line that only moved is not new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

REGULAR = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"


class Line(NamedTuple):
    """One line of a text."""

    number: int
    """1-based."""
    text: str
    """Without its line end; a carriage return before it is kept."""


@dataclass(frozen=True)
class Side:
    """A file in one of the two trees."""

    mode: str
    """Git's six digits: REGULAR, EXECUTABLE, SYMLINK, SUBMODULE."""
    size: int = 0
    """Bytes of the blob; 0 for a submodule."""
    text: str | None = ""
    """Its content (of a link: where it leads), bad bytes replaced; None when binary or not read."""
    binary: bool = False
    """It holds a NUL byte."""
    invalid: bool = False
    """It is no valid UTF-8."""
    head: bytes = b""
    """Its first bytes, by which formats are known; binary files only."""
    unread: bool = False
    """It was too large to be read."""

    def lines(self) -> Iterator[Line]:
        """Its lines."""
        texts = (self.text or "").split("\n")
        for number, text in enumerate(texts if texts[-1] else texts[:-1], 1):
            yield Line(number, text)


@dataclass(frozen=True)
class FileChange:
    """One file that differs between the two trees."""

    path: str
    """POSIX path in the new tree; in the old one when deleted."""
    status: str
    """Git's letter: A, M, D, R, C, T."""
    before: Side | None = None
    """In the old tree; None when added."""
    after: Side | None = None
    """In the new tree; None when deleted."""
    old_path: str = ""
    """POSIX path in the old tree; renamed and copied files only."""

    @cached_property
    def added(self) -> tuple[Line, ...]:
        """Lines of the new text that the old one does not have, each as often as it is new."""
        return _surplus(self.after, self.before)

    @cached_property
    def removed(self) -> tuple[Line, ...]:
        """Lines of the old text that the new one does not have."""
        return _surplus(self.before, self.after)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it stands for: of a rename both."""
        return (self.path, self.old_path) if self.status == "R" and self.old_path else (self.path,)

    @property
    def kind(self) -> str:
        """Mode in the new tree; empty when deleted."""
        return self.after.mode if self.after else ""


@dataclass(frozen=True)
class CommitText:
    """The words of one commit."""

    sha: str
    """Its id."""
    message: str
    """Its whole message."""
    people: str = ""
    """Names and addresses of author and committer."""


@dataclass(frozen=True)
class Change:
    """Everything that the guard judges."""

    files: tuple[FileChange, ...] = ()
    """What differs."""
    history: tuple[FileChange, ...] = ()
    """What each commit changes by itself, where there are several: some of it may be gone at the end."""
    paths: tuple[str, ...] = ()
    """Every path of the new tree."""
    commits: tuple[CommitText, ...] = ()
    """Oldest first."""
    branch: str = ""
    """Name of the branch it is to have."""
    diff_bytes: int = 0
    """Length of its unified diff."""


def _surplus(text: Side | None, other: Side | None) -> tuple[Line, ...]:
    if text is None or text.text is None or text.mode == SUBMODULE:
        return ()
    there = Counter(line.text for line in other.lines()) if other is not None else Counter[str]()
    found = []
    for line in text.lines():
        if there[line.text] > 0:
            there[line.text] -= 1
        else:
            found.append(line)
    return tuple(found)

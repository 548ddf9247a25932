"""Lines of the files that a program spoke about: what makes a finding the same after it has moved.

Only regular files of the commit are read, so no link of a repository leads anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class LineTexts:
    """The lines of some files, each file read when it is first asked for."""

    root: Path
    """Folder they are in."""
    regular: Collection[str]
    """Paths that may be read, POSIX, relative to the folder."""
    _read: dict[str, list[str]] = field(default_factory=dict)

    def line(self, path: str, number: int) -> str:
        """A line, counted from 1, without the blanks around it; empty where there is none."""
        if path not in self._read:
            known = path in self.regular
            self._read[path] = (self.root / path).read_text("utf-8", "replace").split("\n") if known else []
        lines = self._read[path]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

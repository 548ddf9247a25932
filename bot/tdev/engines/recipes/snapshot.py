"""The files before a recipe ran: what it changed is counted against them, and put back where it did harm.

Used around every program that edits in place. Comes in: the files that may be edited. Goes out:
which differ now. Comparing content is the only count that can be relied on: what programs print of
themselves is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.files import explained
from tdev.core.scan import scan_file
from tdev.engines.recipes.source_files import LeftAlone, Sources


@dataclass(frozen=True)
class Snapshot:
    """Content of some files at one moment."""

    project: Path
    """Folder they are in."""
    content: dict[str, bytes]
    """By POSIX path inside the project."""

    def changed(self) -> tuple[str, ...]:
        """Paths whose content is another now, sorted."""
        return tuple(path for path in sorted(self.content) if (self.project / path).read_bytes() != self.content[path])

    def restore(self, paths: Iterable[str]) -> None:
        """Put files back as they were."""
        with explained(self.project):
            for path in paths:
                (self.project / path).write_bytes(self.content[path])

    def restore_broken(self) -> tuple[LeftAlone, ...]:
        """Put back every changed file that does not parse any more; says which."""
        broken = [path for path in self.changed() if scan_file(path, (self.project / path).read_bytes()).error]
        self.restore(broken)
        return tuple(LeftAlone(path, "would not parse after the change") for path in broken)


def take(sources: Sources) -> Snapshot:
    """The files of a job as they are now."""
    return Snapshot(sources.project, {path: sources.bytes_of(path) for path in sources.files})

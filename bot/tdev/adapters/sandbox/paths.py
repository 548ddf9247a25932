"""Which folders a cell shows, in the order in which they must be mounted, after a look at each.

The most specific wins: what lies deeper is mounted later, and a read-only part of a writable folder after it. A part
of a folder that a program may change is not followed when it is a link: the program could have made it, and would be
shown what the link points to.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tdev.adapters.sandbox.cell import Cell
from tdev.errors import Refused


class Place(NamedTuple):
    """One file or folder with its own path inside."""

    path: Path
    """Absolute."""
    writable: bool
    """The program may change it."""


def places(cell: Cell) -> tuple[Place, ...]:
    """The cell's files and folders, in the order in which they are mounted.

    Raises Refused for a path that is not there, not absolute, the top folder, or leads through a link inside a writable
    folder.
    """
    read_only = set(cell.read_only)
    every = [Place(path, writable=False) for path in read_only]
    every += [Place(path, writable=True) for path in dict.fromkeys(cell.writable) if path not in read_only]
    for place in every:
        _check(place.path, cell.writable)
    return tuple(sorted(every, key=lambda place: (len(place.path.parts), not place.writable, place.path)))


def _check(path: Path, writable: tuple[Path, ...]) -> None:
    if not path.is_absolute() or ".." in path.parts or len(path.parts) == 1 or not path.exists():
        raise Refused(f"The sandbox can't show {path}: it is not there, not an absolute path, or everything.")
    above = [folder for folder in writable if path != folder and path.is_relative_to(folder)]
    for folder in above:
        steps = path.relative_to(folder).parts
        inside = (folder.joinpath(*steps[: number + 1]) for number in range(len(steps)))
        if any(step.is_symlink() for step in inside):
            raise Refused(f"The sandbox does not show {path}: it leads through a link inside {folder}.")

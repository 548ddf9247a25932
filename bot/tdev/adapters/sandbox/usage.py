"""How much a running cell uses, as seen from outside: processes, memory, and what its folders grew by.

Only for what the kernel can't hold by itself on this machine. Disk has no limit per program anywhere, so folders are
looked at; a look is cheap as long as the file system has not lost half of what the cell may take. Growth is what there
is, less what there was at the start; no clock is asked, for clocks jump.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdev.adapters.sandbox.processes import parent_of
from tdev.policy.sandbox import CellLimits

_BLOCK = 512
_FAR = 2048
"""Length of a path from which on folders are named from one that is open."""


@dataclass
class DiskUse:
    """What the writable folders of one run grow by."""

    folders: Sequence[Path]
    limits: CellLimits
    _before: tuple[int, int] = (0, 0)
    _free: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember how much is free at the start."""
        self._free = dict(self._now_free())

    def begin(self, enough: Callable[[], bool]) -> None:
        """Count what there is at the start; given up when `enough` says so."""
        self._before = _held(self.folders, enough)

    def exceeded(self, processes: Iterable[int]) -> str:
        """`disk space` or `number of files` when a limit is exceeded, else empty; `processes` are those of the cell."""
        if not self._suspicious():
            return ""
        size, count = _open_but_removed(processes)
        held = _held(self.folders, lambda: False)
        size, count = size + held[0] - self._before[0], count + held[1] - self._before[1]
        if size > self.limits.disk_bytes:
            return "disk space"
        return "number of files" if count > self.limits.disk_files else ""

    def _suspicious(self) -> bool:
        """True when a file system has lost half of what the cell may take."""
        for device, (space, files) in self._now_free():
            space_before, files_before = self._free.get(device, (space, files))
            if space_before - space > self.limits.disk_bytes // 2 or files_before - files > self.limits.disk_files // 2:
                return True
        return False

    def _now_free(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """Free bytes and free files by device."""
        for folder in self.folders:
            try:
                found = os.statvfs(folder)
                device = folder.stat().st_dev
            except OSError:
                continue
            yield device, (found.f_bfree * found.f_frsize, found.f_ffree)


def _held(folders: Sequence[Path], enough: Callable[[], bool]) -> tuple[int, int]:
    """Bytes and number of files and folders below these, however deep: a path has a longest length, a tree has none."""
    size = count = 0
    waiting: list[tuple[_Open | None, str]] = [(None, str(folder.resolve())) for folder in folders]
    while waiting and not enough():
        above, path = waiting.pop()
        try:
            folder = _Open(path, above)
            with os.scandir(folder.handle) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    size, count = size + found.st_blocks * _BLOCK, count + 1
                    if stat.S_ISDIR(found.st_mode):
                        far = len(path) > _FAR
                        waiting.append((folder, entry.name) if far else (above, f"{path}/{entry.name}"))
        except OSError:
            continue
    return size, count


class _Open:
    """An open folder, closed when nothing that waits is named from it."""

    def __init__(self, path: str, above: _Open | None) -> None:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        self.handle: int = os.open(path, flags, dir_fd=above.handle if above else None)

    def __del__(self) -> None:
        """Close it, where it could be opened."""
        with contextlib.suppress(AttributeError, OSError):
            os.close(self.handle)


def _open_but_removed(processes: Iterable[int]) -> tuple[int, int]:
    """Bytes and number of regular files that processes hold open and that no folder names any more."""
    seen: dict[tuple[int, int], int] = {}
    for process in processes:
        try:
            with os.scandir(f"/proc/{process}/fd") as entries:
                for entry in entries:
                    found = entry.stat()
                    if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                        seen[found.st_dev, found.st_ino] = found.st_blocks * _BLOCK
        except OSError:
            continue
    return sum(seen.values()), len(seen)


def memory_of(processes: Sequence[int], enough: int) -> int:
    """Bytes of memory of the processes together.

    The exact sum takes long, so first pages that processes share are counted for each; what stays below `enough` is
    not looked at closer.
    """
    rough = sum(_rows(f"/proc/{process}/status", ("RssAnon:", "RssShmem:")) for process in processes)
    if rough <= enough:
        return rough
    return sum(_rows(f"/proc/{process}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) for process in processes)


def _rows(file: str, names: tuple[str, ...]) -> int:
    """Sum of the rows with these names, bytes; 0 when the process has gone."""
    try:
        rows = Path(file).read_text().splitlines()
    except OSError:
        return 0
    return sum(int(row.split()[1]) for row in rows if row.startswith(names)) * 1024


def descendants(roots: Iterable[int]) -> list[int]:
    """These processes and all below them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found

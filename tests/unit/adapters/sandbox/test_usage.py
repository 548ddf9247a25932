"""What folders grow by is counted to their end, also where no path leads."""

from __future__ import annotations

import os
from pathlib import Path

from tdev.adapters.removal import remove_tree
from tdev.adapters.sandbox.usage import DiskUse
from tdev.policy.sandbox import CellLimits

NAME = "d" * 50


def chain(folder: Path, depth: int) -> None:
    """Folders inside one another, deeper than any path."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(NAME, dir_fd=handle)
        below = os.open(NAME, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    last = os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=handle)
    os.write(last, b"x" * 100_000)
    os.close(last)
    os.close(handle)


def exceeded(folder: Path, depth: int, limits: CellLimits) -> str:
    use = DiskUse((folder,), limits)
    use.begin(lambda: False)
    chain(folder, depth)
    use._free = {device: (space * 2, files * 2) for device, (space, files) in use._free.items()}
    return use.exceeded(())


def test_a_chain_of_folders_counts_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    try:
        assert exceeded(folder, 600, CellLimits(disk_files=600)) == "number of files"
    finally:
        remove_tree(folder)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_lies_at_its_end_counts(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    try:
        assert exceeded(folder, 200, CellLimits(disk_files=201, disk_bytes=5_000_000)) == ""
        assert exceeded(folder / NAME, 0, CellLimits(disk_files=201, disk_bytes=90_000)) == "disk space"
    finally:
        remove_tree(folder)


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "around").symlink_to("/usr")
    assert exceeded(folder, 2, CellLimits(disk_files=4)) == ""

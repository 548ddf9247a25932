"""Folders removed whole, however deep."""

from __future__ import annotations

import os
from pathlib import Path

from tdev.adapters.removal import remove_tree


def test_what_is_deeper_than_python_can_go(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(5000):
        os.mkdir("d", dir_fd=here)
        os.mkdir("other", 0o500, dir_fd=here)
        os.close(os.open("file", os.O_WRONLY | os.O_CREAT, 0o400, dir_fd=here))
        os.symlink("..", "link", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    remove_tree(folder)
    assert not folder.exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "gone")
    remove_tree(tmp_path / "never was")
    assert (tmp_path / "kept" / "file").is_file() and not (tmp_path / "gone").exists()

"""Folders removed whole, however deep."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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


NOBODY = 65534


@contextmanager
def without_rights() -> Iterator[None]:
    """Not as root, who may do everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_folders_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.chdir(tmp_path)
    kept, gone = Path("kept"), Path("gone")
    kept.mkdir(0o500)
    for name in ("read", "closed"):
        (gone / name / "inner").mkdir(parents=True)
        (gone / name / "inner" / "file").touch()
        (gone / name / "link").symlink_to(kept.absolute())
    for folder, mode in (("read/inner", 0o500), ("read", 0o500), ("closed/inner", 0), ("closed", 0), (".", 0o500)):
        if os.geteuid() == 0:
            os.chown(gone / folder, NOBODY, NOBODY)
        (gone / folder).chmod(mode)
    with without_rights():
        remove_tree(gone)
    assert not gone.exists() and kept.stat().st_mode & 0o777 == 0o500

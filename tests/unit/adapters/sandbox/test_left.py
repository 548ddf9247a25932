"""Files that a program left: read when they are plain files, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdev.adapters.sandbox.left import read_left


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "record").write_bytes(b"text")
    assert read_left(tmp_path, "record") == b"text"
    assert read_left(tmp_path, "record", 3) is None
    assert read_left(tmp_path, "other") is None


@pytest.mark.parametrize("kind", ["symlink", "hard link", "pipe", "folder", "device"])
def test_anything_else_is_not(tmp_path: Path, kind: str) -> None:
    secret, left = tmp_path / "secret", tmp_path / "record"
    secret.write_text("key")
    make = {
        "symlink": lambda: left.symlink_to(secret),
        "hard link": lambda: os.link(secret, left),
        "pipe": lambda: os.mkfifo(left),
        "folder": left.mkdir,
        "device": lambda: left.symlink_to("/dev/zero"),
    }
    make[kind]()
    assert read_left(tmp_path, "record") is None

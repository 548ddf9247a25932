"""Unpacking an archive writes plain files below one folder and nothing else."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tdev.errors import TransientError
from tdev.tools.sdist import unpack


def archive(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = folder / "package-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        for info, data in members:
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o600) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.uid = kind, target, mode, 4242
    return info


def test_files_and_folders_are_written_as_our_own(tmp_path: Path) -> None:
    made = archive(
        tmp_path,
        (member("package-1.0", tarfile.DIRTYPE), b""),
        (member("package-1.0/src/a.py"), b"x = 1\n"),
        (member("package-1.0/run", mode=0o755), b"#!/bin/sh\n"),
    )
    folder = unpack(made, tmp_path / "package")
    assert (folder / "src" / "a.py").read_bytes() == b"x = 1\n"
    assert (folder / "run").stat().st_mode & 0o111
    assert (folder / "src" / "a.py").stat().st_uid == folder.stat().st_uid != 4242
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package", "package-1.0.tar.gz"]


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"),
        member("/tmp/outside"),
        member("package-1.0/../../outside"),
        member("package-1.0/link", tarfile.SYMTYPE, "/etc/passwd"),
        member("package-1.0/hard", tarfile.LNKTYPE, "package-1.0/a"),
        member("package-1.0/device", tarfile.CHRTYPE),
        member("package-1.0/pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: info.name,
)
def test_anything_else_is_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    with pytest.raises(TransientError, match="no plain file"):
        unpack(archive(tmp_path, (bad, b"")), tmp_path / "package")
    assert not (tmp_path / "outside").exists()

"""Artifacts: which files are taken, and which archives are refused."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from tdev.errors import Refused
from tdev.forge.workflows.artifact_files import pack, unpack, wanted


@pytest.fixture
def job(tmp_path: Path) -> Path:
    work = tmp_path / "job" / "workspace"
    for name in ("out/a.txt", "out/deep/b.txt", "out/.hidden", "c.log", "d.log"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    (tmp_path / "outside").write_text("x")
    (work / "out" / "link").symlink_to(tmp_path / "outside")
    return tmp_path / "job"


def names(job: Path, path: str, *, hidden: bool = False) -> list[str]:
    root, files = wanted(path, job / "workspace", job, hidden=hidden)
    return [str(file.relative_to(root)) for file in files]


def test_a_folder_is_its_own_root_and_links_stay_out(job: Path) -> None:
    assert names(job, "out") == ["a.txt", "deep/b.txt"]
    assert names(job, "out", hidden=True) == [".hidden", "a.txt", "deep/b.txt"]


def test_patterns_begin_before_their_first_wildcard(job: Path) -> None:
    assert names(job, "*.log") == ["c.log", "d.log"]
    assert names(job, "out/**/*.txt") == ["a.txt", "deep/b.txt"]
    assert names(job, "out\nc.log\n!out/deep/**") == ["c.log", "out/a.txt"]
    assert names(job, "c.log") == ["c.log"]
    assert names(job, "gone") == []


def test_nothing_outside_the_job_is_taken(job: Path) -> None:
    for path in ("../../outside", "/etc/passwd", "out/link"):
        with pytest.raises(Refused, match="outside the job's folder"):
            wanted(path, job / "workspace", job, hidden=True)


def test_what_was_packed_is_unpacked(job: Path, tmp_path: Path) -> None:
    root, files = wanted("out", job / "workspace", job, hidden=False)
    pack(root, files, tmp_path / "a.zip")
    assert unpack(tmp_path / "a.zip", tmp_path / "new") == 2
    assert (tmp_path / "new" / "deep" / "b.txt").read_text() == "out/deep/b.txt"


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\..\\x"])
def test_ways_out_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(Refused, match="no plain file"):
        unpack(tmp_path / "a.zip", tmp_path / "new")
    assert not (tmp_path / "x").exists()


def test_links_are_refused_in_the_archive_and_in_the_way(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(Refused, match="no plain file"):
        unpack(tmp_path / "a.zip", tmp_path / "new")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("dir/x", "x")
    (tmp_path / "new").mkdir(exist_ok=True)
    (tmp_path / "new" / "dir").symlink_to(tmp_path)
    with pytest.raises(Refused, match="A link stands where"):
        unpack(tmp_path / "b.zip", tmp_path / "new")

"""Private folders: there while they are held, gone after; a sweep takes what nobody holds, and nothing else."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tdev.adapters import private_folder as module
from tdev.adapters.private_folder import PREFIX, private_folder, sweep
from tdev.errors import TransientError

DEAD = f"{PREFIX}cell-abcdefgh"


def test_it_is_ours_alone_and_gone_after(tmp_path: Path) -> None:
    with private_folder("build-tools", tmp_path) as folder:
        assert folder.parent == tmp_path.resolve() and folder.stat().st_mode & 0o777 == 0o700
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        assert sweep(tmp_path) == () and (folder / "deep" / "file").is_file()
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_removes_it_too(tmp_path: Path) -> None:
    with pytest.raises(KeyError), private_folder("cell", tmp_path):
        raise KeyError("x")
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_holds_is_swept(tmp_path: Path) -> None:
    dead = tmp_path / DEAD
    (dead / "deep").mkdir(parents=True)
    dead.chmod(0o700)
    assert sweep(tmp_path) == (dead,)
    assert sweep(tmp_path) == () and sweep(tmp_path / "missing") == ()


@pytest.mark.parametrize("name", ["tdev-demo-abcdefgh", "tdev-own-cell", f"x{DEAD}", f"{DEAD}.bak", f"{DEAD}i"])
def test_other_names_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(mode=0o700)
    assert sweep(tmp_path) == () and (tmp_path / name).is_dir()


def test_links_and_files_stay_and_are_not_followed(tmp_path: Path) -> None:
    place, other = tmp_path / "place", tmp_path / "other"
    place.mkdir()
    other.mkdir(mode=0o700)
    (other / "file").write_text("x")
    (place / DEAD).symlink_to(other)
    (place / f"{PREFIX}cell-00000000").write_text("x")
    os.mkfifo(place / f"{PREFIX}cell-00000001")
    dead = place / f"{PREFIX}cell-00000002"
    dead.mkdir(mode=0o700)
    (dead / "link").symlink_to(other)
    assert sweep(place) == (dead,)
    assert (other / "file").is_file() and len(list(place.iterdir())) == 3


def test_what_others_could_reach_stays(tmp_path: Path) -> None:
    (tmp_path / DEAD).mkdir()
    (tmp_path / DEAD).chmod(0o755)
    assert sweep(tmp_path) == () and (tmp_path / DEAD).is_dir()


def test_what_another_user_owns_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DEAD).mkdir(mode=0o700)
    owner = (tmp_path / DEAD).stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert sweep(tmp_path) == () and (tmp_path / DEAD).is_dir()


def test_where_there_are_no_locks_nothing_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_handle: int, _operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    (tmp_path / DEAD).mkdir(mode=0o700)
    with private_folder("cell", tmp_path) as folder:
        assert folder.is_dir() and sweep(tmp_path) == ()
    assert [entry.name for entry in tmp_path.iterdir()] == [DEAD]


def test_a_place_that_takes_none_is_explained(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="missing"), private_folder("cell", tmp_path / "missing"):
        pass


def test_the_first_at_the_usual_place_sweeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    (tmp_path / DEAD).mkdir(mode=0o700)
    with private_folder("cell") as folder:
        assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]


def test_programs_that_we_start_do_not_hold_it(tmp_path: Path) -> None:
    with private_folder("cell", tmp_path) as folder:
        words = (sys.executable, "-c", "import os; print(*(os.readlink(f'/proc/self/fd/{n}') for n in range(3, 6)"
                 " if os.path.exists(f'/proc/self/fd/{n}')))")  # fmt: skip
        assert str(folder) not in subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_making_and_sweeping_at_the_same_time(tmp_path: Path) -> None:
    over = threading.Event()
    lost: list[Path] = []

    def sweeping() -> None:
        while not over.is_set():
            sweep(tmp_path)

    def making() -> None:
        for _ in range(150):
            with private_folder("cell", tmp_path) as folder:
                (folder / "file").write_text("x")
                if not (folder / "file").is_file():
                    lost.append(folder)

    sweepers = [threading.Thread(target=sweeping) for _ in range(2)]
    makers = [threading.Thread(target=making) for _ in range(2)]
    for thread in (*sweepers, *makers):
        thread.start()
    for thread in makers:
        thread.join()
    over.set()
    for thread in sweepers:
        thread.join()
    assert lost == [] and list(tmp_path.iterdir()) == []

"""tdev is killed with -9: the private folders that it leaves are removed by the next, and those of the living stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tdev.adapters.private_folder import sweep

pytestmark = pytest.mark.e2e
_HOLD = """
import sys
from pathlib import Path
from tdev.adapters.private_folder import private_folder

with private_folder("room") as outer, private_folder("cell", outer) as inner, private_folder("tests") as other:
    (inner / "script").write_text("x")
    (other / "link").symlink_to("/")
    print(outer, other, flush=True)
    sys.stdin.read()
"""
_NEXT = """
from tdev.adapters.private_folder import private_folder

with private_folder("probe"):
    pass
"""


def _started(program: str, place: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-c", program),
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def holding(place: Path) -> Iterator[tuple[subprocess.Popen[str], list[Path]]]:
    """A process that holds private folders, and which they are."""
    holder = _started(_HOLD, place)
    try:
        assert holder.stdout is not None
        yield holder, [Path(word) for word in holder.stdout.readline().split()]
    finally:
        holder.kill()
        holder.communicate()


def test_the_next_process_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    with holding(tmp_path) as (killed, left), holding(tmp_path) as (_, living):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert len(left) == 2 and all(folder.is_dir() for folder in left)
        assert _started(_NEXT, tmp_path).wait(30) == 0
        assert sorted(tmp_path.iterdir()) == sorted(living)
        assert all((folder / "link").is_symlink() or any(folder.rglob("script")) for folder in living)
        assert sweep(tmp_path) == ()
    assert sorted(sweep(tmp_path)) == sorted(living) and list(tmp_path.iterdir()) == []


def test_who_ends_well_leaves_nothing(tmp_path: Path) -> None:
    with holding(tmp_path) as (holder, folders):
        assert all(folder.is_dir() for folder in folders)
        holder.communicate("")
        assert holder.returncode == 0 and list(tmp_path.iterdir()) == []

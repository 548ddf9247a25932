"""Docker's command line: what it says, and that Docker's own client understands it. No engine is needed."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from support.machine import lacks
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.docker import IMAGE, Docker, options
from tdev.errors import Refused
from tdev.policy.sandbox import CellLimits


@pytest.fixture
def cell(tmp_path: Path) -> Cell:
    git = tmp_path / "checkout" / ".git"
    git.mkdir(parents=True)
    return Cell(
        cwd=git.parent,
        environment={"HOME": "/home/user", "WORDS": "a b"},
        writable=(git.parent,),
        read_only=(git,),
        limits=CellLimits(processes=7, memory_bytes=1000, cpus=1.5),
    )


def test_the_cell_is_in_the_options(cell: Cell) -> None:
    words = options(cell)
    pairs = list(itertools.pairwise(words))
    for pair in (
        ("--network", "none"), ("--cap-drop", "ALL"), ("--security-opt", "no-new-privileges"), ("--pids-limit", "7"),
        ("--memory", "1000"), ("--memory-swap", "1000"), ("--cpus", "1.5"), ("--env", "WORDS=a b"),
        ("--volume", f"{cell.cwd}:{cell.cwd}:rw"), ("--volume", f"{cell.cwd}/.git:{cell.cwd}/.git:ro"),
        ("--tmpfs", "/home/user:rw,nosuid,nodev,size=1073741824,mode=1777"),
    ):  # fmt: skip
        assert pair in pairs
    assert "--read-only" in words and "--privileged" not in words
    assert words.index(f"{cell.cwd}:{cell.cwd}:rw") < words.index(f"{cell.cwd}/.git:{cell.cwd}/.git:ro")


def test_a_path_that_the_option_can_not_carry(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()
    with pytest.raises(Refused, match="colon"):
        options(Cell(cwd=tmp_path, environment={}, writable=(tmp_path / "a:b",)))


def test_dockers_own_client_understands_it(cell: Cell, tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None:
        lacks("no Docker client on this machine")
    nowhere = f"unix://{tmp_path}/no-engine"
    words = [docker, "--host", nowhere, "run", "--cidfile", str(tmp_path / "id"), *options(cell), IMAGE, "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert "annot connect to the Docker daemon" in done.stderr, done.stderr
    assert "unknown" not in done.stderr and "invalid" not in done.stderr


def test_where_nothing_answers_it_is_missing_and_says_why() -> None:
    if shutil.which("docker") is not None and not Docker().missing():
        pytest.skip("a Docker engine answers here")
    assert Docker().missing() in (
        "docker is not installed",
        "no Docker engine answers",
        f"the image {IMAGE} is not there",
    )

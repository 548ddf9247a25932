"""The command as a fixture, and a small repository that has something to modernise."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import OLD_FILES, Ended, Tdev, command_environment
from tdev.settings import Settings


@pytest.fixture
def tdev(settings: Settings) -> Tdev:
    """A function that runs `tdev WORDS` in a process of its own."""

    def run(*words: str | Path, stdin: bytes = b"", prefix: tuple[str, ...] = (), **more: str) -> Ended:
        done = subprocess.run(
            (*prefix, sys.executable, "-m", "tdev.cli.main", *map(str, words)),
            input=stdin,
            capture_output=True,
            env=command_environment(settings, **more),
            timeout=300,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def old_repository(make_repository: Callable[[Mapping[str, str | bytes]], Path]) -> Path:
    """A repository whose code recipes can modernise, with tests that pass."""
    return make_repository(OLD_FILES)

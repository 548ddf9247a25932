"""Fixtures every test may use: settings in a folder of the test's own, and small real repositories."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from support.shared_state import share
from tdev.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_state() -> Path:
    """One folder for pinned programs and caches, kept between test runs (they are content-addressed)."""
    folder = Path(os.environ.get("TDEV_TEST_STATE") or ROOT / "build" / "test-state").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def settings(tmp_path: Path, shared_state: Path) -> Settings:
    """Settings whose runs and work are the test's own; programs, and what they have compiled, are shared."""
    home = tmp_path / "home"
    share(shared_state, home)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    return replace(Settings.from_environment(environment), home=home, ci=True)


@pytest.fixture
def make_repository(tmp_path: Path) -> Iterator[Callable[[Mapping[str, str | bytes]], Path]]:
    """A function that makes a git repository with one commit of the files given."""
    made = 0

    def make(files: Mapping[str, str | bytes], name: str = "") -> Path:
        nonlocal made
        made += 1
        folder = tmp_path / (name or f"repository{made}")
        folder.mkdir()
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "-m", "start")
        return folder

    yield make

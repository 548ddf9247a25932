"""The command as a fixture, a small repository that has something to modernise, and a run that is to be published."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import OLD_FILES, WITHOUT_SECRETS, Ended, Tdev, command_environment, git
from support.forge import running_forge
from support.publishing import FILES, Desk, desk, payload, work
from support.shared_state import alone_in, folder_of_this_run, share, share_evidence
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
def recalled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was measured of the same content in this test run is not measured again: for tests of other matters."""
    share_evidence(folder_of_this_run(tmp_path_factory, "evidence"), settings.home)


@pytest.fixture
def old_repository(make_repository: Callable[[Mapping[str, str | bytes]], Path]) -> Path:
    """A repository whose code recipes can modernise, with tests that pass; no credentials are searched for."""
    return make_repository({**OLD_FILES, ".github/tdev.yml": WITHOUT_SECRETS})


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory, shared_state: Path) -> tuple[Path, Path]:
    """A repository, and the run directory that the steps of the working job made of it; once for all processes."""
    folder = folder_of_this_run(tmp_path_factory, "worked")
    with alone_in(folder):
        if not (folder / "done").exists():
            _work(folder, shared_state)
            (folder / "done").touch()
    return folder / "calc", folder / "temp" / "tdev-run"


def _work(folder: Path, shared_state: Path) -> None:
    """Make the repository, and do the steps of the working job."""
    home, source = folder / "home", folder / "calc"
    share(shared_state, home)
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    git(source, "init", "--quiet")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "-m", "start")
    settings = replace(Settings.from_environment(), home=home)
    ended = work(settings, source, folder / "temp", payload())
    assert [each.exit_code for each in ended] == [0] * 7, ended[-1].stderr
    assert "nothing to do for an evolve" in ended[2].stdout


@pytest.fixture
def here(settings: Settings, tmp_path: Path, worked: tuple[Path, Path]) -> Iterator[Desk]:
    """The repository on a forge, and a copy of the run directory to publish there."""
    folder = tmp_path / "desk"
    folder.mkdir()
    with running_forge(tmp_path / "forge", settings) as forge:
        yield desk(forge, settings, folder, *worked)

"""The actions a job uses, as act finds them on this machine.

Comes in: a job, and the folder of the stand-ins (tests/actions of a checkout). Goes out: act's `--local-repository`
words. actions/checkout and the like are stand-ins; T-Developer's own actions are those this program came with, of
whichever owner and tag. What is neither is fetched from the forge, for that is the server act is told of.

Our own `setup` is a stand-in too, as the runner runs on `tdev`; where the real one is wanted, all that it installs from
is put beside it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from tdev.errors import ConfigurationError
from tdev.forge.workflows import own_project
from tdev.forge.workflows.act_workflow import uses_in
from tdev.forge.workflows.file import JobFile

_OWNER = "actions/"
_SETUP = "tdev-setup"
_INSTALLED = ("bot", "policies", ".ci", "blueprints", "requirements.lock", "pyproject.toml")
"""What our own `setup` installs from."""


def stand_ins() -> Path:
    """The folder of the stand-ins; raises ConfigurationError where this is no checkout."""
    folder = own_project.folder() / "tests" / "actions"
    if not (folder / "checkout" / "action.yml").is_file():
        raise ConfigurationError(
            "The runner `act` needs the stand-ins for actions in tests/actions, which only a checkout has.",
            next_step="Run it from a checkout of T-Developer, or use `--runner own`.",
        )
    return folder


def stage(folder: Path, have: Path, *, real_setup: bool = False) -> None:
    """Copy the actions to a folder: act packs all that is beside an action whenever it uses one."""
    for each in sorted(have.iterdir()):
        if each.name != _SETUP and any(each.rglob("action.yml")):
            shutil.copytree(each, folder / _OWNER / each.name)
    root, own = own_project.folder(), folder / "own"
    shutil.copytree(root / "actions", own / "actions", ignore=shutil.ignore_patterns("*.md"))
    if not real_setup:
        shutil.copytree(have / _SETUP, own / "actions" / "setup", dirs_exist_ok=True)
        return
    for name in _INSTALLED:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, own / name)


def local_repositories(job: JobFile, folder: Path) -> Mapping[str, Path]:
    """`owner/name@ref` -> folder, for the actions of a job and those these use in turn.

    ValueError where a stand-in is missing.
    """
    found: dict[str, Path] = {}
    for uses in (*uses_in(job.steps), *(each for text in texts(folder) for each in _uses_of(text))):
        name, _, ref = uses.partition("@")
        repository = "/".join(name.split("/")[:2])
        if own_project.is_own(repository):
            found[f"{repository}@{ref}"] = folder / "own"
        elif repository.startswith(_OWNER):
            found[f"{repository}@{ref}"] = folder / repository
    for uses in uses_in(job.steps):
        place = found.get("/".join(uses.partition("@")[0].split("/")[:2]) + "@" + uses.partition("@")[2])
        if place is not None and not place.is_dir():
            there = ", ".join(sorted(f"{_OWNER}{each.name}" for each in (folder / _OWNER).iterdir()))
            raise ValueError(f"There is no stand-in for {uses}; there are {there}.")
    return found


def texts(folder: Path) -> Iterator[str]:
    """The action.yml files below a folder."""
    for file in sorted(folder.rglob("action.yml")):
        yield file.read_text("utf-8")


def _uses_of(text: str) -> Iterator[str]:
    """What the steps of a composite action use."""
    runs = (yaml.safe_load(text) or {}).get("runs") or {}
    yield from uses_in(runs.get("steps"))

"""The cells in which a repository's code runs: a checkout that may be changed, its git that may not, an interpreter."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.git_places import git_parts
from tdev.policy.sandbox import USUAL_LIMITS, CellLimits
from tdev.settings import Settings


def repository_cell(
    settings: Settings,
    checkout: Path,
    *,
    environment: Mapping[str, str],
    cwd: Path | None = None,
    python: Path | None = None,
    writable: Iterable[Path] = (),
    read_only: Iterable[Path] = (),
    sockets: Iterable[Path] = (),
    ports_to: Mapping[int, Path] | None = None,
    limits: CellLimits = USUAL_LIMITS,
    writable_git: bool = False,
) -> Cell:
    """A cell for programs that work on a checkout: it is writable, its `.git` and `python`'s environment are not.

    `python` is the interpreter of a virtual environment, which is shown. `environment` is the whole environment. With
    `writable_git` git's objects and references may be written, but nothing that decides what git runs.
    """
    checkout = checkout.resolve()
    shown = [*git_parts(checkout, writable_git=writable_git), *read_only]
    if python is not None:
        shown += environment_folders(python)
    return Cell(
        cwd=cwd or checkout,
        environment=environment,
        writable=tuple(dict.fromkeys([checkout, *writable])),
        read_only=tuple(dict.fromkeys(shown)),
        sockets=tuple(sockets),
        ports_to=dict(ports_to or {}),
        limits=limits,
    )


def environment_folders(python: Path) -> tuple[Path, ...]:
    """What an interpreter needs: its virtual environment, where it is in one, and the installation below."""
    folder = python.parent.parent.resolve()
    own = (folder,) if (folder / "pyvenv.cfg").is_file() else ()
    return (*own, *interpreter_folders(python))


def interpreter_folders(python: Path | None = None) -> tuple[Path, ...]:
    """Where our own interpreter and its library are, and those of `python`, where that is not in /usr.

    What an environment's interpreter leads to counts only if it looks like an installation of Python: a package that
    is built in the environment could have written the link.
    """
    found = [Path(sys.base_prefix).resolve()]
    if python is not None and (real := python.resolve()).parent.name == "bin":
        found += [real.parents[1]] if any(real.parents[1].glob("lib/python3*/os.py")) else []
    return tuple(folder for folder in dict.fromkeys(found) if not folder.is_relative_to("/usr"))


def checkout_around(settings: Settings, project: Path) -> Path:
    """The checkout that a project is a folder of; the project itself where that is no clone in our own work folder."""
    work = settings.work.resolve()
    above = (folder for folder in (project, *project.parents) if folder.is_relative_to(work))
    return next((folder for folder in above if (folder / ".git").exists()), project)

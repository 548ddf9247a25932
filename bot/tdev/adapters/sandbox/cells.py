"""The cells in which a repository's code runs: a checkout that may be changed, its git that may not, an interpreter."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tdev.adapters.sandbox.cell import Cell, Limits
from tdev.adapters.sandbox.git_places import git_parts
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
    limits: Limits | None = None,
    writable_git: bool = False,
) -> Cell:
    """A cell for programs that work on a checkout: it is writable, its `.git` and `python`'s environment are not.

    `checkout` is below the run's work folder or a folder that its owner gave us; `python` is an interpreter in an
    environment that nothing else in the cell lies in. `environment` is the whole environment. With `writable_git`
    git's objects and references may be written, but nothing that decides what git runs.
    """
    checkout = checkout.resolve()
    shown = [*git_parts(checkout, writable_git=writable_git), *read_only]
    if python is not None:
        shown += [python.parent.parent.resolve(), *interpreter_folders()]
    return Cell(
        cwd=cwd or checkout,
        environment=environment,
        writable=tuple(dict.fromkeys([checkout, *writable])),
        read_only=tuple(dict.fromkeys(shown)),
        sockets=tuple(sockets),
        ports_to=dict(ports_to or {}),
        limits=limits or Limits(),
    )


def interpreter_folders() -> tuple[Path, ...]:
    """Where our own interpreter and its library are, where that is not in /usr.

    Never taken from an environment's own files: a package that is built in it could have written there.
    """
    folder = Path(sys.base_prefix).resolve()
    return () if folder.is_relative_to("/usr") else (folder,)

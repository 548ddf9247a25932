"""Programs run in the real sandbox by tests, and what to do on a machine that has none."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from support.machine import lacks
from tdev.adapters.process import Completed
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.run import run
from tdev.adapters.sandbox.table import BUBBLEWRAP
from tdev.policy.sandbox import CellLimits
from tdev.settings import Settings

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/user", "LANG": "C.UTF-8"}
PYTHON = "/usr/bin/python3"


@functools.cache
def _missing() -> str:
    return BUBBLEWRAP.missing() or ("" if Path(PYTHON).exists() else f"there is no {PYTHON}")


def needs_bubblewrap() -> None:
    """Leave the test out where bubblewrap does not work."""
    if why := _missing():
        lacks(why)


def checkout_cell(folder: Path, limits: CellLimits | None = None) -> Cell:
    """A cell with one writable folder, made if need be."""
    folder.mkdir(exist_ok=True)
    return Cell(cwd=folder, environment=ENVIRONMENT, writable=(folder,), limits=limits or CellLimits())


def python(settings: Settings, cell: Cell, code: str, *arguments: str, timeout: float = 60) -> Completed:
    """Run a few lines of Python inside, by the system's interpreter."""
    return run(replace(settings, sandbox="bubblewrap"), cell, (PYTHON, "-c", code, *arguments), timeout=timeout)

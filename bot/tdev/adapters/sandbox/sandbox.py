"""What a sandbox must be able to do, to stand in table.py."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tdev.adapters.sandbox.cell import Cell


class Sandbox(Protocol):
    """One program that builds walls."""

    @property
    def name(self) -> str:
        """As `TDEV_SANDBOX` says it."""

    def version(self) -> str:
        """Its version; empty when it is not there."""

    def missing(self) -> str:
        """Why it can't be used on this machine; empty when it works. Found out once, by trying."""

    def command(self, cell: Cell, folder: Path) -> str:
        """Shell text that starts the program whose words follow it; `folder` is private and holds an empty `nothing`.

        Raises Refused for a path that can't be shown, ConfigurationError when it does not work here.
        """

    def close(self, folder: Path) -> None:
        """End what the command started and what does not end with its process; called when that has been killed."""

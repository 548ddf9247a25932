"""No sandbox: the limits hold, nothing else does. For whoever owns the machine and trusts the repository's code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from tdev.adapters.sandbox.cell import Cell


@dataclass(frozen=True)
class Without:
    """`TDEV_SANDBOX=none`; never chosen by itself."""

    name: str = "none"

    def version(self) -> str:
        """There is nothing that could have one."""
        return "none"

    def missing(self) -> str:
        """It works everywhere."""
        return ""

    def command(self, cell: Cell, folder: Path) -> str:
        """Shell text: the folder and the environment, and the program's words follow."""
        variables = " ".join(quote(f"{name}={value}") for name, value in cell.environment.items())
        return f"cd {quote(str(cell.cwd))}\nexec env -i {variables}"

    def close(self, folder: Path) -> None:
        """Nothing outlives its process."""

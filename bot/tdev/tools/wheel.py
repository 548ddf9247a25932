"""A package's wheel, unpacked and read, to learn what can be imported of it; no code of it runs.

Comes in: a requirement. Goes out: its modules and the groups of its entry points. uv chooses the version and unpacks it
as an installer would today, without what it needs; source distributions are left out, as asking one would run its code.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.core.distributions import entry_point_groups, modules_in
from tdev.core.manifests import Requirement, normalised
from tdev.settings import Settings

_NONE_FITS = "No solution found"
_NO_NETWORK = "network was disabled"


@dataclass(frozen=True)
class Wheel:
    """What a package's wheel says."""

    modules: frozenset[str] = frozenset()
    """Top-level modules."""
    groups: tuple[str, ...] = ()
    """Groups of its entry points."""
    none: bool = False
    """There is no wheel of it for this machine."""
    reason: str = ""
    """Why it could not be asked for; empty when it was."""


def read_wheel(settings: Settings, requirement: Requirement, timeout: float) -> Wheel:
    """Unpack and read the wheel that an installer would choose; `timeout` is in seconds."""
    with private_folder("wheel") as folder:
        done = process.run(
            (
                find_uv_bin(), "pip", "install", "--target", folder / "packages", "--no-deps",
                "--only-binary", ":all:", "--python", sys.executable,
                "--no-progress", "--color", "never", f"{requirement.name}{requirement.specifier}",
            ),
            cwd=folder,
            environment={
                **settings.child_environment,
                **settings.installer_environment,
                "UV_PYTHON_DOWNLOADS": "never",
            },
            timeout=timeout,
        )  # fmt: skip
        if done.ok:
            return _read(folder / "packages", requirement.name)
    said = " ".join(done.tail(100).split())
    if _NONE_FITS in said and _NO_NETWORK not in said:
        return Wheel(none=True)
    why = f"it took more than {timeout:g} s" if done.timed_out else done.tail(2)
    return Wheel(reason=f"what can be imported of {requirement.name} can't be told: {why}")


def _read(packages: Path, name: str) -> Wheel:
    for info in packages.glob("*.dist-info"):
        if normalised(info.name.partition("-")[0]) == name:
            modules = modules_in(_text(info / "RECORD"))
            return Wheel(modules, entry_point_groups(_text(info / "entry_points.txt")))
    return Wheel(reason=f"what can be imported of {name} can't be told: it was not unpacked")


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.is_file() else ""

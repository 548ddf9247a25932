"""The checks of `tdev doctor`, in the order in which they are shown.

Comes in: Settings. Goes out: one Check per thing a run needs or is better with. Nothing is changed, nothing is
downloaded, and no credential's value is looked at.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.sandbox import cgroups
from tdev.adapters.sandbox.probe import broken_walls
from tdev.adapters.sandbox.seccomp import seccomp_filter
from tdev.adapters.sandbox.table import NONE, SANDBOXES, chosen
from tdev.errors import ConfigurationError, TdevError
from tdev.settings import CREDENTIAL_VARIABLES, Settings
from tdev.stages.start import MINIMUM_FREE_BYTES
from tdev.tools.go_programs import found_go
from tdev.tools.toolbox import Toolbox

OLDEST_PYTHON = (3, 11)
OLDEST_GIT = (2, 35)
_COMFORTABLE_BYTES = 5 * 1024**3
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_USERNS = Path("/proc/sys/user/max_user_namespaces")
_INSTALL = {
    "bubblewrap": "sudo apt-get install bubblewrap (or your system's package)",
    "sandbox-runtime": "npm install --global @anthropic-ai/sandbox-runtime",
    "docker": "install and start a Docker engine; docker pull debian:stable-slim",
}


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    """A run works without it."""
    LACKS = "lacks"
    """No run can be started."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    """What was found, in words."""
    next_step: str = ""
    """What to do about it."""

    def as_json(self) -> dict[str, str]:
        """The check as a JSON object."""
        return {"name": self.name, "state": self.state, "found": self.found, "next_step": self.next_step}


def checks(settings: Settings) -> Iterator[Check]:
    """Everything a run needs or is better with."""
    yield _python()
    yield _git(settings)
    yield from (_sandbox(settings, name) for name in (one.name for one in SANDBOXES))
    yield _walls(settings)
    yield _filter()
    yield _user_namespaces()
    yield _groups()
    yield _disk(settings)
    yield _credential(settings)
    yield _programs(settings)
    yield _go(settings)


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info >= OLDEST_PYTHON:
        return Check("Python", State.OK, found)
    return Check("Python", State.LACKS, found, "install Python 3.11 or newer")


def _git(settings: Settings) -> Check:
    try:
        done = process.run(("git", "--version"), cwd=Path("/"), environment=settings.child_environment, timeout=20)
    except TdevError:
        return Check("git", State.LACKS, "not installed", "install git 2.35 or newer")
    found = done.stdout.strip().removeprefix("git version ")
    numbers = tuple(int(part) for part in found.split()[0].split(".")[:2] if part.isdigit()) if found else ()
    if numbers >= OLDEST_GIT:
        return Check("git", State.OK, found)
    return Check("git", State.LACKS, found or "no version", "install git 2.35 or newer")


def _sandbox(settings: Settings, name: str) -> Check:
    """One sandbox: whether it is there, works, and keeps a program in."""
    sandbox = next(one for one in SANDBOXES if one.name == name)
    why = sandbox.missing() or broken_walls(replace(settings, sandbox=name))
    if why:
        return Check(f"sandbox {name}", State.NOTE, why, _INSTALL.get(name, "") if not sandbox.version() else "")
    return Check(f"sandbox {name}", State.OK, f"{sandbox.version()}: a program inside could not get out")


def _walls(settings: Settings) -> Check:
    """The sandbox that a run would use."""
    try:
        sandbox = chosen(settings)
    except ConfigurationError as error:
        return Check("runs are in", State.LACKS, error.message, error.next_step)
    if sandbox is NONE:
        return Check("runs are in", State.NOTE, "no sandbox, as TDEV_SANDBOX=none says", "unset TDEV_SANDBOX")
    why = broken_walls(replace(settings, sandbox=sandbox.name))
    return Check("runs are in", State.LACKS if why else State.OK, why or sandbox.name)


def _filter() -> Check:
    if seccomp_filter():
        return Check("system call filter", State.OK, platform.machine())
    return Check("system call filter", State.NOTE, f"none for {platform.machine()}", "use sandbox-runtime or docker")


def _user_namespaces() -> Check:
    """What the kernel and AppArmor say of namespaces for users without rights; root needs no permission."""
    most, restricted = _number(_USERNS), _number(_APPARMOR)
    if os.geteuid() == 0:
        return Check("user namespaces", State.OK, "we are root")
    if most == 0:
        return Check("user namespaces", State.NOTE, "switched off", "sudo sysctl user.max_user_namespaces=10000")
    if restricted:
        step = "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap"
        return Check("user namespaces", State.NOTE, "restricted by AppArmor", step)
    return Check("user namespaces", State.OK, "allowed")


def _groups() -> Check:
    """Which limits hold a run's processes together."""
    held = cgroups.controllers()
    if "pids" in held and "memory" in held:
        version = cgroups.hierarchies()[0].version
        return Check("control groups", State.OK, f"version {version}: {', '.join(held)}")
    step = "start tdev in a subtree of control groups that it owns: systemd-run --user --scope --property=Delegate=yes"
    return Check("control groups", State.NOTE, f"{', '.join(held) or 'none'}; the rest is watched from outside", step)


def _disk(settings: Settings) -> Check:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GiB free at {settings.home}"
    if not os.access(place, os.W_OK):
        return Check("state folder", State.LACKS, f"{settings.home} can't be written to", "set TDEV_HOME")
    if free < MINIMUM_FREE_BYTES:
        return Check("state folder", State.LACKS, found, "free some space, or set TDEV_HOME")
    return Check("state folder", State.OK if free >= _COMFORTABLE_BYTES else State.NOTE, found)


def _credential(settings: Settings) -> Check:
    if settings.credentials:
        return Check("model credential", State.OK, ", ".join(sorted(settings.credentials)))
    return Check("model credential", State.NOTE, "none; recipes work without", f"set {CREDENTIAL_VARIABLES[0]}")


def _programs(settings: Settings) -> Check:
    toolbox = Toolbox(settings)
    pins = {name: pin for name, pin in toolbox.pins().items() if not pin.on_demand}
    absent = [name for name in pins if not toolbox.installed(name)]
    if not absent:
        return Check("pinned programs", State.OK, f"all {len(pins)} installed")
    return Check("pinned programs", State.NOTE, f"installed on first use: {', '.join(absent)}", "tdev tools install")


def _go(settings: Settings) -> Check:
    """Whether the pinned programs that are written in Go are there or can be built."""
    toolbox = Toolbox(settings)
    names = [name for name, pin in toolbox.pins().items() if pin.go]
    reasons = [reason for name in names if (reason := toolbox.lacking(name))]
    if reasons:
        return Check("Go programs", State.NOTE, " ".join(reasons), "install Go from https://go.dev/dl")
    return Check("Go programs", State.OK, f"{', '.join(names)}: {found_go(settings) or 'built earlier'}")


def _number(file: Path) -> int | None:
    """A number that the kernel tells; None when it does not."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None

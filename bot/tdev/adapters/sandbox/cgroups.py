"""Control groups: what holds memory, processes and processor time of everything a cell starts, together.

Both kinds are served: version 1, a hierarchy per controller, and version 2, one for all. A group is made per run: in
version 1 inside the group that we are in, in version 2 beside it, for there a group with processes has no groups
inside. That takes root's rights, or a subtree that root has given us; where neither is there, `controllers` is empty.
Specifications: the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.

A group is removed with all that runs in it when its run has ended; groups of a killed tdev by the next one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tdev.adapters.sandbox.processes import start_of
from tdev.policy.sandbox import CellLimits

_PREFIX = "tdev-cell-"
_PERIOD = 100_000
_LEAVE_SECONDS = 5.0
_WANTED = ("pids", "memory", "cpu")


@dataclass(frozen=True)
class Hierarchy:
    """Where groups of ours can be made."""

    folder: Path
    """The folder that takes them."""
    version: int
    """1 or 2."""
    controllers: tuple[str, ...]
    """Which of pids, memory and cpu it holds."""


@dataclass(frozen=True)
class Group:
    """The groups of one run: one folder in version 2, one per controller in version 1."""

    folders: Mapping[str, Path]
    """By controller."""
    version: int
    """1 or 2."""

    @property
    def doors(self) -> tuple[Path, ...]:
        """Files to write a process id (0 = oneself) into, to put it and its children in."""
        return tuple(folder / "cgroup.procs" for folder in dict.fromkeys(self.folders.values()))

    def stopped_by(self) -> str:
        """The limit that the kernel enforced by killing: `memory`, or empty."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        return "memory" if self._counted("memory", name, "oom_kill") else ""

    def refused_processes(self) -> bool:
        """True when a process was not started because of the limit."""
        return self._counted("pids", "pids.events", "max") > 0

    def close(self) -> None:
        """Kill all that is in the groups and remove them."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        left = list(dict.fromkeys(self.folders.values()))
        for folder in left:
            _stop_growing(folder)
        while left and time.monotonic() < deadline:
            left = [folder for folder in left if not _removed(folder)]
            if left:
                time.sleep(0.002)

    def _counted(self, controller: str, file: str, key: str) -> int:
        """One figure of a file of `key value` lines; 0 when it is not there."""
        folder = self.folders.get(controller)
        rows = _read(folder / file).splitlines() if folder else []
        found = (row.split() for row in rows)
        return next((int(row[1]) for row in found if len(row) == 2 and row[0] == key), 0)


@contextlib.contextmanager
def group(limits: CellLimits) -> Iterator[Group]:
    """Groups with the limits, as far as this machine lets us; removed at the end with whatever runs in them."""
    folders: dict[str, Path] = {}
    name = f"{_own_prefix()}{os.getpid()}-{start_of(os.getpid())}-{secrets.token_hex(4)}"
    found = hierarchies()
    made = Group(folders, found[0].version if found else 0)
    try:
        for hierarchy in found:
            if not _values(hierarchy, limits):
                continue
            folder = hierarchy.folder / name
            folder.mkdir()
            folders.update(dict.fromkeys(hierarchy.controllers, folder))
            for file, value in _values(hierarchy, limits).items():
                with contextlib.suppress(FileNotFoundError):
                    (folder / file).write_text(value)
        yield made
    finally:
        made.close()


def controllers() -> tuple[str, ...]:
    """Which limits groups hold on this machine: some of pids, memory, cpu."""
    return tuple(name for name in _WANTED if any(name in one.controllers for one in hierarchies()))


@cache
def hierarchies() -> tuple[Hierarchy, ...]:
    """Where groups can be made; looked up once, and swept of what a killed tdev left."""
    first = _version_1()
    second = () if first else _version_2()
    for hierarchy in (*first, *second):
        _sweep(hierarchy.folder)
    return (*first, *second)


def _version_1() -> tuple[Hierarchy, ...]:
    """Our own group in each hierarchy of version 1, where we may make groups."""
    mounted = {name: Path(row[1]) for row in _mounts() if row[2] == "cgroup" for name in row[3].split(",")}
    own = {name: path for names, path in _memberships() for name in names.split(",")}
    found = []
    for name in _WANTED:
        folder = mounted[name] / own[name].lstrip("/") if name in mounted and name in own else None
        if folder is not None and _is_ours(folder):
            found.append(Hierarchy(folder, 1, (name,)))
    return tuple(found)


def _version_2() -> tuple[Hierarchy, ...]:
    """The group around our own, where its controllers reach what we make there."""
    mounted = next((Path(row[1]) for row in _mounts() if row[2] == "cgroup2"), None)
    own = next((path for names, path in _memberships() if not names), "")
    if mounted is None or not own:
        return ()
    folder = (mounted / own.lstrip("/")).parent if own != "/" else mounted
    if not folder.is_relative_to(mounted) or not _is_ours(folder):
        return ()
    enabled = _read(folder / "cgroup.subtree_control").split()
    held = tuple(name for name in _WANTED if name in enabled)
    return (Hierarchy(folder, 2, held),) if held else ()


def _values(hierarchy: Hierarchy, limits: CellLimits) -> dict[str, str]:
    """What to write into which file; in this order, for version 1 wants swap's limit above memory's."""
    quota = int(limits.cpus * _PERIOD)
    if hierarchy.version == 1:
        all_values = {
            "pids": {"pids.max": str(limits.processes)},
            "memory": {
                "memory.limit_in_bytes": str(limits.memory_bytes),
                "memory.memsw.limit_in_bytes": str(limits.memory_bytes),
            },
            "cpu": {"cpu.cfs_quota_us": str(quota)} if quota else {},
        }
    else:
        all_values = {
            "pids": {"pids.max": str(limits.processes)},
            "memory": {"memory.max": str(limits.memory_bytes), "memory.swap.max": "0", "memory.oom.group": "1"},
            "cpu": {"cpu.max": f"{quota} {_PERIOD}"} if quota else {},
        }
    return {file: value for name in hierarchy.controllers for file, value in all_values[name].items()}


def _stop_growing(folder: Path) -> None:
    """Let nothing start any more, and kill what runs, where one write does it."""
    for file, value in (("pids.max", "0"), ("cgroup.kill", "1")):
        if (folder / file).exists():
            with contextlib.suppress(OSError):
                (folder / file).write_text(value)


def _removed(folder: Path) -> bool:
    """Kill what is in a group and remove it; False while something is still there."""
    for number in _read(folder / "cgroup.procs").split():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(int(number), signal.SIGKILL)
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _sweep(folder: Path) -> None:
    """Remove the groups of processes that have ended without doing so."""
    for left in folder.glob(f"{_own_prefix()}*"):
        pid, start, _ = left.name.removeprefix(_own_prefix()).split("-")
        if start_of(int(pid)) != start:
            Group({"": left}, 0).close()


def _own_prefix() -> str:
    """Process ids mean something inside one PID namespace only."""
    return f"{_PREFIX}{Path('/proc/self/ns/pid').stat().st_ino}-"


def _is_ours(folder: Path) -> bool:
    """True when we may make groups in a folder and move our own processes there."""
    return os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _mounts() -> list[list[str]]:
    return [row.split() for row in _read(Path("/proc/self/mounts")).splitlines()]


def _memberships() -> list[tuple[str, str]]:
    """Controllers (empty = version 2) and our group in their hierarchy."""
    rows = (row.split(":", 2) for row in _read(Path("/proc/self/cgroup")).splitlines())
    return [(row[1], row[2]) for row in rows if len(row) == 3]


def _read(file: Path) -> str:
    """A file's text; empty when it can't be read."""
    try:
        return file.read_text()
    except OSError:
        return ""

"""bubblewrap: namespaces of its own for everything, a file system of only what the cell names, no rights.

Comes in: a Cell and a private folder. Goes out: shell text in front of the program's words. Options are those of
bwrap(1); they go through a file, for /proc shows every command line. What surprised:

- as root the program inside owns root's files: without `--cap-drop ALL` it can mount, with it it can still write
  below /proc/sys, which is why all of /proc is read-only, and change the machine's devices for everybody, which is why
  it gets others;
- /dev and / are memory that the program could fill without end, so both become read-only;
- the first process inside shows the environment that bubblewrap was started with, so that is empty.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import quote

from tdev.adapters import process
from tdev.adapters.sandbox import system_files
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.paths import Place, places
from tdev.adapters.sandbox.seccomp import seccomp_filter
from tdev.errors import ConfigurationError, TdevError

_NAMESPACES = (
    "--unshare-all", "--unshare-user", "--uid", str(system_files.USER), "--gid", str(system_files.GROUP),
    "--cap-drop", "ALL", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv",
    "--hostname", "sandbox",
)  # fmt: skip
_SHARED_MEMORY = "/dev/shm"  # noqa: S108
_TEMPORARY = "/tmp"  # noqa: S108
_HIDDEN = (
    "kallsyms", "kcore", "keys", "kpagecgroup", "kpagecount", "kpageflags", "sched_debug", "slabinfo", "timer_list",
    "vmallocinfo",
)  # fmt: skip
"""Files of /proc that tell of the machine's other programs; root's programs could read them."""
_PROBE_SECONDS = 20.0


@dataclass(frozen=True)
class Bubblewrap:
    """The first choice on Linux."""

    name: str = "bubblewrap"

    def version(self) -> str:
        """Its version; empty when it is not there."""
        program = shutil.which("bwrap")
        return _version(program) if program else ""

    def missing(self) -> str:
        """Why it can't be used here; empty when it works."""
        if shutil.which("bwrap") is None:
            return "bwrap is not installed"
        if not seccomp_filter():
            return "there is no system call filter for this processor"
        return _trial()

    def command(self, cell: Cell, folder: Path) -> str:
        """Shell text: opens what bubblewrap reads, and ends where the program's words follow."""
        program = shutil.which("bwrap")
        code = seccomp_filter()
        if program is None or not code:
            raise ConfigurationError(f"bubblewrap can't be used: {self.missing()}.")
        (folder / "filter").write_bytes(code)
        words = _words(cell, folder)
        (folder / "options").write_bytes(b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words))
        opened = f"exec 8<{quote(str(folder / 'options'))} 9<{quote(str(folder / 'filter'))}\n"
        return f"{opened}exec env -i {quote(program)} --args 8 --seccomp 9 --"

    def close(self, folder: Path) -> None:
        """Nothing outlives its process."""


@cache
def _version(program: str) -> str:
    done = process.run((program, "--version"), cwd=Path("/"), environment={}, timeout=_PROBE_SECONDS)
    return done.stdout.strip().removeprefix("bubblewrap ") if done.ok else ""


@cache
def _trial() -> str:
    """Why `true` can't be run; empty when it can."""
    words = ("bwrap", *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true")
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    try:
        done = process.run(words, cwd=Path("/"), environment=path, timeout=_PROBE_SECONDS)
    except TdevError as error:
        return error.message
    return "" if done.ok else f"bwrap does not work here: {done.tail(2) or f'exit code {done.exit_code}'}"


def _words(cell: Cell, folder: Path) -> list[str]:
    """Options of bubblewrap for a cell, in the order in which they are carried out."""
    size = str(cell.limits.temporary_bytes)
    home = cell.environment.get("HOME", "")
    words = [*_NAMESPACES, *_system(folder, home), "--size", size, "--tmpfs", _TEMPORARY]
    words += ["--size", size, "--tmpfs", _SHARED_MEMORY]
    named = places(cell)
    if home and not _covered(Path(home), named):
        words += ["--size", size, "--tmpfs", home]
    for path in (*system_files.certificates(cell.environment), *cell.sockets, *cell.ports_to.values()):
        words += ["--ro-bind", str(path), str(path)]
    for place in named:
        words += ["--bind" if place.writable else "--ro-bind", str(place.path), str(place.path)]
    for name, value in cell.environment.items():
        words += ["--setenv", name, value]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(cell.cwd)]


def _system(folder: Path, home: str) -> list[str]:
    """/usr and what belongs to it, /proc, /dev."""
    words = ["--ro-bind", "/usr", "/usr"]
    made, folders = system_files.links()
    for name, target in made.items():
        words += ["--symlink", target, name]
    for name, path in ({str(path): path for path in folders} | system_files.etc(folder, home)).items():
        words += ["--ro-bind", str(path), name]
    return [*words, *_kernel(folder)]


def _kernel(folder: Path) -> list[str]:
    """/proc, read-only and without what tells of the machine, and /dev."""
    words = ["--proc", "/proc"]
    for path in (Path("/proc", name) for name in _HIDDEN):
        words += ["--ro-bind", str(folder / "nothing"), str(path)] if path.exists() else []
    words += ["--remount-ro", "/proc", "--dev", "/dev"]
    for name, path in system_files.devices(folder).items():
        words += ["--dev-bind", str(path), name]
    return words


def _covered(path: Path, named: tuple[Place, ...]) -> bool:
    """True when a path is inside /tmp or a folder that the cell names."""
    return any(path.is_relative_to(folder) for folder in (Path(_TEMPORARY), *(place.path for place in named)))

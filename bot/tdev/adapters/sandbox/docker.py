"""Docker: a container without a network or rights, for Linux machines where bubblewrap is not allowed to work.

Comes in: a Cell and a private folder. Goes out: shell text in front of the program's words. Options are those of
`docker run`. The container's own system is an image's, but for /usr, which is this machine's, so that its programs and
interpreters are the same as outside; the image must therefore be one whose /bin and /lib lead into /usr.

The client is no parent of the program: killing it leaves the container running, so `close` removes that by its id.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import quote

from tdev.adapters import process
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.paths import places
from tdev.errors import ConfigurationError, Refused, TdevError

IMAGE = "debian:stable-slim"
_SECONDS = 30.0
_PATH = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
_ID_FILE = "container"


@dataclass(frozen=True)
class Docker:
    """Needs an engine, whose owner has root's rights on the machine."""

    name: str = "docker"

    def version(self) -> str:
        """Version of the client; empty when it is not there."""
        found = shutil.which("docker")
        return _printed("--version").removeprefix("Docker version ").partition(",")[0] if found else ""

    def missing(self) -> str:
        """Why it can't be used here; empty when an engine with the image answers."""
        if shutil.which("docker") is None:
            return "docker is not installed"
        if not _answer("info", "--format", "{{.ID}}"):
            return "no Docker engine answers"
        return "" if _answer("image", "inspect", "--format", "{{.Id}}", IMAGE) else f"the image {IMAGE} is not there"

    def command(self, cell: Cell, folder: Path) -> str:
        """Shell text that ends where the program's words follow."""
        program = shutil.which("docker")
        if program is None:
            raise ConfigurationError("docker is not installed.")
        words = [program, "run", "--cidfile", str(folder / _ID_FILE), *options(cell), IMAGE]
        return f"exec env -i {quote('PATH=' + _PATH['PATH'])} {' '.join(quote(word) for word in words)}"

    def close(self, folder: Path) -> None:
        """Remove the container, whatever it still does."""
        file = folder / _ID_FILE
        if file.is_file() and (name := file.read_text("ascii", "replace").strip()).isalnum():
            _printed("rm", "--force", "--volumes", name)


def options(cell: Cell) -> list[str]:
    """Options of `docker run` for a cell."""
    limits = cell.limits
    memory = str(limits.memory_bytes)
    words = [
        "--rm", "--interactive", "--init", "--pull", "never", "--network", "none", "--ipc", "none",
        "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--hostname", "sandbox",
        "--user", f"{os.getuid()}:{os.getgid()}", "--workdir", str(cell.cwd), "--entrypoint", "",
        "--pids-limit", str(limits.processes), "--memory", memory, "--memory-swap", memory,
        "--ulimit", "core=0", "--ulimit", f"nofile={limits.open_files}", "--ulimit", f"fsize={limits.file_bytes}",
        "--ulimit", f"cpu={limits.cpu_seconds}",
    ]  # fmt: skip
    if limits.cpus:
        words += ["--cpus", f"{limits.cpus:g}"]
    home = cell.environment.get("HOME", "")
    for place in ("/tmp", home):  # noqa: S108
        if place and not any(place == str(one.path) for one in places(cell)):
            words += ["--tmpfs", f"{place}:rw,nosuid,nodev,size={limits.temporary_bytes},mode=1777"]
    for path, writable in _shown(cell):
        words += ["--volume", f"{_plain(path)}:{path}:{'rw' if writable else 'ro'}"]
    for name, value in cell.environment.items():
        words += ["--env", f"{name}={value}"]
    return words


def _shown(cell: Cell) -> list[tuple[Path, bool]]:
    """What is shown, and whether it may be written; the system's programs and their cache of libraries first."""
    system = [Path("/usr"), Path("/etc/ld.so.cache"), Path("/etc/alternatives"), Path("/etc/ssl/certs")]
    found = [(path, False) for path in (*system, *cell.sockets, *cell.ports_to.values()) if path.exists()]
    return found + [(place.path, place.writable) for place in places(cell)]


def _plain(path: Path) -> Path:
    """The path; raises Refused when the option could not carry it."""
    if ":" in str(path):
        raise Refused(f"Docker can't show {path}: there is a colon in its name.")
    return path


@cache
def _answer(*words: str) -> str:
    """What the client prints; empty when it fails. Asked once."""
    return _printed(*words)


def _printed(*words: str) -> str:
    try:
        done = process.run(("docker", *words), cwd=Path("/"), environment=_PATH, timeout=_SECONDS)
    except TdevError:
        return ""
    return done.stdout.strip() if done.ok else ""

"""@anthropic-ai/sandbox-runtime: its `srt` program, the way for macOS; on Linux it needs bubblewrap itself.

Comes in: a Cell and a private folder. Goes out: shell text in front of the program's words. Settings are those of its
README. What differs from the other sandboxes: the program sees the machine's processes on macOS, /tmp and HOME are
folders on disk, the limits are those of one process, and its proxies' variables are taken out of the environment again.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import quote

from tdev.adapters import process
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.paths import places
from tdev.errors import ConfigurationError, TdevError

_SECONDS = 60.0
_PATH = "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_LINUX_NEEDS = ("bwrap", "socat", "rg")
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/dev", "/proc", "/System", "/Library", "/private/etc",
    "/private/var/db", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)  # fmt: skip
"""What a program may read of the system, where it is there."""


@dataclass(frozen=True)
class SandboxRuntime:
    """Slower than bubblewrap, and its walls are thinner; where the machine has nothing better."""

    name: str = "sandbox-runtime"

    def version(self) -> str:
        """Its version; empty when it is not there."""
        program = shutil.which("srt")
        return _answer(program, "--version") if program else ""

    def missing(self) -> str:
        """Why it can't be used here; empty when it works."""
        program = shutil.which("srt")
        if program is None:
            return "srt is not installed"
        absent = [name for name in _LINUX_NEEDS if sys.platform == "linux" and shutil.which(name) is None]
        if absent:
            return f"srt needs {', '.join(absent)}"
        return "" if _answer(program, "--", "echo", "works") == "works" else "srt does not work here"

    def command(self, cell: Cell, folder: Path) -> str:
        """Shell text that ends where the program's words follow."""
        program = shutil.which("srt")
        if program is None:
            raise ConfigurationError("srt is not installed.")
        own = {"HOME": folder / "home", "TMPDIR": folder / "temporary"}
        for place in own.values():
            place.mkdir(exist_ok=True)
        home = Path(cell.environment.get("HOME", "/"))
        named = any(home.is_relative_to(path) for path in cell.writable)
        variables = {**cell.environment, "TMPDIR": str(own["TMPDIR"]), "HOME": str(home if named else own["HOME"])}
        (folder / "settings.json").write_text(json.dumps(rules(cell, own.values(), _package(program))))
        inner = " ".join(quote(f"{name}={value}") for name, value in variables.items())
        outer = f"PATH={quote(_search_path(program))} HOME={quote(str(own['HOME']))}"
        start = f"exec env -i {outer} {quote(program)} --settings {quote(str(folder / 'settings.json'))} --"
        return f"cd {quote(str(cell.cwd))}\n{start} env -i {inner}"

    def close(self, folder: Path) -> None:
        """Nothing outlives its process."""


def rules(cell: Cell, own: Iterable[Path], package: Path) -> dict[str, dict[str, object]]:
    """The settings file for a cell; `own` are folders that stand for HOME and /tmp, `package` is where srt is."""
    shown = places(cell)
    sockets = [str(path) for path in (*cell.sockets, *cell.ports_to.values())]
    system = [name for name in _SYSTEM if Path(name).exists()]
    writable = [str(one.path) for one in shown if one.writable] + [str(path) for path in own]
    return {
        "network": {
            "allowedDomains": [],
            "deniedDomains": [],
            "allowLocalBinding": True,
            "allowUnixSockets": sockets,
            "allowAllUnixSockets": bool(sockets) and sys.platform == "linux",
        },
        "filesystem": {
            "denyRead": ["/"],
            "allowRead": [*system, str(package), *(str(one.path) for one in shown), *writable, *sockets],
            "allowWrite": writable,
            "denyWrite": [str(one.path) for one in shown if not one.writable],
        },
    }


def _package(program: str) -> Path:
    """The folder of srt's own files, some of which run inside."""
    script = Path(program).resolve()
    return next((folder for folder in script.parents if (folder / "package.json").is_file()), script.parent)


def _search_path(program: str) -> str:
    """Where srt finds node and what it needs."""
    return f"{Path(program).parent}:{_PATH}"


@cache
def _answer(program: str, *words: str) -> str:
    """What it prints; empty when it fails. Asked once."""
    environment = {"PATH": _search_path(program), "HOME": "/nonexistent"}
    try:
        done = process.run((program, *words), cwd=Path("/"), environment=environment, timeout=_SECONDS)
    except TdevError:
        return ""
    return done.stdout.strip() if done.ok else ""

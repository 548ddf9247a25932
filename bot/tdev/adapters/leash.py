"""How a program dies with us: the words that start it so that Linux kills it when we are killed.

Comes in: a command and its whole environment. Goes out: the words to start instead, and what is to run
in the child before it becomes the program, for the `preexec_fn` of subprocess.

Linux keeps the wish to die with the parent (PR_SET_PDEATHSIG) per process, and the child itself must
make it. Code of ours between fork and exec would do, but makes every start a full fork, which copies
the page tables of a process of hundreds of megabytes: 5 to 20 ms each. setpriv (util-linux) makes the
wish and becomes the program, and subprocess then uses vfork: 1 ms whatever our size. setpriv's own
failures would look like the program's, so it is used only for what will surely start; all else is
started the old way and fails as it always did.

Either way a program lives on if we are killed in the millisecond before it has made its wish.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PR_SET_PDEATHSIG = 1
_SYSTEM_PATH = "/usr/bin:/bin"
_HEAD = 256
"""How much of a file the kernel reads to learn how to start it."""
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Start(NamedTuple):
    """How to start a program."""

    argv: tuple[str, ...]
    """The words to start."""
    preexec_fn: Callable[[], None] | None
    """To run in the child first; None where nothing is."""


def leashed(argv: Sequence[str], environment: Mapping[str, str]) -> Start:
    """How to start this program so that it dies with the thread that starts it; on Linux alone it does."""
    words = tuple(argv)
    if _libc is None:
        return Start(words, None)
    setpriv = _setpriv()
    if setpriv and _surely_starts(words[0], environment):
        return Start((setpriv, "--pdeathsig", "KILL", "--", *words), None)
    return Start(words, _die_with_parent)


def _die_with_parent() -> None:
    """In the child, before exec: ask Linux to kill it when the parent dies (kill -9 included)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@cache
def _setpriv() -> str:
    """The system's setpriv where it has been seen to work, or nothing."""
    found = shutil.which("setpriv", path=_SYSTEM_PATH)
    if not found:
        return ""
    shown = subprocess.run(
        (found, "--pdeathsig", "KILL", "--", found, "--dump"), env={}, cwd="/", capture_output=True, check=False
    )
    return found if b"death signal: KILL" in shown.stdout and _machine(_head(Path(found))) else ""


def _surely_starts(program: str, environment: Mapping[str, str]) -> bool:
    """True when setpriv will find this program and the kernel will start it, or its interpreter."""
    if any(name.startswith("LD_") for name in environment):
        return False
    if "/" in program:
        return _executable(Path(program))
    for folder in os.get_exec_path(environment):
        path = Path(folder, program)
        if os.path.lexists(path):
            return _executable(path)
    return False


def _executable(path: Path) -> bool:
    """True for a program of this machine's kind, and for a script whose interpreter is one."""
    head = _head(path)
    if head.startswith(b"#!"):
        line, ended, _ = head[2:].partition(b"\n")
        words = line.split(None, 1)
        head = _head(Path(os.fsdecode(words[0]))) if ended and words else b""
    return bool(head) and _machine(head) == _machine(_head(Path(_setpriv())))


def _head(path: Path) -> bytes:
    """The beginning of a regular file that we may execute; empty for any other, and where the folder decides."""
    try:
        if path.is_absolute() and stat.S_ISREG(path.stat().st_mode) and os.access(path, os.X_OK):
            with path.open("rb") as file:
                return file.read(_HEAD)
    except OSError:
        pass
    return b""


def _machine(head: bytes) -> bytes:
    """Word size, byte order and processor that an ELF file is for; empty for any other file."""
    return head[4:6] + head[18:20] if head.startswith(b"\x7fELF") and len(head) >= 20 else b""

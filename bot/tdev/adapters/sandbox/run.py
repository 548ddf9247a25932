"""Programs of a repository, run inside the walls: to their end, as a server, or by somebody else through a launcher.

The counterpart of process.run and service.running for everything that executes what a model or a repository wrote.
Comes in: a Cell and a program's words. Goes out: Completed, a base URL, or an executable file. Whatever was started
is gone when these functions return, and so are its control groups and its private folder.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from tdev.adapters import process, service
from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox import inside
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import interpreter_folders
from tdev.adapters.sandbox.cgroups import Group, group
from tdev.adapters.sandbox.relay import relayed, unix_listener
from tdev.adapters.sandbox.script import NOT_STARTED, write_script
from tdev.adapters.sandbox.table import chosen
from tdev.adapters.sandbox.watch import Watch
from tdev.errors import Refused, TransientError
from tdev.settings import Settings

INSIDE = Path(inside.__file__).resolve()
"""What joins ports and sockets inside; it has the same path there."""

INTERPRETER = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
"""Our own interpreter, below any virtual environment; likewise."""

_BY_SIGNAL = {signal.SIGXCPU: "processor time", signal.SIGXFSZ: "file size"}
_SIGNALLED = 128


@dataclass(frozen=True)
class _Started:
    """A cell that is ready: the script that starts programs in it, and what holds them."""

    script: Path
    group: Group
    watch: Watch


def run(
    settings: Settings,
    cell: Cell,
    argv: Sequence[str | Path],
    *,
    timeout: float,
    stdin: bytes | None = None,
    max_output: int = process.MAX_OUTPUT,
    output: IO[bytes] | None = None,
) -> process.Completed:
    """Run a program inside to its end; like process.run, and the result says which limit of the cell ended it.

    Raises ConfigurationError without a sandbox, Refused for a cell that can't be shown, TransientError when the
    sandbox did not start.
    """
    with private_folder("cell") as folder, _cell(settings, cell, folder, ()) as started:
        done = process.run(
            (_SHELL, started.script, *argv),
            cwd=Path("/"),
            environment=_PATH,
            timeout=timeout,
            stdin=stdin,
            max_output=max_output,
            output=output,
        )
        return _judged(done, argv, started, cell)


@contextlib.contextmanager
def serving(
    settings: Settings,
    cell: Cell,
    argv: Sequence[str | Path],
    *,
    port: int,
    health_path: str,
    timeout: float,
    log: Path | None = None,
) -> Iterator[str]:
    """Run a server inside that listens on a loopback port there; gives its base URL outside, healthy.

    Raises like `run`, and TransientError with the server's last words when it is not healthy within `timeout` seconds.
    """
    with private_folder("cell") as folder, unix_listener(folder / "service") as listener:
        number = listener.fileno()
        with (
            _cell(settings, cell, folder, ("--from", f"{port}={number}")) as started,
            relayed(folder / "service") as outside,
            service.running(
                (_SHELL, started.script, *argv),
                cwd=Path("/"),
                environment=_PATH,
                port=outside,
                health_path=health_path,
                timeout=timeout,
                log=log,
                pass_fds=(number,),
            ) as base_url,
        ):
            yield base_url


@contextlib.contextmanager
def launcher(settings: Settings, cell: Cell, program: Path, folder: Path) -> Iterator[Path]:
    """An executable file that runs `program` inside with the arguments it is given, for others to start.

    It lies in `folder`, which must not be shown to the program. Standard input, output, error and the exit code pass
    through; the environment is the cell's. At the block's end whatever it started is killed.
    """
    with private_folder("cell", folder) as private, _cell(settings, cell, private, (), program) as started:
        yield started.script


_SHELL = "/bin/sh"
"""Reads the script. Linux does not start a file that a process has open for writing, and for a moment the child of
another thread may have what we have just written."""
_PATH: Mapping[str, str] = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
"""Environment of the script that starts the sandbox; the program inside has the cell's."""


@contextlib.contextmanager
def _cell(settings: Settings, cell: Cell, folder: Path, joints: Sequence[str], *program: Path) -> Iterator[_Started]:
    """Everything that must be there before the program is started; nothing of it is left at the end."""
    if any(folder.is_relative_to(place.resolve()) for place in (*cell.writable, *cell.read_only)):
        raise Refused(f"The folder {folder} can't be private: the program would see it.")
    sandbox = chosen(settings)
    processes = folder / "processes"
    processes.mkdir()
    (folder / "nothing").touch()
    words = [*joints, *(word for port, path in cell.ports_to.items() for word in ("--to", f"{port}={path}"))]
    shown = _with_inside(cell) if words or cell.sockets else cell
    start = [*inside_words(), *words, "--"] if words else []
    with group(cell.limits) as groups:
        script = write_script(
            folder, cell.limits, groups, sandbox.command(shown, folder), [*start, *program], processes
        )
        watch = Watch(cell, groups, processes)
        try:
            yield _Started(script, groups, watch)
        finally:
            watch.close()
            sandbox.close(folder)


def inside_words() -> tuple[str, ...]:
    """Words that start inside.py, inside and outside alike."""
    return (str(INTERPRETER), "-I", "-S", str(INSIDE))


def stdio_words(socket: Path) -> tuple[str, ...]:
    """Words of a program that is, on its standard input and output, what listens on a socket of the cell."""
    return (*inside_words(), "--stdio", str(socket))


def _with_inside(cell: Cell) -> Cell:
    """The cell with what joins ports, and the interpreter that runs it."""
    return replace(cell, read_only=(*cell.read_only, INSIDE, *interpreter_folders()))


def _judged(done: process.Completed, argv: Sequence[str | Path], started: _Started, cell: Cell) -> process.Completed:
    """The result as the program's own, with the limit that ended it."""
    code = done.exit_code
    if code == NOT_STARTED or (code == 1 and done.stderr.startswith("bwrap: ")):
        raise TransientError(f"The sandbox did not start: {done.tail(3) or 'no message'}.")
    if _SIGNALLED < code <= _SIGNALLED + signal.NSIG:
        code = _SIGNALLED - code
    reason = started.watch.stopped_by
    if not reason and code < 0:
        reason = _BY_SIGNAL.get(signal.Signals(-code), "") if -code in signal.valid_signals() else ""
    if not reason and code != 0 and started.group.refused_processes():
        reason = "processes"
    cut = done.truncated or len(done.stdout) >= cell.limits.file_bytes
    return replace(
        done,
        argv=tuple(str(word) for word in argv),
        exit_code=code,
        truncated=cut,
        stopped_by=reason or ("file size" if cut and not done.truncated else ""),
    )

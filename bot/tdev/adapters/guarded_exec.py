"""One command run in the sandbox under a key, at most once: tries, time limit, output in pieces, result on disk.

Comes in: a Request that was judged. Goes out: its Execution. Everything is kept in a folder of the key:

    request.json    what was asked, written before the command starts
    chunk-NNNNNN    pieces of the output, standard error included
    result.json     the Execution, written last

Whoever comes with a key that has a result gets that result. Two at once are told apart by a lock: the second waits and
gets the first one's result. A request without a result was cut off by a kill; whether the command had an effect can't
be known, so it is not run again under that key.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from pydantic import ValidationError

from tdev.adapters.files import explained, write_atomically
from tdev.adapters.process import Completed
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.run import run as run_inside
from tdev.core.execution import CHUNK_BYTES, MOST_BYTES, Execution, Request, is_key, pauses
from tdev.errors import ExitCode, Interrupted, Refused, TransientError
from tdev.settings import Settings

_JOINED = ("/bin/sh", "-c", 'exec "$@" 2>&1', "sh")
"""Puts standard error where standard output goes; the command's words are its arguments and no text of a shell."""


@dataclass(frozen=True)
class _Tried:
    """How one try ended, and where its output is."""

    exit_code: int
    done: Completed | None = None
    cancelled: bool = False
    detail: str = ""


def execute(settings: Settings, cell: Cell, key: str, request: Request, transient: frozenset[int]) -> Execution:
    """Run the command, or give the result that its key has.

    Raises Refused when the key has another request, or one whose end is not known; ConfigurationError without a
    sandbox.
    """
    with _held(settings, key) as folder:
        if recorded := _recorded(folder, key, request):
            return recorded
        write_atomically(folder / "request.json", request.model_dump_json().encode(), backup=False)
        with TemporaryFile() as output:
            result = _with_retries(settings, cell, key, request, transient, output)
            result = result.model_copy(update=_keep(output, folder))
        write_atomically(folder / "result.json", result.model_dump_json().encode(), backup=False)
        return result


def chunk(settings: Settings, key: str, number: int) -> bytes:
    """A piece of an output, from 1; raises Refused when there is none of that number."""
    file = _folder(settings, key) / _chunk_name(number)
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"There is no piece {number} of the output of {key!r}.") from error


def _with_retries(
    settings: Settings, cell: Cell, key: str, request: Request, transient: frozenset[int], output: IO[bytes]
) -> Execution:
    """Try until the command ends for a reason that does not pass by itself."""
    started, waits = time.monotonic(), pauses(request.retries)
    tries = 0
    while True:
        tries += 1
        output.seek(0)
        output.truncate()
        tried = _try(settings, cell, request, output)
        again = tried.done is None or (tried.exit_code in transient and not tried.done.timed_out)
        if tried.cancelled or not again or tries > len(waits):
            break
        try:
            time.sleep(waits[tries - 1])
        except KeyboardInterrupt:
            tried = _Tried(ExitCode.INTERRUPTED, cancelled=True)
            break
    done = tried.done
    return Execution(
        key=key,
        exit_code=tried.exit_code,
        duration_ms=round((time.monotonic() - started) * 1000),
        bytes=0,
        truncated=False,
        chunks=0,
        tries=tries,
        timed_out=done.timed_out if done else False,
        cancelled=tried.cancelled,
        stopped_by=done.stopped_by if done else "",
        detail=tried.detail,
    )


def _try(settings: Settings, cell: Cell, request: Request, output: IO[bytes]) -> _Tried:
    try:
        done = run_inside(settings, cell, (*_JOINED, *request.argv), timeout=request.seconds, output=output)
    except TransientError as error:
        return _Tried(ExitCode.TRANSIENT, detail=error.message)
    except (Interrupted, KeyboardInterrupt):
        return _Tried(ExitCode.INTERRUPTED, cancelled=True)
    return _Tried(-signal.SIGKILL if done.timed_out else done.exit_code, done)


def _keep(output: IO[bytes], folder: Path) -> dict[str, object]:
    """Write the output in pieces; what the result says of it."""
    size = output.seek(0, os.SEEK_END)
    output.seek(0)
    left, number = min(size, MOST_BYTES), 0
    while left > 0 and (piece := output.read(min(CHUNK_BYTES, left))):
        number += 1
        left -= len(piece)
        write_atomically(folder / _chunk_name(number), piece, backup=False)
    return {"bytes": size, "truncated": size > MOST_BYTES, "chunks": number}


def _recorded(folder: Path, key: str, request: Request) -> Execution | None:
    """The result that a key has; None when the key is new."""
    asked, result = folder / "request.json", folder / "result.json"
    if not asked.exists():
        return None
    try:
        if Request.model_validate_json(asked.read_bytes()) != request:
            raise Refused(f"The key {key!r} was used for another command.", next_step="Give another key.")
        if not result.exists():
            raise Refused(
                f"The command of key {key!r} was cut off, and what it did is not known.",
                next_step="Look, then give another key.",
            )
        return Execution.model_validate_json(result.read_bytes())
    except ValidationError as error:
        raise Refused(f"What is kept under the key {key!r} is damaged.", next_step="Give another key.") from error


def _folder(settings: Settings, key: str) -> Path:
    if not is_key(key):
        raise Refused("A key has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or digit.")
    return settings.home / "exec" / key


def _chunk_name(number: int) -> str:
    return f"chunk-{number:06}"


@contextlib.contextmanager
def _held(settings: Settings, key: str) -> Iterator[Path]:
    """The key's folder, for this process alone; waits for whoever holds it."""
    folder = _folder(settings, key)
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)

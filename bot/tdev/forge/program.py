"""Programs the forge starts and talks to while they run: git's backend and the jobs of a workflow.

The asynchronous sister of adapters/process.run, needed because a push streams through its program and
a job must be cancelled while others go on. Comes in: a command, a folder, the whole environment. Goes
out: the running program with its pipes. It leads a process group of its own that is killed when the
block ends, dies with the forge, and is stopped by process.stop_all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.leash import leashed
from tdev.errors import TransientError

_LIMIT = 256 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Running:
    """A program at work."""

    process: asyncio.subprocess.Process
    request: asyncio.StreamWriter
    """Its standard input."""
    answer: asyncio.StreamReader
    """Its standard output."""


@contextlib.asynccontextmanager
async def talking(
    argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str], errors: int = asyncio.subprocess.DEVNULL
) -> AsyncIterator[Running]:
    """A program with both pipes open; `errors` says what becomes of standard error, which is dropped by default.

    TransientError when it can't be started.
    """
    pipe = asyncio.subprocess.PIPE
    async with _started(argv, cwd, environment, pipe, pipe, errors) as program:
        if program.stdin is None or program.stdout is None:
            raise TransientError(f"{argv[0]} was started without pipes.")
        yield Running(program, program.stdin, program.stdout)


async def run_logged(
    argv: Sequence[str], *, cwd: Path, environment: Mapping[str, str], write: Callable[[bytes], None], timeout: float
) -> int | None:
    """Run a program to its end, handing on what it prints as it comes; its exit code, or None at `timeout` seconds."""
    closed, pipe, merged = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    async with _started(argv, cwd, environment, closed, pipe, merged) as program:
        try:
            async with asyncio.timeout(timeout):
                while program.stdout is not None and (chunk := await program.stdout.read(_CHUNK)):
                    write(chunk)
                return await program.wait()
        except TimeoutError:
            return None


@contextlib.asynccontextmanager
async def _started(
    argv: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    stdin: int,
    stdout: int,
    stderr: int,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, gone with its whole group when the block ends."""
    start = leashed(argv, environment)
    try:
        program = await asyncio.create_subprocess_exec(
            *start.argv,
            cwd=cwd,
            env=dict(environment),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            limit=_LIMIT,
            start_new_session=True,
            preexec_fn=start.preexec_fn,
        )
    except OSError as error:
        raise TransientError(f"Could not start {argv[0]}: {error.strerror or error}.") from error
    try:
        with process.stoppable(program.pid):
            yield program
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
        await program.wait()

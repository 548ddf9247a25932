"""Outside programs: one function that starts them all, with a clean environment, a time limit and no survivors.

Every outside program but a server (adapters/service.py) is started by `run`. Comes in: a command, a
folder, the whole environment and a time limit. Goes out: Completed, also when the program failed;
what its exit code means is for the caller to judge, and it must look at the output as well, for
several tools end with 0 although they saw nothing.

Output goes through temporary files and not pipes, so a program that prints without end can't fill
our memory, and a grandchild that holds the pipe open can't keep us waiting. The program is in a
session of its own: Ctrl-C reaches us alone, and we stop the whole group.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from typing import IO

from tdev.adapters.leash import leashed
from tdev.errors import Interrupted, TransientError

MAX_OUTPUT = 16 * 1024 * 1024
_LONGEST_TAIL = 64 * 1024
_running: set[int] = set()
_stopping = Event()


@dataclass(frozen=True)
class Completed:
    """How an outside program ended."""

    argv: tuple[str, ...]
    """What was run."""
    exit_code: int
    """Its exit code; negative = killed by that signal."""
    stdout: str
    """Its standard output, undecodable bytes replaced, at most `max_output` bytes of it."""
    stderr: str
    """Its standard error, likewise."""
    seconds: float
    """Wall clock."""
    timed_out: bool = False
    """It was killed at its time limit."""
    truncated: bool = False
    """It printed more than was kept, or than it may print."""
    stopped_by: str = ""
    """The limit of the sandbox that ended it, e.g. `memory`; empty when none did."""

    @property
    def ok(self) -> bool:
        """It ended by itself with exit code 0 and all its output was kept. Says nothing of what it printed."""
        return self.exit_code == 0 and not (self.timed_out or self.truncated or self.stopped_by)

    def tail(self, lines: int = 12) -> str:
        """The last lines of standard error, or of standard output where that is empty; a long line's end alone."""
        text = self.stderr.strip() or self.stdout.strip()
        return "\n".join(text[-_LONGEST_TAIL:].splitlines()[-lines:])


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    stdin: bytes | None = None,
    max_output: int = MAX_OUTPUT,
    output: IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
) -> Completed:
    """Run a program to its end and return how it ended, whatever its exit code.

    The program sees only `environment`, leads its own process group, and dies with us; at `timeout` seconds, on
    Ctrl-C and at its end every process it left behind in its group is killed. Standard output goes to the file
    `output` where one is given, byte for byte, and `stdout` stays empty. Of our open files it gets `pass_fds` only.
    Raises TransientError when it can't be started at all, Interrupted after `stop_all`.
    """
    if _stopping.is_set():
        raise Interrupted("Stopped.")
    words = tuple(str(word) for word in argv)
    start = leashed(words, environment)
    started = time.monotonic()
    with TemporaryFile() as out, TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                start.argv,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=out if output is None else output,
                stderr=err,
                start_new_session=True,
                preexec_fn=start.preexec_fn,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise TransientError(
                f"Could not start {words[0]}: {error.strerror or error}.", next_step="Run `tdev tools install`."
            ) from error
        timed_out = False
        _running.add(process.pid)
        try:
            _wait(process, stdin, timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _kill_group(process)
            _running.discard(process.pid)
        stdout, cut_out = _read(out, max_output)
        stderr, cut_err = _read(err, max_output)
    return Completed(
        argv=words,
        exit_code=process.returncode,
        stdout=stdout,
        stderr=stderr,
        seconds=time.monotonic() - started,
        timed_out=timed_out,
        truncated=cut_out or cut_err,
    )


def stop_all() -> None:
    """Kill every program that runs now and start no more: the answer to Ctrl-C while other threads wait for them."""
    _stopping.set()
    for group in tuple(_running):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def stopped() -> bool:
    """True after `stop_all`: how a program ended that was killed by it says nothing."""
    return _stopping.is_set()


@contextlib.contextmanager
def stoppable(group: int) -> Iterator[None]:
    """While the block runs, `stop_all` kills this process group too."""
    _running.add(group)
    try:
        yield
    finally:
        _running.discard(group)


def _wait(process: subprocess.Popen[bytes], stdin: bytes | None, timeout: float) -> None:
    """Give it its input and wait for its end; raises subprocess.TimeoutExpired.

    `communicate` looks at most twenty times a second whether the program has ended; Linux tells at once.
    """
    if stdin is None and sys.platform == "linux":
        handle = os.pidfd_open(process.pid)
        try:
            ended = select.poll()
            ended.register(handle, select.POLLIN)
            if not ended.poll(max(0.0, timeout) * 1000):
                raise subprocess.TimeoutExpired(process.args, timeout)
        finally:
            os.close(handle)
    process.communicate(stdin, timeout=timeout)


def _read(file: IO[bytes], limit: int) -> tuple[str, bool]:
    """The file's first `limit` bytes as text, and whether there was more."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return file.read(limit).decode("utf-8", "replace"), size > limit


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the program's process group and reap the program."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

"""A server process for as long as a block runs: started safely, waited for, and killed with all its children.

The counterpart of process.run for programs that don't end by themselves; the tests of a built
service use it, through tools/service_probe.py. Comes in: a command and a loopback port. Goes out: a
base URL that has answered its health address once.

The address is checked together with the process: an answer counts only while our own server lives,
because another program could have taken the port in between. Nothing but loopback is ever bound.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from tdev.adapters import process
from tdev.adapters.leash import leashed
from tdev.errors import TransientError

LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 3.0


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    port: int,
    health_path: str,
    timeout: float,
    log: Path | None = None,
    pass_fds: Sequence[int] = (),
) -> Iterator[str]:
    """Start a server, wait until its health address answers 200, and give its base URL.

    What it prints goes to `log`, or is dropped; of our open files it gets `pass_fds` only. The program sees only
    `environment`, leads its own process group and dies with us; at the block's end the whole group is stopped.
    Raises TransientError with its last words when it ends or is not healthy within `timeout` seconds.
    """
    words = tuple(str(word) for word in argv)
    start = leashed(words, environment)
    with log.open("w+b") if log else TemporaryFile() as output:
        try:
            server = subprocess.Popen(
                start.argv,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=start.preexec_fn,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise TransientError(f"Could not start {words[0]}: {error.strerror or error}.") from error
        with process.stoppable(server.pid):
            try:
                why = _wait(server, port, health_path, timeout)
                if why:
                    output.seek(0)
                    said = output.read()[-2000:].decode("utf-8", "replace").strip()
                    raise TransientError(f"The service {why}. {said}".strip())
                yield f"http://{LOOPBACK}:{port}"
            finally:
                _stop(server)


def _wait(server: subprocess.Popen[bytes], port: int, path: str, timeout: float) -> str:
    """Empty when the server is healthy; else why it is not."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return f"ended at once with exit code {server.returncode}"
        if _healthy(port, path):
            return "" if server.poll() is None else "ended while it was asked"
        time.sleep(0.05)
    return f"did not answer {path} within {timeout:g} s"


def _healthy(port: int, path: str) -> bool:
    """True when the address answers 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, give it a moment, then kill its whole group and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        server.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(_GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()

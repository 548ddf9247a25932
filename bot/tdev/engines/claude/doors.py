"""Doors out of the sandbox: a Unix socket for each MCP server of ours, behind which the server runs outside.

Comes in: what the servers are started with. Goes out: the socket of each server, to be shown inside, where a program
joins it to the standard input and output that Claude Code speaks to. A server is started before anybody knocks, since
it takes most of a second to be ready, and takes one connection; when that ends, the next one is started. So there is
never more than one process per server, and only so many in all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.files import explained, write_atomically
from tdev.adapters.leash import leashed
from tdev.adapters.private_folder import private_folder
from tdev.policy.tool_server import ServerConfiguration
from tdev.settings import Settings

MOST_STARTS = 8
"""How often one server is started for a session."""
_START = (
    "import sys, runpy; module = sys.argv.pop(1); paths = sys.argv.pop(); sys.path[:] = paths.split('\\n'); "
    "runpy.run_module(module, run_name='__main__')"
)


@contextlib.contextmanager
def doors(settings: Settings, configuration: ServerConfiguration, log: Path | None = None) -> Iterator[dict[str, Path]]:
    """Socket per server of the policy, by the server's name; all servers are gone when the block ends.

    The sockets lie in a private folder with a short path. What servers complain of is added to `log`.
    """
    with contextlib.ExitStack() as stack, explained(Path(tempfile.gettempdir())):
        folder = stack.enter_context(private_folder("doors"))
        file = folder / "servers.json"
        write_atomically(file, configuration.model_dump_json().encode(), backup=False)
        file.chmod(0o600)
        sockets = {}
        for server in configuration.agent.servers:
            path = folder / server.value
            stack.enter_context(_door(settings, server.value, path, file, log))
            sockets[server.value] = path
        yield sockets


@contextlib.contextmanager
def _door(settings: Settings, name: str, path: Path, configuration: Path, log: Path | None) -> Iterator[None]:
    """One listening socket and whoever answers it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(MOST_STARTS)
        keeper = _Keeper(settings, name, listener, configuration, log)
        thread = threading.Thread(target=keeper.keep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            keeper.stop()
            thread.join()


class _Keeper:
    """Keeps one server process ready behind a socket."""

    def __init__(
        self, settings: Settings, name: str, listener: socket.socket, configuration: Path, log: Path | None
    ) -> None:
        self.settings = settings
        self.listener = listener
        number = str(listener.fileno())
        paths = "\n".join(place for place in sys.path if Path(place).is_absolute())
        module = f"tdev.mcp.{name}"
        self.words = (sys.executable, "-I", "-c", _START, module, str(configuration), number, paths)
        self.log = log
        self.lock = threading.Lock()
        self.stopped = False
        self.server: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start one server after the other, until told to stop."""
        for _ in range(MOST_STARTS):
            server = self._start()
            if server is None:
                return
            with process.stoppable(server.pid):
                server.wait()

    def _start(self) -> subprocess.Popen[bytes] | None:
        """The next server, in a session of its own; None once stopped."""
        with self.lock, contextlib.ExitStack() as stack:
            if self.stopped:
                return None
            errors = stack.enter_context(self.log.open("ab")) if self.log else subprocess.DEVNULL
            start = leashed(self.words, self.settings.own_environment)
            self.server = subprocess.Popen(
                start.argv,
                cwd="/",
                env=dict(self.settings.own_environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(self.listener.fileno(),),
                start_new_session=True,
                preexec_fn=start.preexec_fn,
            )
            return self.server

    def stop(self) -> None:
        """End the server that runs, with all it started, and start no more."""
        with self.lock:
            self.stopped = True
            if self.server is not None and self.server.poll() is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.server.pid, signal.SIGKILL)

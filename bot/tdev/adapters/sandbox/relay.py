"""From a loopback port outside to a server inside: a Unix socket that only we can name lies between them.

The socket is made and bound outside, and the sandbox is handed the listening end. It never sees a path, so what it
does to its own files can't lead us to another socket; and a Unix socket can't be turned into a way to the network.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tdev.adapters.sandbox.inside import joined, unix

_BACKLOG = 128
_LOOPBACK = "127.0.0.1"
_FIRST_NUMBER = 100
"""Below it are the files that the script which starts a sandbox opens for itself, under numbers that it chooses."""


@contextlib.contextmanager
def unix_listener(path: Path) -> Iterator[socket.socket]:
    """A listening Unix socket, open under a number that a sandbox's start leaves alone."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        made.listen(_BACKLOG)
        number = fcntl.fcntl(made.fileno(), fcntl.F_DUPFD_CLOEXEC, _FIRST_NUMBER)
    with socket.socket(fileno=number) as listener:
        yield listener


@contextlib.contextmanager
def relayed(path: Path) -> Iterator[int]:
    """A loopback port whose connections go to a Unix socket, for as long as the block runs."""
    with socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG) as listener:
        thread = threading.Thread(target=joined, args=(listener, partial(unix, str(path))), daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()

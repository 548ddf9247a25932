"""Runs inside the sandbox, before the program: joins its loopback ports to Unix sockets. Standard library alone.

    inside.py [--to PORT=SOCKET]... [--from PORT=FD]... -- PROGRAM [ARGUMENT]...
    inside.py --stdio SOCKET

`--to` listens on a loopback port and passes each connection on to a Unix socket; `--from` takes connections of a
listening socket that it was started with, and passes them on to a loopback port. The joining process is a child of
nobody; the program takes this one's place, so signals and exit codes are its own. `--stdio` joins standard input and
output to a Unix socket, for programs that are spoken to that way.

Nothing here is a wall: a program may kill its own joints and loses only its way out.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial

_BLOCK = 65536


def main(words: list[str]) -> int:
    """Do what the words say; returns only for `--stdio` and for words that can't be understood."""
    if words[:1] == ["--stdio"] and len(words) == 2:
        return _stdio(words[1])
    if "--" not in words or not words[words.index("--") + 1 :]:
        print(__doc__, file=sys.stderr)
        return 2
    end = words.index("--")
    joints = list(_joints(words[:end]))
    if os.fork() == 0:
        _leave(joints)
    for listener, _ in joints:
        listener.close()
    with contextlib.suppress(ChildProcessError):
        os.wait()
    program = words[end + 1 :]
    try:
        os.execvp(program[0], program)  # noqa: S606
    except OSError as error:
        print(f"{program[0]}: {error.strerror}", file=sys.stderr)
        return 127


def _joints(words: list[str]) -> Iterator[tuple[socket.socket, Callable[[], socket.socket]]]:
    """Listening sockets, each with what opens the other end."""
    for option, value in zip(words[::2], words[1::2], strict=True):
        port, _, other = value.partition("=")
        if option == "--to":
            yield socket.create_server(("127.0.0.1", int(port)), backlog=128), partial(unix, other)
        else:
            yield socket.socket(fileno=int(other)), partial(_loopback, int(port))


def unix(path: str) -> socket.socket:
    """A connection to a Unix socket."""
    opened = socket.socket(socket.AF_UNIX)
    opened.connect(path)
    return opened


def _loopback(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def _leave(joints: list[tuple[socket.socket, Callable[[], socket.socket]]]) -> None:
    """In the child: start the joining process as nobody's child, with no output of its own, and end."""
    if os.fork() == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        threads = [threading.Thread(target=joined, args=joint) for joint in joints]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    os._exit(0)


def joined(listener: socket.socket, opens: Callable[[], socket.socket]) -> None:
    """Join each connection to a new one at the other end."""
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_join, args=(near, opens), daemon=True).start()


def _join(near: socket.socket, opens: Callable[[], socket.socket]) -> None:
    """Carry bytes both ways until both sides are done."""
    with near:
        try:
            far = opens()
        except OSError:
            return
        with far:
            _at_once(near)
            _at_once(far)
            back = threading.Thread(target=_carry, args=(far, near), daemon=True)
            back.start()
            _carry(near, far)
            back.join()


def _at_once(end: socket.socket) -> None:
    """Let TCP send small pieces without waiting for the answer to the last one."""
    if end.family != socket.AF_UNIX:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way; the end of the source is passed on as well."""
    with contextlib.suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _stdio(path: str) -> int:
    """Carry standard input to a Unix socket and what comes back to standard output; ends when the socket does."""
    with unix(path) as far:
        threading.Thread(target=_send_input, args=(far,), daemon=True).start()
        while block := far.recv(_BLOCK):
            _write(block)
    return 0


def _send_input(far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := os.read(0, _BLOCK):
            far.sendall(block)
        far.shutdown(socket.SHUT_WR)


def _write(block: bytes) -> None:
    """All of a block to standard output."""
    view = memoryview(block)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

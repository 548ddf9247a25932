"""Ears: sockets of every kind outside the sandbox. Whatever is heard there came through a wall."""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Ears:
    """What can be reached from outside the sandbox, and what was said to it."""

    places: dict[str, str] = field(default_factory=dict)
    """For attacks: `tcp`, `tcp6`, `udp` (ports), `host` (an address that is not loopback), `abstract`, `docker`."""
    heard: list[str] = field(default_factory=list)
    """One line for each connection and each datagram."""
    data: bytearray = field(default_factory=bytearray)
    """All bytes that came."""


@contextlib.contextmanager
def listening(folder: Path) -> Iterator[Ears]:
    """Open one socket of each kind; `folder` takes those with a path."""
    ears = Ears()
    with contextlib.ExitStack() as opened:
        chosen = opened.enter_context(selectors.DefaultSelector())
        for kind, sock in _sockets(ears, folder):
            opened.enter_context(sock)
            chosen.register(sock, selectors.EVENT_READ, kind)
        stop = threading.Event()
        thread = threading.Thread(target=_listen, args=(chosen, ears, stop), daemon=True)
        thread.start()
        try:
            yield ears
        finally:
            stop.set()
            thread.join()


def _sockets(ears: Ears, folder: Path) -> Iterator[tuple[str, socket.socket]]:
    """Each socket with its name; a kind that this machine lacks is left out of `places`."""
    ears.places["host"] = _own_address()
    for kind, family, address in (("tcp", socket.AF_INET, "0.0.0.0"), ("tcp6", socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError):
            sock = socket.create_server((address, 0), family=family)
            ears.places[kind] = str(sock.getsockname()[1])
            yield kind, sock
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("0.0.0.0", 0))
    ears.places["udp"] = str(udp.getsockname()[1])
    yield "udp", udp
    abstract = f"tdev-attack-{secrets.token_hex(8)}"
    for kind, place, shown in (
        ("abstract", f"\0{abstract}", abstract),
        ("docker", str(folder / "docker.sock"), str(folder / "docker.sock")),
    ):
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(place)
        sock.listen()
        ears.places[kind] = shown
        yield kind, sock


def _own_address() -> str:
    """An address of this machine other than loopback; loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _listen(chosen: selectors.BaseSelector, ears: Ears, stop: threading.Event) -> None:
    while True:
        last = stop.is_set()
        for key, _ in chosen.select(0.05):
            sock = key.fileobj
            if isinstance(sock, socket.socket):
                _hear(sock, str(key.data), ears)
        if last:
            return


def _hear(sock: socket.socket, kind: str, ears: Ears) -> None:
    """Note who spoke, and what; nothing is answered."""
    if sock.type == socket.SOCK_DGRAM:
        data = sock.recv(65536)
    else:
        other, _ = sock.accept()
        with other:
            other.settimeout(0.3)
            try:
                data = other.recv(65536)
            except OSError:
                data = b""
    ears.heard.append(f"{kind}: {data[:200]!r}")
    ears.data += data

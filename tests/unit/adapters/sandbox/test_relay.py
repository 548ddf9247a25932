from __future__ import annotations

import socket
from pathlib import Path

from tdev.adapters.sandbox.relay import relayed, unix_listener


def test_the_listening_end_has_a_number_that_no_script_takes_for_itself(tmp_path: Path) -> None:
    """It was 8 or 9 by chance when other threads had files open; the script of bubblewrap opens its own under those."""
    with unix_listener(tmp_path / "a") as first, unix_listener(tmp_path / "b") as second:
        assert min(first.fileno(), second.fileno()) > 9


def test_what_comes_to_the_port_goes_to_the_socket(tmp_path: Path) -> None:
    with (
        unix_listener(tmp_path / "a") as listener,
        relayed(tmp_path / "a") as port,
        socket.create_connection(("127.0.0.1", port)) as caller,
    ):
        answering, _ = listener.accept()
        with answering:
            caller.sendall(b"ping")
            assert answering.recv(4) == b"ping"

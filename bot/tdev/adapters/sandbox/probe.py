"""Whether a sandbox's walls hold on this machine: found out by a program inside that tries them.

Called by `tdev doctor`. Goes out: a sentence, empty when they hold. The program tries to write to the top folder, to
read a file of ours, to reach a server of ours on loopback and to see another process.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile

from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import interpreter_folders
from tdev.adapters.sandbox.run import INTERPRETER, run
from tdev.adapters.sandbox.table import NONE
from tdev.errors import TdevError
from tdev.settings import Settings

_SECONDS = 60.0
_ATTEMPTS = """
import json, os, socket, sys
port, secret, process = sys.argv[1:]
done = []
def attempt(what, function):
    try:
        function()
        done.append(what)
    except OSError:
        pass
attempt("write to the top folder", lambda: open("/tdev-probe", "x"))
attempt("read a file outside", lambda: open(secret))
attempt("reach the network", lambda: socket.create_connection(("127.0.0.1", int(port)), 2))
attempt("see other processes", lambda: os.kill(int(process), 0))
print(json.dumps(done))
"""


def broken_walls(settings: Settings) -> str:
    """What a program in the chosen sandbox could do that it must not, or why it could not be tried; else empty."""
    if settings.sandbox == NONE.name:
        return "there are no walls"
    with (
        private_folder("probe") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
        tempfile.NamedTemporaryFile(prefix="tdev-secret-") as secret,
    ):
        cell = Cell(
            cwd=folder,
            environment={"PATH": "/usr/bin:/bin", "HOME": "/home/user"},
            writable=(folder,),
            read_only=interpreter_folders(),
        )
        port = str(server.getsockname()[1])
        words = (INTERPRETER, "-I", "-S", "-c", _ATTEMPTS, port, secret.name, str(os.getpid()))
        try:
            done = run(settings, cell, words, timeout=_SECONDS)
            could = json.loads(done.stdout)
        except TdevError as error:
            return error.message
        except ValueError:
            return f"a program inside ended with exit code {done.exit_code}: {done.tail(2) or 'no message'}"
    return f"a program inside could {', '.join(could)}" if could else ""

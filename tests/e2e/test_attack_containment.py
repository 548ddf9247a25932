"""The containment holds whatever runs without the sandbox, and nothing runs without the sandbox anywhere else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from attack.containment import MARK_VARIABLE, ROOT, contained, is_contained
from attack.wall import Wall
from support.machine import lacks

_LOOK = """
import ctypes, json, os, socket
from attack.containment import is_contained

def tried(do):
    try:
        do()
    except OSError as error:
        return type(error).__name__
    return "done"

print(json.dumps({
    "contained": is_contained(),
    "project": tried(lambda: open("ROOT/evil", "w")),
    "system": tried(lambda: open("/usr/evil", "w")),
    "remount": ctypes.CDLL(None).mount(b"none", b"/usr", b"", 32 | 4096, None),
    "network": tried(lambda: socket.create_connection(("192.0.2.1", 80), 2)),
    "host": tried(lambda: socket.create_connection(("127.0.0.1", PORT), 2)),
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "top": sorted(os.listdir("/")),
    "home": tried(lambda: os.listdir(os.path.expanduser("~/.ssh"))),
}))
"""


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'bot'}:{ROOT / 'tests'}", **more}


def test_it_is_not_here() -> None:
    assert not is_contained()


def test_a_mark_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK_VARIABLE, "x")
    assert not is_contained()


@pytest.mark.parametrize("off", [Wall.SANDBOX.value, ""])
def test_a_worker_refuses_to_be_without_a_sandbox_outside(off: str) -> None:
    trial = json.dumps({"family": "write-outside", "attack": "tool-absolute", "off": off})
    done = subprocess.run(
        (sys.executable, "-m", "attack.worker"),
        cwd=ROOT,
        env=environment(TDEV_SANDBOX="none", HOME="/nonexistent"),
        input=f"{trial}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0 and not done.stdout
    assert "runs inside the containment" in done.stderr


def test_what_is_inside(tmp_path: Path) -> None:
    if shutil.which("bwrap") is None:
        lacks("bubblewrap")
    mark = tmp_path / "mark"
    mark.write_text("a mark")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program = _LOOK.replace("ROOT", str(ROOT)).replace("PORT", str(listener.getsockname()[1]))
        words = contained((sys.executable, "-c", program), environment(), mark)
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["contained"] is True
    assert seen["project"] == seen["system"] == "OSError" and seen["remount"] == -1
    assert seen["network"] != "done" and seen["host"] != "done"
    assert seen["home"] in ("FileNotFoundError", "PermissionError")
    assert seen["processes"] <= 4
    assert not (ROOT / "evil").exists()


def test_nothing_of_the_machine_is_writable() -> None:
    words = contained(("true",), {}, Path("/dev/null"))
    assert "--bind" not in words and "--dev-bind" not in words and "--bind-try" not in words
    assert {"--unshare-all", "--cap-drop", "--die-with-parent", "--clearenv"} <= set(words)

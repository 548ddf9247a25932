"""How programs are started so that they die with us: cheaply where that surely works, and the old way elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.machine import lacks
from tdev.adapters import process
from tdev.adapters.leash import leashed
from tdev.errors import TransientError

PATH = {"PATH": "/usr/bin:/bin"}
SETPRIV = ("--pdeathsig", "KILL", "--")


@pytest.fixture
def cheap() -> None:
    """Needs a setpriv that can set the parent-death signal: any Linux with util-linux."""
    if leashed(("/bin/sh",), PATH).preexec_fn is not None:
        lacks("no setpriv with --pdeathsig on this machine: install util-linux")


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("cheap")
def test_what_surely_starts_needs_no_code_of_ours_in_the_child(tmp_path: Path) -> None:
    tool = script(tmp_path / "tool", "#!/bin/sh\necho told\n")
    for words, environment in (
        (("sh", "-c", "true"), PATH),
        ((str(tool), "--flag"), PATH),
        (("tool",), {"PATH": f"{tmp_path / 'nothing'}:{tmp_path}"}),
    ):
        start = leashed(words, environment)
        assert Path(start.argv[0]).name == "setpriv"
        assert start.argv[1:] == (*SETPRIV, *words)
        assert start.preexec_fn is None


@pytest.mark.parametrize(
    "text",
    ["echo no interpreter named\n", "#!/no/such/interpreter\n", "#!sh\n", "#!" + "/" * 400 + "bin/sh\n", "#!\n", ""],
)
def test_what_may_fail_to_start_fails_as_the_kernel_says(tmp_path: Path, text: str) -> None:
    tool = script(tmp_path / "tool", text)
    start = leashed((str(tool),), PATH)
    assert start.argv == (str(tool),)
    with pytest.raises(OSError) as caught:
        subprocess.run((tool,), env=PATH)
    with pytest.raises(TransientError, match=f"Could not start {tool}: {caught.value.strerror}"):
        process.run((tool,), cwd=tmp_path, environment=PATH, timeout=5)


def test_a_program_that_is_none_is_told(tmp_path: Path) -> None:
    script(tmp_path / "plain", "#!/bin/sh\n").chmod(0o644)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o755)
    for name, why in (("plain", "Permission denied"), ("folder", "Permission denied"), ("none", "No such file")):
        for word, path in ((str(tmp_path / name), PATH), (name, {"PATH": str(tmp_path)})):
            with pytest.raises(TransientError, match=f"Could not start {word}: {why}"):
                process.run((word,), cwd=tmp_path, environment=path, timeout=5)
    assert leashed((str(tmp_path / "pipe"),), PATH).argv == (str(tmp_path / "pipe"),)


def test_a_program_for_another_processor_is_told(tmp_path: Path) -> None:
    image = bytearray(Path(os.path.realpath("/bin/sh")).read_bytes())
    image[18:20] = b"\xff\xfe"
    tool = tmp_path / "tool"
    tool.write_bytes(image)
    tool.chmod(0o755)
    with pytest.raises(TransientError, match="Exec format error"):
        process.run((tool,), cwd=tmp_path, environment=PATH, timeout=5)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="Could not start sh: No such file"):
        process.run(("sh", "-c", "true"), cwd=tmp_path / "none", environment=PATH, timeout=5)


def test_a_relative_program_is_looked_for_in_its_folder(tmp_path: Path) -> None:
    script(tmp_path / "tool", "#!/bin/sh\necho told\n")
    for word, environment in (("./tool", PATH), ("tool", {"PATH": "."})):
        assert process.run((word,), cwd=tmp_path, environment=environment, timeout=5).stdout == "told\n"


@pytest.mark.usefixtures("cheap")
def test_what_the_loader_is_told_is_for_the_program_alone() -> None:
    assert leashed(("sh",), {**PATH, "LD_LIBRARY_PATH": "/opt/theirs"}).argv == ("sh",)


def test_words_and_environment_reach_the_program_as_they_are(tmp_path: Path) -> None:
    code = "import os, sys; print(ascii((sys.argv[1:], dict(os.environ))))"
    words = ("-x", "--", "$HOME", "a b", "", "ü\n")
    environment = {"PATH": "/nowhere", "odd.name-1": "ü", "LC_CTYPE": "C.UTF-8"}
    done = process.run((sys.executable, "-c", code, *words), cwd=tmp_path, environment=environment, timeout=10)
    assert done.stdout.strip() == ascii((list(words), environment)), done.stderr


@pytest.mark.parametrize("prefix", ["", "LD_THEIRS"], ids=["setpriv", "fork"])
def test_a_program_dies_when_we_are_killed(tmp_path: Path, prefix: str) -> None:
    if sys.platform != "linux":
        lacks("only Linux tells a program that its parent is dead")
    told = tmp_path / "pid"
    environment = {"PATH": os.environ["PATH"], **({prefix: "1"} if prefix else {})}
    code = (
        "import sys\nfrom pathlib import Path\nfrom tdev.adapters import process\n"
        f"process.run(('sh', '-c', 'echo $$ > {told}.new && mv {told}.new {told} && exec sleep 60'), "
        f"cwd=Path('/'), environment={environment!r}, timeout=60)"
    )
    ours = subprocess.Popen((sys.executable, "-c", code))
    try:
        until(told.exists)
        pid = int(told.read_text())
        assert alive(pid)
    finally:
        ours.send_signal(signal.SIGKILL)
        ours.wait()
    until(lambda: not alive(pid))


def until(true: Callable[[], bool]) -> None:
    """Wait for something for five seconds."""
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """True while the process runs (a zombie waiting for init is dead)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or before it was read
        return False

"""What a program may use up in the sandbox: each limit is reached by a real program."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pydantic
import pytest

from support import as_nobody
from support.machine import lacks
from support.sandboxed import PYTHON, checkout_cell, needs_bubblewrap, python
from tdev.adapters.sandbox import cgroups
from tdev.adapters.sandbox.run import launcher, run, serving
from tdev.errors import Refused, TransientError
from tdev.policy.sandbox import MIB, CellLimits
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    needs_bubblewrap()


LIMITS = CellLimits(memory_bytes=128 * MIB, processes=40, disk_bytes=24 * MIB, disk_files=2000, file_bytes=8 * MIB,
                cpu_seconds=1, temporary_bytes=8 * MIB)  # fmt: skip
DEFAULT = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"


@pytest.mark.parametrize(
    ("reached", "code"),
    [
        ("memory", "kept = []\nwhile True:\n    kept.append(bytearray(1 << 20))"),
        ("file size", DEFAULT + "with open('large', 'wb') as f:\n    while True:\n        f.write(bytes(1 << 20))"),
        ("file size", DEFAULT + "while True:\n    print('x' * 100_000)"),
        (
            "disk space",
            "import os\nfor n in range(10_000):\n    open(f'f{n}', 'wb').write(os.urandom(1 << 18))\n",
        ),
        (
            "disk space",
            "import os\nkept = []\nfor n in range(10_000):\n"
            "    kept.append(open('gone', 'wb', 0))\n    os.unlink('gone')\n"
            "    kept[-1].write(os.urandom(1 << 18))\n",
        ),
        ("number of files", "for n in range(1_000_000):\n    open(f'f{n}', 'wb').close()"),
        ("processor time", "while True:\n    pass"),
    ],
)
def test_a_limit_that_is_reached_is_told(settings: Settings, tmp_path: Path, reached: str, code: str) -> None:
    limits = LIMITS if reached == "processor time" else LIMITS.model_copy(update={"cpu_seconds": 60})
    done = python(settings, checkout_cell(tmp_path / "checkout", limits), code)
    assert done.stopped_by == reached, (done.exit_code, done.stderr[-300:])
    assert not done.ok and not done.timed_out
    assert done.truncated == ("print" in code)


def test_a_fork_bomb_stays_inside(settings: Settings, tmp_path: Path) -> None:
    if os.geteuid() == 0 and "pids" not in cgroups.controllers():
        lacks("root's processes are held by control groups, and none can be made here")
    code = (
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    for n in range(200):\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(60)\n"
        "        made += 1\n"
        "except OSError:\n"
        "    print(made)\n"
        "    raise SystemExit(1)\n"
    )
    done = python(settings, checkout_cell(tmp_path / "checkout", LIMITS), code)
    assert 20 < int(done.stdout) <= 40
    assert done.stopped_by in ("processes", ""), done


def test_memory_as_files_is_limited_too(settings: Settings, tmp_path: Path) -> None:
    code = (
        "import errno\n"
        "for folder in ('/tmp', '/home/user', '/dev/shm'):\n"
        "    try:\n"
        "        with open(folder + '/f', 'wb', 0) as file:\n"
        "            for _ in range(40):\n"
        "                file.write(bytes(1 << 20))\n"
        "    except OSError as error:\n"
        "        print(errno.errorcode[error.errno])\n"
    )
    limits = LIMITS.model_copy(update={"file_bytes": 64 * MIB, "memory_bytes": 512 * MIB})
    assert python(settings, checkout_cell(tmp_path / "c", limits), code).stdout.split() == ["ENOSPC"] * 3


def test_at_the_time_limit_nothing_is_left(settings: Settings, tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    while True:\n"
        "        open('alive', 'w').close()\n"
        "        time.sleep(0.05)\n"
        "time.sleep(60)\n"
    )
    done = python(settings, checkout_cell(tmp_path / "checkout"), code, timeout=2)
    assert done.timed_out
    (tmp_path / "checkout" / "alive").unlink()
    time.sleep(0.3)
    assert not (tmp_path / "checkout" / "alive").exists()


def test_kill_9_of_ours_leaves_nothing_running_and_the_next_sweeps(settings: Settings, tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom tdev.settings import Settings\n"
        "from tdev.adapters.sandbox.cell import Cell\nfrom tdev.adapters.sandbox.run import run\n"
        "folder = Path(sys.argv[1])\n"
        "cell = Cell(cwd=folder, environment={'PATH': '/usr/bin:/bin'}, writable=(folder,))\n"
        "loop = 'while :; do : > alive; sleep 0.05; done'\n"
        "run(Settings.from_environment(), cell, ('/bin/sh', '-c', loop), timeout=60)"
    )
    ours = subprocess.Popen((sys.executable, "-c", script, str(tmp_path)))
    deadline = time.monotonic() + 30
    while not (tmp_path / "alive").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    ours.send_signal(signal.SIGKILL)
    ours.wait()
    time.sleep(0.3)
    (tmp_path / "alive").unlink()
    time.sleep(0.3)
    assert not (tmp_path / "alive").exists()
    cgroups.hierarchies.cache_clear()
    left = [folder for one in cgroups.hierarchies() for folder in one.folder.glob(f"*-{ours.pid}-*")]
    assert not left


def test_a_launcher_passes_everything_through_and_ends_with_its_block(settings: Settings, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    cell = checkout_cell(tmp_path / "checkout")
    code = "import sys; print(sys.stdin.read() + sys.argv[1]); print('aside', file=sys.stderr); sys.exit(3)"
    loop = "import time\nwhile True:\n    open('alive', 'w').close()\n    time.sleep(0.05)"
    with launcher(settings, cell, Path(PYTHON), private) as program:
        done = subprocess.run(
            (program, "-c", code, "there"), input="hello ", text=True, capture_output=True, check=False,
            env={"SECRET": "key", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        other = subprocess.Popen((program, "-c", loop))
        deadline = time.monotonic() + 30
        while not (tmp_path / "checkout" / "alive").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert (done.stdout, done.stderr, done.returncode) == ("hello there\n", "aside\n", 3)
    assert other.wait(10) != 0
    assert not list(private.iterdir())
    with (
        pytest.raises(Refused, match="can't be private"),
        launcher(settings, cell, Path(PYTHON), tmp_path / "checkout"),
    ):
        pass


def test_a_server_inside_is_reached_from_outside(settings: Settings, tmp_path: Path) -> None:
    cell = checkout_cell(tmp_path / "site")
    (tmp_path / "site" / "health").write_text("well")
    words = (PYTHON, "-m", "http.server", "8123", "--bind", "127.0.0.1")
    with serving(settings, cell, words, port=8123, health_path="/health", timeout=30) as base_url:
        connection = http.client.HTTPConnection(base_url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b"well"
        connection.close()
    words = (PYTHON, "-c", "print('no luck')")
    with (
        pytest.raises(TransientError, match="no luck"),
        serving(settings, cell, words, port=8123, health_path="/health", timeout=30),
    ):
        pass


def test_programs_that_people_use_still_run(settings: Settings, tmp_path: Path) -> None:
    """Threads, processes, terminals, sqlite and git under the system call filter."""
    code = (
        "import concurrent.futures as f, multiprocessing as m, pty, sqlite3, subprocess, os, ssl\n"
        "with f.ThreadPoolExecutor(8) as pool:\n"
        "    assert sum(pool.map(abs, range(100))) == 4950\n"
        "with m.get_context('fork').Pool(3) as pool:\n"
        "    assert pool.map(abs, [-1, -2]) == [1, 2]\n"
        "pty.openpty()\n"
        "sqlite3.connect('a.db').execute('create table t (a)')\n"
        "ssl.create_default_context()\n"
        "print(subprocess.run('git init -q . && git --version', shell=True, capture_output=True, text=True).stdout)\n"
    )
    done = python(settings, checkout_cell(tmp_path / "checkout"), code)
    assert done.ok and "git version" in done.stdout, done.stderr
    node = run(
        settings, checkout_cell(tmp_path / "checkout"), ("/bin/sh", "-c", "! command -v node || node -e 0"), timeout=60
    )
    assert node.ok, node.stderr


def test_a_user_without_rights_is_held_as_well() -> None:
    if os.geteuid() != 0 or sys.version_info < (3, 11):
        pytest.skip("only root may become another user; every other test here is one already")
    with tempfile.TemporaryDirectory(prefix="tdev-nobody-") as folder:
        shutil.chown(folder, "nobody")
        script = Path(as_nobody.__file__)
        variables = {
            "PYTHONPATH": f"{Path(__file__).parents[2] / 'bot'}:{Path(pydantic.__file__).parents[1]}",
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            done = subprocess.run(
                (PYTHON, script, folder), user="nobody", extra_groups=[], cwd="/", capture_output=True, text=True,
                env={**variables, "TMPDIR": folder}, check=False, timeout=120,
            )  # fmt: skip
        except PermissionError as error:
            lacks(f"nobody can't start it: {error}")
    if "No module named 'pydantic" in done.stderr:
        lacks("the system's Python can't load our packages")
    if "Permission denied" in done.stderr or "can't open file" in done.stderr:
        lacks("this checkout can't be read by other users")
    answer = json.loads(done.stdout)
    ended = answer["ended"]
    assert ended["memory"][1] == "memory" or "MemoryError" in ended["memory"][3]
    assert ended["memory of many"][1] == "memory"
    assert 20 < int(ended["processes"][2]) <= 40
    assert ended["disk space"][1] == "disk space"
    assert ended["nothing"][2] == "1000 True"

"""The walls of the sandbox, from inside: every test is a program that tries to get out, and what it saw."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from support.sandboxed import ENVIRONMENT, PYTHON, checkout_cell, needs_bubblewrap, python
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import repository_cell
from tdev.adapters.sandbox.run import run
from tdev.errors import ConfigurationError, Refused, TransientError
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    needs_bubblewrap()


WRITES = """
import json, os, sys
refused = {}
for path in sys.argv[1:]:
    try:
        with open(path, "a"):
            pass
        refused[path] = ""
    except OSError as error:
        refused[path] = error.strerror
print(json.dumps(refused))
"""


def test_only_named_folders_can_be_written(settings: Settings, tmp_path: Path) -> None:
    kept = tmp_path / "checkout" / ".git"
    kept.mkdir(parents=True)
    cell = replace(checkout_cell(tmp_path / "checkout"), read_only=(kept,))
    closed = [
        "/x", "/usr/x", "/etc/passwd", "/dev/x", "/sys/x", "/proc/sys/kernel/core_pattern", "/proc/self/mem",
        "/proc/1/mem", "/proc/self/oom_score_adj", f"{kept}/config", f"{Path.home()}/x",
        "/proc/self/root/x", "/proc/1/root/x",
    ]  # fmt: skip
    open_ = [f"{tmp_path}/checkout/a", "/tmp/x", "/home/user/x", "/dev/shm/x", "/dev/null"]
    done = python(settings, cell, WRITES, *closed, *open_)
    answers = json.loads(done.stdout)
    assert {path for path in closed if not answers[path]} == set()
    assert {path for path in open_ if answers[path]} == set()
    assert (tmp_path / "checkout" / "a").is_file() and not (kept / "config").exists()


def test_nothing_of_the_machine_is_seen(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    code = (
        "import json, os, pwd\n"
        "print(json.dumps([sorted(os.listdir('/')), sorted(os.environ), os.path.exists(os.sys.argv[1]),\n"
        " sorted(p for p in os.listdir('/proc') if p.isdigit()), open('/proc/1/environ').read(), os.getuid(),\n"
        " sorted(os.listdir('/proc/self/fd')), [one.pw_name for one in pwd.getpwall()], os.listdir('/home/user'),\n"
        " open('/proc/self/status').read()]))"
    )
    done = python(settings, checkout_cell(tmp_path / "checkout"), code, str(secret))
    top, names, seen, processes, first, uid, handles, users, home, status = json.loads(done.stdout)
    assert set(top) <= {
        "bin",
        "dev",
        "etc",
        "home",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "proc",
        "sbin",
        "tmp",
        "usr",
    } | {tmp_path.parts[1]}
    assert set(names) - {"PWD", "LC_CTYPE"} == set(ENVIRONMENT)
    assert not seen and not first and not home
    assert len(processes) <= 3 and uid == 1000 and len(handles) <= 4
    assert users == ["root", "user", "nobody"]
    assert "CapEff:\t0000000000000000" in status and "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status


def test_there_is_no_network_but_the_loopback_inside(settings: Settings, tmp_path: Path) -> None:
    code = """
import errno, json, socket, sys
answers = {}
def attempt(name, function):
    try:
        function()
        answers[name] = 0
    except OSError as error:
        answers[name] = error.errno or -1
host = int(sys.argv[1])
attempt("host's loopback", lambda: socket.create_connection(("127.0.0.1", host), 2))
attempt("tcp", lambda: socket.create_connection(("192.0.2.1", 80), 2))
attempt("tcp6", lambda: socket.create_connection(("2001:db8::1", 80), 2))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
attempt("dns", lambda: socket.getaddrinfo("example.org", 80))
attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[2]))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("netlink", lambda: socket.socket(16, 3, 0))
attempt("packet", lambda: socket.socket(17, 3, 0))
attempt("vsock", lambda: socket.socket(40, 1, 0))
with socket.create_server(("127.0.0.1", 0)) as own:
    attempt("own loopback", lambda: socket.create_connection(own.getsockname(), 2))
print(json.dumps(answers))
"""
    name = f"\0tdev-test-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        cell = checkout_cell(tmp_path / "checkout")
        code = code.replace("sys.argv[2]", repr(name))
        done = python(settings, cell, code, str(server.getsockname()[1]))
    answers = json.loads(done.stdout)
    assert answers.pop("own loopback") == 0
    assert all(answers.values()), answers


SYSTEM_CALLS = """
import ctypes, errno, json, os, platform
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"x86_64": {"ptrace": 101, "mount": 165, "unshare": 272, "setns": 308, "bpf": 321, "keyctl": 250,
  "io_uring_setup": 425, "userfaultfd": 323, "perf_event_open": 298, "process_vm_readv": 310, "open_by_handle_at": 304,
  "clone3": 435, "personality": 135, "chroot": 161},
  "aarch64": {"ptrace": 117, "mount": 40, "unshare": 97, "setns": 268, "bpf": 280, "keyctl": 219,
  "io_uring_setup": 425, "userfaultfd": 282, "perf_event_open": 241, "process_vm_readv": 270, "open_by_handle_at": 265,
  "clone3": 435, "personality": 92, "chroot": 51}}[platform.machine()]
answers = {}
for name, number in numbers.items():
    arguments = [0x0040000] if name == "personality" else [0] * 5
    result = libc.syscall(number, *arguments)
    answers[name] = errno.errorcode.get(ctypes.get_errno(), "?") if result == -1 else "done"
print(json.dumps(answers))
"""


def test_system_calls_that_nobody_needs_are_denied(settings: Settings, tmp_path: Path) -> None:
    answers = json.loads(python(settings, checkout_cell(tmp_path / "checkout"), SYSTEM_CALLS).stdout)
    unknown = {"clone3", "io_uring_setup"}
    assert answers == {name: "ENOSYS" if name in unknown else "EPERM" for name in answers}


def test_ways_to_the_machines_files_and_devices(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")
    code = """
import json, os, sys
answers = {}
def attempt(name, function):
    try:
        function()
        answers[name] = ""
    except OSError as error:
        answers[name] = error.strerror
attempt("hard link of the system", lambda: os.link("/usr/bin/env", "link"))
attempt("hard link of what is outside", lambda: os.link(sys.argv[1], "link2"))
attempt("disk", lambda: os.mknod("disk", 0o60666, os.makedev(8, 0)))
attempt("terminal", lambda: os.mknod("terminal", 0o20666, os.makedev(5, 0)))
os.mkfifo("pipe")
attempt("memory", lambda: open("/dev/mem", "rb"))
attempt("cgroup", lambda: os.listdir("/sys/fs/cgroup"))
attempt("other process", lambda: os.kill(int(sys.argv[2]), 0))
for name in ("null", "zero", "tty"):
    try:
        os.chmod("/dev/" + name, 0o644)
    except OSError:
        pass
for number in (0, 1, 2):
    os.fchmod(number, 0o600)
os.symlink(sys.argv[1], "to-secret")
attempt("link to what is outside", lambda: open("to-secret"))
print(json.dumps(answers))
"""
    before = {name: Path("/dev", name).stat().st_mode for name in ("null", "zero", "tty")}
    done = python(settings, checkout_cell(tmp_path / "checkout"), code, str(secret), str(os.getpid()))
    after = {name: Path("/dev", name).stat().st_mode for name in before}
    for name in before.keys() - {name for name in before if before[name] == after[name]}:
        Path("/dev", name).chmod(before[name])
    answers = json.loads(done.stdout)
    assert all(answers.values()), answers
    assert after == before


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Path]:
    """A Unix socket outside that answers what it was sent, backwards."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(connection.recv(100)[::-1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield path
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_named_socket_is_the_only_way_out(settings: Settings, tmp_path: Path, answering: Path) -> None:
    code = (
        "import os, socket, sys\n"
        "with socket.create_connection(('127.0.0.1', 8080), 5) as one:\n"
        "    one.sendall(b'abc')\n"
        "    print(one.recv(100).decode())\n"
        "with socket.socket(socket.AF_UNIX) as two:\n"
        "    two.connect(sys.argv[1])\n"
        "    two.sendall(b'def')\n"
        "    print(two.recv(100).decode())\n"
        "print(os.listdir(os.path.dirname(sys.argv[1])))\n"
        "sys.exit(7)"
    )
    cell = replace(checkout_cell(tmp_path / "checkout"), ports_to={8080: answering}, sockets=(answering,))
    done = python(settings, cell, code, str(answering))
    assert done.stdout.splitlines()[:2] == ["cba", "fed"]
    assert sorted(json.loads(done.stdout.splitlines()[2].replace("'", '"'))) == ["checkout", "socket"]
    assert done.exit_code == 7 and not done.stopped_by


def test_git_in_a_shared_clone_works_and_can_not_be_changed(
    settings: Settings, tmp_path: Path, make_repository: Callable[[Mapping[str, str | bytes]], Path]
) -> None:
    source = make_repository({"a.txt": "one\n"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--shared", str(source), str(clone))
    (clone / "a.txt").write_text("two\n")
    cell = repository_cell(settings, clone, environment=ENVIRONMENT)
    script = "git status --porcelain && git log --format=%s && ! git commit -qam x && ! touch .git/hooks/pre-commit"
    done = run(settings, cell, ("/bin/sh", "-c", script), timeout=60)
    assert done.exit_code == 0 and done.stdout.split() == ["M", "a.txt", "start"], done.stderr


def test_a_cell_that_would_show_what_its_own_files_lead_to_is_refused(settings: Settings, tmp_path: Path) -> None:
    cell = checkout_cell(tmp_path / "checkout")
    (tmp_path / "checkout" / ".git").symlink_to("/root")
    with pytest.raises(Refused, match="through a link"):
        python(settings, replace(cell, read_only=(tmp_path / "checkout" / ".git",)), "pass")


def test_a_program_that_is_not_there_and_a_sandbox_that_is_not_known(settings: Settings, tmp_path: Path) -> None:
    cell = checkout_cell(tmp_path / "checkout")
    with pytest.raises(TransientError, match="did not start"):
        run(settings, cell, ("/no/such/program",), timeout=20)
    with pytest.raises(ConfigurationError, match="not one of"):
        run(replace(settings, sandbox="paper"), cell, ("true",), timeout=20)


def test_without_a_sandbox_only_when_it_is_named(settings: Settings, tmp_path: Path) -> None:
    cell = Cell(cwd=tmp_path, environment={**ENVIRONMENT, "MARK": "a b'c"})
    words = (PYTHON, "-c", "import os; print(os.environ['MARK'], os.getcwd())")
    done = run(replace(settings, sandbox="none"), cell, words, timeout=20)
    assert done.stdout == f"a b'c {tmp_path}\n"

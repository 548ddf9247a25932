"""`tdev exec`: real commands in the real sandbox, cancelled, timed out, retried, kept, asked for twice at once."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.command import git
from tdev.core.execution import CHUNK_BYTES, is_key, pauses
from tdev.errors import ExitCode
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
POLICY = """version: 1
exec:
  retries: 1
  transient: [75]
  blocked: [wc]
  programs:
    - {name: python, subcommands: [ok.py, fail.py, many.py, slow.py, flaky.py, look.py, add.py], takes: text}
    - {name: cat, takes: paths}
"""
FILES = {
    ".github/tdev.yml": POLICY,
    "ok.py": "import sys; print('out'); print('err', file=sys.stderr)",
    "fail.py": "raise SystemExit(7)",
    "many.py": "import sys; sys.stdout.write('0123456789' * 45_000)",
    "slow.py": "import time; print('begun', flush=True); time.sleep(60)",
    "flaky.py": "import pathlib, sys; f = pathlib.Path('tries'); n = len(f.read_text()) if f.exists() else 0; "
    "f.write_text('x' * (n + 1)); sys.exit(75 if n < int(sys.argv[1]) else 0)",
    "add.py": "import pathlib, time; time.sleep(0.5); f = pathlib.Path('times'); "
    "f.write_text((f.read_text() if f.exists() else '') + 'x')",
    "look.py": "import os, socket, pathlib; print(sorted(os.environ)); print(pathlib.Path('/root').exists())\n"
    "try:\n    socket.create_connection(('1.1.1.1', 53), 2)\nexcept OSError as error:\n    print('no network', error)",
    "sub/a.txt": "in sub\n",
}


@pytest.fixture
def repository(make_repository: Callable[..., Path]) -> Path:
    return make_repository(FILES)


class Tdev:
    """The command, with a state of its own."""

    def __init__(self, settings: Settings, repository: Path) -> None:
        self.environment = {"PATH": os.environ["PATH"], "TDEV_HOME": str(settings.home), "SECRET_X": "CANARY"}
        self.repository = repository

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        command = (sys.executable, "-m", "tdev.cli.main", "exec", *words)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.Popen(command, cwd=self.repository, env=self.environment, text=True, **pipes)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def json(self, *words: str) -> dict[str, Any]:
        _, out, err = self("--json", *words)
        assert out, err
        return dict(json.loads(out))


@pytest.fixture
def tdev(settings: Settings, repository: Path) -> Tdev:
    return Tdev(settings, repository)


def test_without_run_nothing_is_run(tdev: Tdev) -> None:
    code, out, _ = tdev("--", "python", "add.py")
    assert (code, out.splitlines()[0]) == (0, f"allowed: 'python' 'add.py' in {tdev.repository.resolve()}")
    assert not (tdev.repository / "times").exists()
    told = tdev.json("--", "cat", "/etc/passwd")
    assert (told["ok"], told["standing"]) == (True, "risky")
    assert "outside the repository" in told["reason"]


@pytest.mark.parametrize(
    "words", [("sudo", "ls"), ("bash", "-c", "ls"), ("/usr/bin/env", "ls"), ("wc", "ok.py"), ("./",)]
)
def test_blocked_commands_are_never_run(tdev: Tdev, words: tuple[str, ...]) -> None:
    assert tdev("--", *words)[0] == ExitCode.REFUSED
    assert tdev("--run", "--approve", "--", *words)[0] == ExitCode.REFUSED


def test_result_exit_code_and_both_outputs(tdev: Tdev) -> None:
    result = tdev.json("--run", "--", "python", "ok.py")
    assert result["output"].split() == ["err", "out"] or result["output"].split() == ["out", "err"]
    assert (result["exit_code"], result["bytes"], result["truncated"], result["tries"]) == (0, 8, False, 1)
    assert result["duration_ms"] > 0
    code, _, err = tdev("--run", "--", "python", "fail.py")
    assert code == 7
    assert "exit code 7" in err


def test_it_is_in_the_sandbox_and_in_the_repository(tdev: Tdev) -> None:
    seen = tdev.json("--run", "--", "python", "look.py")["output"]
    assert "SECRET_X" not in seen and "TDEV_HOME" not in seen
    assert "no network" in seen
    assert tdev.json("--run", "--cwd", "sub", "--", "cat", "a.txt")["output"] == "in sub\n"
    for folder in ("..", "/tmp", ".git", "none"):
        assert tdev("--run", "--cwd", folder, "--", "cat", "a.txt")[0] == ExitCode.REFUSED
    assert tdev("--run", "--cwd", "sub", "--", "cat", "../../x")[0] == ExitCode.REFUSED


def test_output_comes_in_pieces_that_can_be_asked_for_again(tdev: Tdev) -> None:
    result = tdev.json("--run", "--key", "many", "--", "python", "many.py")
    assert (result["bytes"], result["chunks"], len(result["output"])) == (450_000, 3, CHUNK_BYTES)
    pieces = [tdev("--key", "many", "--chunk", str(number))[1] for number in (1, 2, 3)]
    assert [len(piece) for piece in pieces] == [CHUNK_BYTES, CHUNK_BYTES, 50_000]
    assert "".join(pieces) == "0123456789" * 45_000
    assert tdev.json("--key", "many", "--chunk", "3")["output"] == pieces[2]
    for key, number in (("many", "4"), ("none", "1"), ("../many", "1"), ("many", "0")):
        assert tdev("--key", key, "--chunk", number)[0] == ExitCode.REFUSED


def test_a_time_limit_kills_it_and_is_not_tried_again(tdev: Tdev) -> None:
    result = tdev.json("--run", "--timeout", "1.5", "--", "python", "slow.py")
    assert (result["timed_out"], result["exit_code"], result["tries"]) == (True, -9, 1)
    assert result["output"] == "begun\n"
    assert result["duration_ms"] < 20_000


def test_passing_failures_are_tried_again(tdev: Tdev) -> None:
    result = tdev.json("--run", "--", "python", "flaky.py", "1")
    assert (result["exit_code"], result["tries"]) == (0, 2)
    assert result["duration_ms"] >= 500
    (tdev.repository / "tries").unlink()
    assert tdev.json("--run", "--", "python", "flaky.py", "5")["tries"] == 2
    (tdev.repository / "tries").unlink()
    assert tdev.json("--run", "--retries", "0", "--", "python", "flaky.py", "1")["exit_code"] == 75
    assert tdev.json("--run", "--", "python", "fail.py")["tries"] == 1


def test_a_key_runs_once_also_when_two_come_at_once(tdev: Tdev) -> None:
    words = ("--json", "--run", "--key", "once", "--", "python", "add.py")
    both = [tdev.start(*words) for _ in range(2)]
    results = [process.communicate(timeout=120)[0] for process in both]
    assert results[0] == results[1] == tdev(*words)[1]
    assert (tdev.repository / "times").read_text() == "x"
    code, _, err = tdev("--run", "--key", "once", "--", "python", "ok.py")
    assert code == ExitCode.REFUSED
    assert "another command" in err
    assert tdev("--run", "--key", "../x", "--", "python", "ok.py")[0] == ExitCode.REFUSED
    for wrong in (("--timeout", "0"), ("--timeout", "nan"), ("--retries", "-1"), ("--retries", "99")):
        assert tdev("--run", *wrong, "--", "python", "ok.py")[0] == ExitCode.CONFIGURATION
    assert tdev("--run")[0] == ExitCode.CONFIGURATION


def _begun(tdev: Tdev, key: str) -> subprocess.Popen[str]:
    """A command that hangs, once it is known to run."""
    process = tdev.start("--json", "--run", "--key", key, "--", "python", "slow.py")
    until = time.monotonic() + 60
    while "slow.py" not in _command_lines() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1)
    return process


def _command_lines() -> str:
    texts = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_text().split("\0")
        except OSError:
            continue
        if words[-2:] == ["slow.py", ""] and "tdev.cli.main" not in words and "--" not in words:
            texts.append(" ".join(words))
    return "\n".join(texts)


def test_cancelling_kills_all_of_it_and_the_result_says_so(tdev: Tdev) -> None:
    process = _begun(tdev, "cancelled")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    result = json.loads(out)
    assert (result["cancelled"], result["exit_code"], process.returncode) == (True, 130, 130)
    assert _command_lines() == ""
    assert tdev.json("--run", "--key", "cancelled", "--", "python", "slow.py")["cancelled"]


def test_a_command_that_was_cut_off_is_not_run_again(tdev: Tdev) -> None:
    process = _begun(tdev, "killed")
    process.kill()
    process.communicate(timeout=60)
    until = time.monotonic() + 20
    while _command_lines() and time.monotonic() < until:
        time.sleep(0.2)
    assert _command_lines() == ""
    code, _, err = tdev("--run", "--key", "killed", "--", "python", "slow.py")
    assert code == ExitCode.REFUSED
    assert "what it did is not known" in err


@pytest.mark.parametrize(("said", "code"), [("yes\n", 0), ("no\n", ExitCode.REFUSED), ("\n", ExitCode.REFUSED)])
def test_only_a_person_at_a_terminal_approves(tdev: Tdev, said: str, code: int) -> None:
    words = ("--run", "--approve", "--", "ls", "sub")
    assert tdev("--run", "--", "ls", "sub")[0] == ExitCode.REFUSED
    assert tdev(*words)[0] == ExitCode.REFUSED
    ours, theirs = pty.openpty()
    process = tdev.start(*words, stdin=theirs, stderr=theirs)
    os.write(ours, said.encode())
    out, _ = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert process.returncode == code
    assert out == ("a.txt\n" if code == 0 else "")


def test_the_committed_policy_counts(tdev: Tdev) -> None:
    file = tdev.repository / ".github/tdev.yml"
    file.write_text(POLICY.replace("name: cat", "name: ls"))
    assert tdev.json("--", "cat", "ok.py")["standing"] == "allowed"
    git(tdev.repository, "commit", "--quiet", "--all", "-m", "policy")
    assert tdev.json("--", "cat", "ok.py")["standing"] == "risky"


def test_keys_and_pauses() -> None:
    assert is_key("a-1_b.c") and not is_key("") and not is_key(".x") and not is_key("a/b") and not is_key("a" * 65)
    assert pauses(3) == (0.5, 1.0, 2.0)
    assert max(pauses(10)) == 30.0

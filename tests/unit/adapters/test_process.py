"""Outside programs: clean environment, time limit, no survivors."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tdev.adapters import process
from tdev.errors import TransientError

PATH = {"PATH": os.environ["PATH"]}


def python(
    code: str, cwd: Path, *, timeout: float = 20, limit: int = 10_000, stdin: bytes | None = None
) -> process.Completed:
    return process.run(
        (sys.executable, "-c", code), cwd=cwd, environment=PATH, timeout=timeout, max_output=limit, stdin=stdin
    )


def test_output_exit_code_and_input(tmp_path: Path) -> None:
    done = python(
        "import sys; print(sys.stdin.read()); print('bad', file=sys.stderr); sys.exit(3)", tmp_path, stdin=b"hi"
    )
    assert (done.stdout, done.stderr, done.exit_code, done.ok) == ("hi\n", "bad\n", 3, False)
    assert done.tail() == "bad"


def test_the_program_sees_only_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    assert "SECRET_TOKEN" not in python("import os; print(dict(os.environ))", tmp_path).stdout


def test_a_time_out_kills_the_whole_group(tmp_path: Path) -> None:
    code = "import subprocess,sys,time; p=subprocess.Popen(['sleep','60']); print(p.pid,flush=True); time.sleep(60)"
    done = python(code, tmp_path, timeout=1)
    assert done.timed_out
    assert not done.ok
    assert not alive(int(done.stdout))


def test_a_process_left_behind_is_killed(tmp_path: Path) -> None:
    done = python("import subprocess; print(subprocess.Popen(['sleep','60']).pid)", tmp_path)
    assert done.ok
    assert not alive(int(done.stdout))


def test_too_much_output_is_not_ok(tmp_path: Path) -> None:
    done = python("print('x' * 50_000)", tmp_path)
    assert done.truncated
    assert not done.ok
    assert len(done.stdout) == 10_000


def test_a_missing_program_is_transient(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="Could not start"):
        process.run(("no-such-program-here",), cwd=tmp_path, environment=PATH, timeout=5)


def alive(pid: int) -> bool:
    """True while the process runs (a zombie waiting for init is dead)."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True


def test_the_tail_of_one_endless_line_is_short() -> None:
    done = process.Completed(argv=("x",), exit_code=1, stdout="y" * 10_000_000 + "the end", stderr="", seconds=0.0)
    assert done.tail().endswith("the end") and len(done.tail()) < 100_000

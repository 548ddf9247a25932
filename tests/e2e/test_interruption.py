"""Ctrl-C and kill -9 in each stage, a full disk, a read-only repository: nothing is lost, and the run goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.command import Tdev, command_environment, fingerprint, git
from support.machine import lacks
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
STAGES = ("research", "plan", "baseline", "code", "evaluate", "gate", "publish", "learn")
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def interrupted_at(settings: Settings, stage: str, number: signal.Signals, *words: str) -> int:
    """Run `tdev WORDS` until the stage starts, send the signal, and return the exit code."""
    with subprocess.Popen(
        (sys.executable, "-m", "tdev.cli.main", *words),
        env=command_environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if stage in started_stages(settings):
                process.send_signal(number)
                break
            time.sleep(0.005)
        return process.wait(timeout=60)


def started_stages(settings: Settings) -> set[str]:
    """Stages that the newest run has begun."""
    runs = sorted(settings.runs.iterdir()) if settings.runs.is_dir() else []
    file = runs[-1] / "events.jsonl" if runs else Path("nothing")
    found = set()
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["name"] == "tdev.stage.start":
            found.add(event["stage"])
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_interrupted_in_every_stage_still_ends_well(
    settings: Settings, tdev: Tdev, old_repository: Path, number: signal.Signals
) -> None:
    untouched = fingerprint(old_repository)
    words: tuple[str, ...] = ("evolve", "modernise", "--repo", str(old_repository))
    for stage in STAGES:
        exit_code = interrupted_at(settings, stage, number, *words)
        assert exit_code in (-number, 130, 0), stage
        if stage not in ("publish", "learn"):
            assert exit_code != 0, stage
            assert fingerprint(old_repository) == untouched, stage
        (run,) = settings.runs.iterdir()
        words = ("run", "resume", run.name)
    ended = tdev("run", "resume", run.name, "--json")
    assert ended.exit_code == 0, ended.stderr
    assert ended.json["outcome"] == "published"
    assert tdev("run", "verify", run.name).exit_code == 0
    assert git(old_repository, "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/main",
        "refs/heads/tdev/auto/modernise",
    ]
    assert git(old_repository, "status", "--porcelain") == ""
    assert git(old_repository, "rev-list", "--count", "main..tdev/auto/modernise") == "1"
    assert not list(settings.work.iterdir())


def test_two_processes_do_not_work_on_one_run(settings: Settings, tdev: Tdev, old_repository: Path) -> None:
    interrupted_at(settings, "plan", signal.SIGKILL, "evolve", "modernise", "--repo", str(old_repository))
    (run,) = settings.runs.iterdir()
    first = subprocess.Popen(
        (sys.executable, "-m", "tdev.cli.main", "run", "resume", run.name),
        env=command_environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while "baseline" not in started_stages(settings):
        time.sleep(0.005)
    second = tdev("run", "resume", run.name)
    assert second.exit_code == 3
    assert "another process" in second.stderr
    assert first.wait(timeout=120) == 0


@pytest.fixture
def can_mount() -> None:
    """Needs a mount namespace of our own; Linux with unprivileged user namespaces."""
    if shutil.which("unshare") is None or subprocess.run((*NAMESPACE, "true"), capture_output=True).returncode:
        lacks("this machine allows no mount namespace")


@pytest.mark.usefixtures("can_mount")
def test_a_read_only_repository(tdev: Tdev, old_repository: Path) -> None:
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    prefix = (*NAMESPACE, "sh", "-c", script, str(old_repository))
    before = fingerprint(old_repository)
    ended = tdev("evolve", "modernise", "--repo", old_repository, prefix=prefix)
    assert ended.exit_code == 2
    assert "can't be written to" in ended.stderr
    ended = tdev("evolve", "modernise", "--repo", old_repository, "--dry-run", prefix=prefix)
    assert ended.exit_code == 0, ended.stderr
    assert "-class Calculator(object):" in ended.stdout
    assert fingerprint(old_repository) == before


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("megabytes", [1, 203])
def test_a_full_disk(tdev: Tdev, old_repository: Path, tmp_path: Path, settings: Settings, megabytes: int) -> None:
    """1 MiB: refused at the start. Just above the minimum, then filled: stopped in the middle, and said."""
    home = tmp_path / "small"
    home.mkdir()
    late = '(sleep 1.5; dd if=/dev/zero of="$0/ballast" bs=64k 2>/dev/null) &'
    script = f'mount -t tmpfs -o size={megabytes}m none "$0" && ln -s "{settings.tool_environments}" "$0/tools" && '
    script += ("" if megabytes == 1 else late) + ' exec "$@"'
    before = fingerprint(old_repository)
    ended = tdev(
        "evolve",
        "modernise",
        "--repo",
        old_repository,
        prefix=(*NAMESPACE, "sh", "-c", script, str(home)),
        TDEV_HOME=str(home),
    )
    assert ended.exit_code == 6, ended.stderr
    assert "disk" in ended.stderr or "space" in ended.stderr
    assert fingerprint(old_repository) == before


def test_a_state_folder_that_can_not_be(tdev: Tdev, old_repository: Path) -> None:
    ended = tdev("evolve", "modernise", "--repo", old_repository, TDEV_HOME="/dev/null/state")
    assert ended.exit_code in (2, 6)
    assert "/dev/null/state" in ended.stderr


def test_output_into_a_closed_pipe_is_no_traceback(old_repository: Path, settings: Settings) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        (sys.executable, "-m", "tdev.cli.main", "run", "list"),
        env=command_environment(settings),
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writer)
    assert b"Traceback" not in done.stderr

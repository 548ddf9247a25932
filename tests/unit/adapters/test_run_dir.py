"""The run directory on a real disk: sealed, verified, backed up, locked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tdev.adapters import run_dir
from tdev.adapters.files import write_atomically
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal, Plan
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.errors import ConfigurationError, Refused
from tdev.policy.model import Policy
from tdev.settings import Settings


@pytest.fixture
def run(settings: Settings) -> RunDir:
    goal = Goal(
        run_id=new_run_id(),
        goal_id="g-1",
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text="modernise",
        title="modernise",
        slug="modernise",
        repository=Repository(path="/nowhere", name="nowhere", base_sha="0" * 40),
        engine="recipes",
        engine_reason="asked for",
        created_at=utc_now(),
    )
    return run_dir.create(settings, goal, Policy())


def test_a_sealed_run_verifies(run: RunDir) -> None:
    run.write(Plan())
    run.emit("tdev.test.event", "hello")
    run.seal("plan")
    assert run.verify() == ""
    run.emit("tdev.test.event", "a log may grow")
    assert run.verify() == ""


@pytest.mark.parametrize("name", ["goal.json", "policy.json", "plan.json", "events.jsonl"])
def test_verify_names_the_file_that_was_changed(run: RunDir, name: str) -> None:
    run.write(Plan())
    run.emit("tdev.test.event")
    run.seal("plan")
    file = run.path / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert run.verify().startswith(name)


def test_verify_sees_files_that_vanished_grew_or_were_added(run: RunDir) -> None:
    (run.path / "extra.json").write_text("{}")
    assert "extra.json was added" in run.verify()
    (run.path / "extra.json").unlink()
    with (run.path / "policy.json").open("a") as file:
        file.write(" ")
    assert "policy.json was changed" in run.verify()
    (run.path / "policy.json").unlink()
    assert "policy.json is missing" in run.verify()
    (run.path / "MANIFEST.json").unlink()
    assert "MANIFEST.json" in run.verify()


def test_a_forged_manifest_entry_breaks_the_chain(run: RunDir) -> None:
    file = run.path / "MANIFEST.json"
    manifest = json.loads(file.read_text())
    manifest["entries"][0]["sha256"] = "f" * 64
    file.write_text(json.dumps(manifest))
    assert "the chain breaks at the entry for goal.json" in run.verify()


def test_a_replaced_file_keeps_a_backup_and_an_equal_one_does_not(run: RunDir) -> None:
    run.write(Plan())
    run.write(Plan())
    assert not list(run.path.glob("plan.json.bak-*"))
    run.write(Plan(revision=1))
    (backup,) = run.path.glob("plan.json.bak-*")
    assert json.loads(backup.read_text())["revision"] == 0
    assert run.read(Plan).revision == 1


def test_no_temporary_file_is_left_when_the_write_fails(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "file").mkdir()
    with pytest.raises(Exception, match="Could not write"):
        write_atomically(target / "file", b"x")
    assert [entry.name for entry in target.iterdir()] == ["file"]


def test_every_event_line_names_run_goal_and_trace(run: RunDir) -> None:
    run.emit("tdev.test.one", "text", number=1)
    (line,) = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    goal = run.goal
    assert (line["run_id"], line["goal_id"], line["trace_id"]) == (goal.run_id, goal.goal_id, goal.trace_id)


def test_two_processes_can_not_hold_a_run(run: RunDir) -> None:
    code = "import fcntl,os,sys; fd=os.open(sys.argv[1],os.O_RDWR|os.O_CREAT); fcntl.flock(fd,fcntl.LOCK_EX); "
    code += "print('held',flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(run.path / ".lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        with pytest.raises(Refused, match="another process"), run.lock():
            pass
        other.communicate("")
    with run.lock():
        assert (run.path / ".lock").exists()


def test_a_damaged_artifact_is_a_clear_error(run: RunDir) -> None:
    (run.path / "goal.json").write_text('{"run_id": 3}')
    with pytest.raises(ConfigurationError, match=r"goal\.json is damaged at"):
        _ = run.goal


def test_open_run_takes_a_unique_beginning(run: RunDir, settings: Settings) -> None:
    assert run_dir.open_run(settings, run.id[:15]).path == run.path
    for text in ("", "../..", "nope"):
        with pytest.raises(Refused):
            run_dir.open_run(settings, text)

"""Workers that don't live to tell, or say nothing, are no evidence; the next trial gets a new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from attack import campaign
from attack.campaign import Worker, hold
from attack.model import Trial
from attack.outcome import Outcome
from attack.wall import Wall

ONE = Trial("write-outside", "tool-absolute")
_GOOD = Outcome(family=ONE.family, attack=ONE.attack, wall="tools").model_dump_json()


class Scripted(Worker):
    """A worker whose program the test says."""

    program = ""

    def _start(self) -> None:
        with (self.folder / "errors.txt").open("wb") as errors:
            self.process = subprocess.Popen(
                (sys.executable, "-c", self.program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )


def scripted(folder: Path, program: str) -> Scripted:
    worker = Scripted(folder, inside=False)
    worker.program = program
    return worker


def test_an_answer_is_read_whole(tmp_path: Path) -> None:
    program = f"import sys, time\nfor line in sys.stdin:\n    for piece in {[_GOOD[:20], _GOOD[20:], chr(10)]!r}:\n"
    program += "        sys.stdout.write(piece)\n        sys.stdout.flush()\n        time.sleep(0.05)\n"
    worker = scripted(tmp_path, program)
    assert worker.hold(ONE).good
    first = worker.process
    assert worker.hold(ONE).good and worker.process is first, "one worker holds many trials"
    worker.stop()
    assert first is not None and first.poll() is not None


def test_a_worker_that_dies_is_no_evidence(tmp_path: Path) -> None:
    worker = scripted(tmp_path, "import sys\nsys.stdin.readline()\nsys.exit('it broke')\n")
    outcome = worker.hold(ONE)
    assert not outcome.good and "it broke" in outcome.missing
    worker.program = f"import sys\nfor line in sys.stdin:\n    print({_GOOD!r}, flush=True)\n"
    assert worker.hold(ONE).good
    worker.stop()


def test_a_worker_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "_GRACE_SECONDS", -59.5)
    worker = scripted(tmp_path, "import time\ntime.sleep(600)\n")
    assert "did not live to tell" in worker.hold(ONE).missing
    assert worker.process is None


def test_no_trial_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def held(self: Worker, trial: Trial) -> Outcome:
        assert self.inside is (trial.off is Wall.SANDBOX)
        return Outcome(family=trial.family, attack=trial.attack, off=trial.off or "", wall="tools")

    monkeypatch.setattr(Worker, "hold", held)
    chosen = [Trial("write-outside", "tool-absolute", off) for off in (None, *Wall)] * 5
    heard: list[Outcome] = []
    assert len(hold(chosen, heard.append)) == len(heard) == len(chosen)

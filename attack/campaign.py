"""All trials: which there are, and workers that hold them side by side. A worker that dies costs its trial alone."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attack.containment import ROOT, contained
from attack.families import attack_named
from attack.model import Attack, Family, Trial
from attack.outcome import Outcome
from attack.scene import SECRET_VARIABLES
from attack.wall import Wall
from tdev.adapters.sandbox.cgroups import group
from tdev.policy.sandbox import CellLimits

SIDE_BY_SIDE = 2
_GRACE_SECONDS = 120.0
"""What a trial may take beyond the attack's own limit: building the world, start and end."""
_FENCE = CellLimits(memory_bytes=8 << 30, processes=2000)
"""What a worker and all it starts may take, whatever the sandbox it attacks holds; where the machine can count that."""
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")


def trials(families: Sequence[Family], *, short: bool = False) -> list[Trial]:
    """Every trial: each attack with all walls, and each that two walls claim with one of them off in turn."""
    return [
        Trial(family.name, attack.name, off)
        for family in families
        for attack in family.attacks
        if attack.in_short or not short
        for off in (None, *_off_in_turn(attack))
    ]


def _off_in_turn(attack: Attack) -> tuple[Wall, ...]:
    return attack.walls if len(attack.walls) > 1 else ()


def hold(chosen: Iterable[Trial], told: Callable[[Outcome], None]) -> list[Outcome]:
    """Hold all trials; `told` hears of each outcome as it comes."""
    waiting: queue.SimpleQueue[Trial] = queue.SimpleQueue()
    for trial in chosen:
        waiting.put(trial)
    outcomes: list[Outcome] = []
    lock = threading.Lock()

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="tdev-attack-crew-") as folder:
            crew = {inside: Worker(Path(folder), inside=inside) for inside in (False, True)}
            try:
                for trial in _drained(waiting):
                    outcome = crew[trial.off is Wall.SANDBOX].hold(trial)
                    with lock:
                        outcomes.append(outcome)
                        told(outcome)
            finally:
                for worker in crew.values():
                    worker.stop()

    threads = [threading.Thread(target=work) for _ in range(SIDE_BY_SIDE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _drained(waiting: queue.SimpleQueue[Trial]) -> Iterator[Trial]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


class Worker:
    """One process that trials are held in; started when it is needed, and again when it died."""

    def __init__(self, folder: Path, *, inside: bool) -> None:
        self.folder = folder
        self.inside = inside
        """It is contained, and works without the sandbox."""
        self.process: subprocess.Popen[bytes] | None = None
        self._fence = contextlib.ExitStack()

    def hold(self, trial: Trial) -> Outcome:
        """The outcome of a trial; one that the worker did not live through is no evidence."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self._start()
        process = self.process
        assert process is not None and process.stdin and process.stdout
        said = {"family": trial.family, "attack": trial.attack, "off": trial.off.value if trial.off else ""}
        process.stdin.write(json.dumps(said).encode() + b"\n")
        process.stdin.flush()
        limit = attack_named(trial.family, trial.attack).seconds + _GRACE_SECONDS
        line = _line(process, limit)
        if line:
            return Outcome.model_validate_json(line)
        self.stop()
        why = f"the worker did not live to tell: {self._last_words()}"
        return Outcome(family=trial.family, attack=trial.attack, off=said["off"], missing=why)

    def stop(self) -> None:
        """End the process and everything in its group."""
        if self.process is None:
            return
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
        self._fence.close()

    def _start(self) -> None:
        environment = self._environment()
        words = [sys.executable, "-m", "attack.worker"]
        if self.inside:
            mark = self.folder / "mark"
            mark.write_text(secrets.token_hex(16), "ascii")
            words = contained(words, environment, mark)
        doors = self._fence.enter_context(group(_FENCE)).doors

        def enter() -> None:
            for door in doors:
                door.write_text("0")

        with (self.folder / "errors.txt").open("wb") as errors:
            self.process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                preexec_fn=enter,
            )

    def _environment(self) -> dict[str, str]:
        """The worker's whole environment: places, and canaries that no attack may ever see."""
        home = "/tmp/home" if self.inside else str(self.folder / "home")
        canaries = {name: secrets.token_urlsafe(30).replace("-", "x").replace("_", "y") for name in SECRET_VARIABLES}
        places = {
            "HOME": home,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'bot'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TDEV_SANDBOX": "none" if self.inside else os.environ.get("TDEV_SANDBOX", "auto"),
        }
        return {**{name: os.environ[name] for name in _KEPT if name in os.environ}, **places, **canaries}

    def _last_words(self) -> str:
        file = self.folder / "errors.txt"
        return " ".join(file.read_text("utf-8", "replace").split())[-200:] if file.is_file() else "nothing"


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """The worker's next line; empty when it died, or said nothing for so long."""
    out = process.stdout
    assert out is not None
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as chosen:
        chosen.register(out, selectors.EVENT_READ)
        data = b""
        while (left := end - time.monotonic()) > 0 and chosen.select(left):
            piece = os.read(out.fileno(), 65536)
            data += piece
            if not piece or data.endswith(b"\n"):
                return data if data.endswith(b"\n") else b""
    return b""

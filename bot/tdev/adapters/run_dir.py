"""The run directory on disk: read, write, seal, verify, lock.

A run directory is the whole memory of a run: stages get one and give it back, and nothing else goes
from stage to stage. Which artifact has which name is said in core/artifacts; how
files are sealed is in run_seal.py, how they are read and what can be wrong with one in run_files.py.

Every write is durable before the next step (adapters/files.py), so a run that is killed at any
moment can be read. Events are appended by one write each, so that lines never mix; they reach the
listeners, which draw the progress, after they are on disk. The lock is the operating system's own
and goes with the process: no stale lock is ever left.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tdev.adapters import run_seal
from tdev.adapters.files import explained, write_atomically
from tdev.adapters.removal import remove_tree
from tdev.adapters.run_files import M, read_model
from tdev.core.artifacts import FILE_OF, Event, Goal, Manifest, Model
from tdev.core.run import is_run_id, utc_now
from tdev.errors import Refused, TdevError
from tdev.policy.model import Policy
from tdev.settings import Settings

Listener = Callable[[Event], None]
POLICY_FILE = "policy.json"
EVENTS_FILE = run_seal.EVENTS_FILE


@dataclass
class RunDir:
    """One run's directory: the only thing handed from stage to stage."""

    path: Path
    """Folder below Settings.runs."""
    settings: Settings
    """Where everything else is."""
    listeners: list[Listener] = field(default_factory=list)
    """Called with each event as it is written: live progress."""
    stage: str = ""
    """Stage that is running now; stands in its events."""

    @property
    def id(self) -> str:
        """The run id."""
        return self.path.name

    @property
    def work(self) -> Path:
        """Scratch folder of this run: checkouts and environments.

        A run directory that is not named by its run, as in a job of a workflow, has one of its own place's: two jobs on
        one machine never share it.
        """
        place = hashlib.sha256(str(self.path.absolute()).encode()).hexdigest()[:8]
        return self.settings.work / (self.id if is_run_id(self.id) else f"{self.id}-{place}")

    @property
    def goal(self) -> Goal:
        """goal.json."""
        return self.read(Goal)

    @property
    def policy(self) -> Policy:
        """The policy this run was started with."""
        return read_model(Policy, self.path, POLICY_FILE)

    def read(self, model: type[M]) -> M:
        """One artifact; raises ConfigurationError when it is absent or damaged."""
        return read_model(model, self.path, FILE_OF[model])

    def has(self, model: type[Model]) -> bool:
        """True when the artifact exists."""
        return (self.path / FILE_OF[model]).is_file()

    def write(self, artifact: Model) -> None:
        """Write one artifact under its own name."""
        self.write_bytes(FILE_OF[type(artifact)], artifact.model_dump_json(indent=2).encode() + b"\n")

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a further file of the run, e.g. patch.diff."""
        write_atomically(self.path / name, data)

    def emit(self, name: str, message: str = "", **attributes: str | int | float | bool) -> None:
        """Append one event to events.jsonl and tell the listeners."""
        goal = self.goal
        event = Event(
            time=utc_now(),
            name=name,
            run_id=goal.run_id,
            goal_id=goal.goal_id,
            trace_id=goal.trace_id,
            stage=self.stage,
            message=message,
            attributes=attributes,
        )
        with explained(self.path):
            handle = os.open(self.path / EVENTS_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, event.model_dump_json().encode() + b"\n")
            finally:
                os.close(handle)
        for listener in self.listeners:
            listener(event)

    def manifest(self) -> Manifest:
        """MANIFEST.json, empty when nothing was sealed yet."""
        return run_seal.manifest_of(self.path)

    def seal(self, stage: str) -> None:
        """Add every new or changed file to the manifest, in name order, as this stage's work."""
        run_seal.seal(self.path, stage)

    def sealed_stages(self) -> frozenset[str]:
        """Stages whose work is in the manifest."""
        return frozenset(entry.stage for entry in self.manifest().entries)

    def verify(self) -> str:
        """Empty when every sealed file is as it was sealed; else one sentence that names the first that is not."""
        return run_seal.why_broken(self.path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for this process; raises Refused when another one holds it."""
        with explained(self.path):
            handle = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refused(
                    f"Run {self.id} is being worked on by another process.", next_step="Wait for it, or stop it."
                ) from error
            yield
        finally:
            os.close(handle)

    def remove_work(self) -> None:
        """Remove the run's scratch folder."""
        remove_tree(self.work)

    @contextmanager
    def timed(self, name: str, message: str = "", **attributes: str | int | float | bool) -> Iterator[None]:
        """Emit `NAME.start` now and `NAME.end` with `seconds` and `ok` when the block is left."""
        started = time.monotonic()
        self.emit(f"{name}.start", message, **attributes)
        try:
            yield
        except (TdevError, KeyboardInterrupt) as error:
            seconds = round(time.monotonic() - started, 3)
            self.emit(f"{name}.end", str(error), **attributes, seconds=seconds, ok=False)
            raise
        self.emit(f"{name}.end", message, **attributes, seconds=round(time.monotonic() - started, 3), ok=True)


def create(settings: Settings, goal: Goal, policy: Policy, folder: Path | None = None) -> RunDir:
    """Make the run directory for a new goal, in `folder` or else below Settings.runs; seal the goal and the policy."""
    run = RunDir(folder or settings.runs / goal.run_id, settings)
    run.write(goal)
    run.write_bytes(POLICY_FILE, policy.model_dump_json(indent=2).encode() + b"\n")
    run.seal("start")
    return run


def open_run(settings: Settings, run_id: str) -> RunDir:
    """An existing run, by its id or by a beginning of it that fits just one; raises Refused."""
    names = [name for name in list_runs(settings) if name.startswith(run_id)]
    if not run_id or not names or (len(names) > 1 and run_id not in names):
        what = f"{len(names)} runs begin with" if names else "There is no run"
        raise Refused(f"{what} {run_id!r}.", next_step="See `tdev run list`.")
    return RunDir(settings.runs / (run_id if run_id in names else names[0]), settings)


def list_runs(settings: Settings) -> list[str]:
    """Run ids, oldest first."""
    if not settings.runs.is_dir():
        return []
    return sorted(entry.name for entry in settings.runs.iterdir() if is_run_id(entry.name))

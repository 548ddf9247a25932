"""The run directory on disk: read, write, seal, verify, lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tdev.adapters.files import explained, sha256_of, write_atomically
from tdev.core.artifacts import FILE_OF, Event, Goal, Manifest, Model
from tdev.core.run import is_run_id, utc_now
from tdev.errors import ConfigurationError, Refused, TdevError
from tdev.policy.model import Policy
from tdev.settings import Settings

M = TypeVar("M", bound=Model)
Listener = Callable[[Event], None]
POLICY_FILE = "policy.json"
EVENTS_FILE = "events.jsonl"
MANIFEST_FILE = "MANIFEST.json"
_UNSEALED = {MANIFEST_FILE, ".lock"}


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
        """Scratch folder of this run: checkouts and environments."""
        return self.settings.work / self.id

    @property
    def goal(self) -> Goal:
        """goal.json."""
        return self.read(Goal)

    @property
    def policy(self) -> Policy:
        """The policy this run was started with."""
        return self._parse(Policy, POLICY_FILE)

    def read(self, model: type[M]) -> M:
        """One artifact; raises ConfigurationError when it is absent or damaged."""
        return self._parse(model, FILE_OF[model])

    def has(self, model: type[Model]) -> bool:
        """True when the artifact exists."""
        return (self.path / FILE_OF[model]).is_file()

    def _parse(self, model: type[M], name: str) -> M:
        file = self.path / name
        try:
            return model.model_validate_json(file.read_bytes())
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"Run {self.id} has no {name}.", next_step="The stage that writes it has not run yet."
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ConfigurationError(
                f"{file} is damaged at {place or 'its start'}: {first['msg']}.",
                next_step=f"Run `tdev run verify {self.id}`.",
            ) from error

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
        return self._parse(Manifest, MANIFEST_FILE) if (self.path / MANIFEST_FILE).is_file() else Manifest()

    def seal(self, stage: str) -> None:
        """Add every new or changed file to the manifest, in name order, as this stage's work."""
        manifest = self.manifest()
        current = manifest.latest()
        for name in self.sealable():
            digest, size = sha256_of(self.path / name)
            entry = current.get(name)
            if entry is None or (entry.sha256, entry.size) != (digest, size):
                manifest = manifest.append(path=name, sha256=digest, size=size, stage=stage)
        write_atomically(self.path / MANIFEST_FILE, manifest.model_dump_json(indent=2).encode() + b"\n", backup=False)

    def sealed_stages(self) -> frozenset[str]:
        """Stages whose work is in the manifest."""
        return frozenset(entry.stage for entry in self.manifest().entries)

    def sealable(self) -> Iterator[str]:
        """Names of the files that belong in the manifest."""
        for file in sorted(self.path.rglob("*")):
            name = file.relative_to(self.path).as_posix()
            temporary = file.name.startswith(".")
            if file.is_file() and not file.is_symlink() and name not in _UNSEALED and not temporary:
                yield name

    def verify(self) -> str:
        """Empty when every sealed file is as it was sealed; else one sentence that names the first that is not."""
        manifest = self.manifest()
        if not manifest.entries:
            return f"{MANIFEST_FILE} is missing or empty"
        broken = manifest.broken_link()
        if broken is not None:
            return f"{MANIFEST_FILE} was changed: the chain breaks at the entry for {broken.path}"
        latest = manifest.latest()
        for name, entry in latest.items():
            file = self.path / name
            if not file.is_file():
                return f"{name} is missing"
            if sha256_of(file, entry.size) != (entry.sha256, entry.size):
                return f"{name} was changed after stage {entry.stage} sealed it"
            if name != EVENTS_FILE and file.stat().st_size != entry.size:
                return f"{name} was changed after stage {entry.stage} sealed it"
        return next(
            (f"{name} was added after the run was sealed" for name in self.sealable() if name not in latest), ""
        )

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
        shutil.rmtree(self.work, ignore_errors=True)

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


def create(settings: Settings, goal: Goal, policy: Policy) -> RunDir:
    """Make the run directory for a new goal and seal the goal and the policy."""
    run = RunDir(settings.runs / goal.run_id, settings)
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

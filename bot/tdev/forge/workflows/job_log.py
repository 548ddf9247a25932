"""The log of a job, and what a runner tells of it: steps as they happen, lines without secrets, artifacts.

Comes in: what the runner reports. Goes out: `logs/<job>.log` below the state folder, each line with its time as GitHub
writes it; the job's steps; `artifacts/<id>.zip`. A line `::add-mask::VALUE` hides a value from then on and is not
written, as "Workflow commands for GitHub Actions" says; other workflow commands stand in the log as they are.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

from tdev.errors import Refused
from tdev.forge.store import Json, Row, Store, timestamp
from tdev.forge.workflows.secrets import masks

_LONGEST_LINE = 64 * 1024
_MASK = b"::add-mask::"


def log_path(store: Store, job_id: int) -> Path:
    """Where a job's log is."""
    return store.root / "logs" / f"{job_id}.log"


def artifact_path(store: Store, artifact_id: int) -> Path:
    """Where an artifact's archive is."""
    return store.root / "artifacts" / f"{artifact_id}.zip"


@dataclass
class JobLog:
    """What a runner tells of one job, written down as it happens."""

    store: Store
    run: Row
    job: Row
    file: BufferedWriter
    hidden: tuple[bytes, ...] = ()
    """What must not stand in the log."""
    steps: list[Json] = field(default_factory=list)
    rest: bytes = b""
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when somebody cancels the run."""

    def hide(self, values: Iterable[str]) -> None:
        """Keep more values out of the log."""
        self.hidden = tuple(sorted({*self.hidden, *masks(values)}, key=len, reverse=True))

    def shown(self, text: str) -> str:
        """A text without secrets."""
        return self._without(text.encode()).decode("utf-8", "replace")

    def begin(self, name: str) -> None:
        """A step begins."""
        name = self.shown(name)
        self.steps.append(
            {
                "name": name[:200],
                "status": "in_progress",
                "conclusion": None,
                "number": len(self.steps) + 1,
                "started_at": self.store.now(),
                "completed_at": None,
            }
        )
        self.write(f"##[group]{name}\n".encode())
        self._keep()

    def end(self, conclusion: str) -> None:
        """The step that began last has ended."""
        if not self.steps or self.steps[-1]["status"] == "completed":
            return
        self.steps[-1] |= {"status": "completed", "conclusion": conclusion, "completed_at": self.store.now()}
        self.flush()
        self.write(b"##[endgroup]\n")
        self._keep()

    def write(self, text: bytes) -> None:
        """Write whole lines; the last one waits for its end."""
        *lines, self.rest = (self.rest + text).split(b"\n")
        if len(self.rest) > _LONGEST_LINE:
            whole, kept = self._without(self.rest), max((len(each) for each in self.hidden), default=0)
            lines.append(whole[: len(whole) - kept])
            self.rest = whole[len(whole) - kept :]
        for line in lines:
            self._line(line)
        self.file.flush()

    def flush(self) -> None:
        """Write a line that has no end."""
        if self.rest:
            self.write(b"\n")

    def _line(self, line: bytes) -> None:
        """One line with its time, without secrets."""
        line = line.rstrip(b"\r")
        if line.startswith(_MASK):
            self.hide([line[len(_MASK) :].decode("utf-8", "replace")])
            return
        stamp = datetime.fromtimestamp(self.store.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self.file.write(stamp.encode() + b" " + self._without(line) + b"\n")

    def _without(self, text: bytes) -> bytes:
        """A text with each secret replaced."""
        for secret in self.hidden:
            text = text.replace(secret, b"***")
        return text

    def _keep(self) -> None:
        """Show the steps to who asks."""
        self.store.update("workflow_jobs", self.job["id"], steps=json.dumps(self.steps))

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """Move an archive to its place and list it as an artifact of the run's attempt."""
        store, run = self.store, self.run
        sql = "SELECT id FROM artifacts WHERE run_id = ? AND run_attempt = ? AND name = ?"
        earlier = store.value(sql, run["id"], run["run_attempt"], name)
        if earlier is not None and not overwrite:
            raise Refused(f"An artifact with the name {name} already exists on this workflow run.")
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        now = store.now()
        with store.transaction():
            if earlier is not None:
                store.run("DELETE FROM artifacts WHERE id = ?", earlier)
            row_id = store.insert(
                "artifacts", repository_id=run["repository_id"], run_id=run["id"], run_attempt=run["run_attempt"],
                name=name, size=archive.stat().st_size, sha256=digest, created_at=now, updated_at=now,
                expires_at=timestamp(store.clock() + days * 86_400),
            )  # fmt: skip
            target = artifact_path(store, row_id)
            target.parent.mkdir(exist_ok=True)
            archive.replace(target)
        if earlier is not None:
            artifact_path(store, earlier).unlink(missing_ok=True)

    def artifact(self, name: str) -> Path | None:
        """The archive of the run's newest artifact of a name that has not expired."""
        sql = "SELECT * FROM artifacts WHERE run_id = ? AND name = ? ORDER BY id DESC"
        row = self.store.one(sql, self.run["id"], name)
        if row is None or row["expires_at"] <= self.store.now():
            return None
        path = artifact_path(self.store, row["id"])
        return path if path.is_file() else None

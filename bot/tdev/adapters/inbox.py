"""The bot's memory on disk: deliveries that were accepted, and the runs that came of them. One SQLite file.

A delivery is in the file, synced, before GitHub gets its 2xx; deliveries that arrive at the same time share one
transaction and so one sync (group commit). A delivery is known by its X-GitHub-Delivery id and by the act that it
reports, so a redelivery and a copy under another id are both found. `due` hands them out in the order they came, what
people ask for before what workflow runs report; what is about an issue waits for an earlier delivery about it.
One process at a time: a lock beside the file is held as long as it is open. All access is in one thread.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import sqlite3
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from pydantic import TypeAdapter, ValidationError

from tdev.adapters.bot_schema import SCHEMA
from tdev.adapters.files import explained
from tdev.core.intent import Intent, Request, RunReport
from tdev.errors import ConfigurationError, TransientError

_INTENT: TypeAdapter[Request | RunReport] = TypeAdapter(Intent)
_DAY = 86_400.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class Delivery:
    """A stored delivery that is to be processed."""

    sequence: int
    """Order of arrival."""
    delivery_id: str
    """X-GitHub-Delivery."""
    event: str
    """GitHub's name of it."""
    repository_id: int
    """Where it happened."""
    received_at: float
    """Seconds since the epoch."""
    attempts: int
    """How often it was tried before."""
    intent: Request | RunReport | None
    """What it asks for; None when an older version stored it in a form that can't be read."""


class Inbox:
    """The file, its writer thread, and the queue of what arrives together."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor, lock: IO[str]) -> None:
        self._connection = connection
        self._thread = thread
        self._lock = lock
        self._arriving: list[tuple[tuple[object, ...], asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.arrived = asyncio.Event()
        """Set when something new is stored."""

    async def store(self, delivery_id: str, event: str, intent: Request | RunReport, now: float) -> bool:
        """Store a delivery durably; False when it, or the act it reports, is stored already.

        Raises TransientError when the disk refuses; nothing is stored then.
        """
        place = intent.place.repository_id
        row = (delivery_id, intent.key, event, place, _subject(intent), intent.model_dump_json(), now)
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._arriving.append((row, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        new = await asyncio.shield(future)
        if new:
            self.arrived.set()
        return new

    async def _write(self) -> None:
        """Write what has arrived, one transaction after the other, until nothing is left."""
        while self._arriving:
            batch, self._arriving = self._arriving, []
            try:
                stored = await self.call(partial(_insert, self._connection, [row for row, _ in batch]))
            except TransientError as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), new in zip(batch, stored, strict=True):
                if not future.done():
                    future.set_result(new)

    async def call(self, work: Callable[[], Result]) -> Result:
        """Do something with the connection in its thread; a failure of the disk is a TransientError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: _guarded(work))

    def write(self, statement: str, parameters: tuple[object, ...] = ()) -> Awaitable[int]:
        """One statement, durable when it returns; the number of rows it changed."""
        return self.call(lambda: self._connection.execute(statement, parameters).rowcount)

    def read(self, statement: str, parameters: tuple[object, ...] = ()) -> Awaitable[list[sqlite3.Row]]:
        """All rows of a query."""
        return self.call(lambda: self._connection.execute(statement, parameters).fetchall())

    async def due(self, now: float, busy: Collection[int] = ()) -> Delivery | None:
        """The first delivery that may be processed now, from none of the busy repositories; None when there is none."""
        rows = await self.read(_DUE, (now, json.dumps(sorted(busy))))
        return _delivery(rows[0]) if rows else None

    async def kept_waiting(self, busy: Collection[int], after: int) -> list[Delivery]:
        """What people asked for in busy repositories, stored after that sequence and never tried yet."""
        rows = await self.read(_KEPT_WAITING, (json.dumps(sorted(busy)), after))
        return [_delivery(row) for row in rows]

    async def finish(self, sequence: int, *, error: str = "") -> None:
        """The delivery is dealt with, for good: done, or given up with a reason."""
        state = "failed" if error else "done"
        await self.write("UPDATE deliveries SET state = ?, error = ? WHERE sequence = ?", (state, error, sequence))

    async def finish_later_reports(self, sequence: int, report: RunReport) -> list[str]:
        """Reports on the same workflow run that came after this one need no look of their own; their delivery ids."""
        rows = await self.read(
            "UPDATE deliveries SET state = 'done' "
            "WHERE state = 'waiting' AND repository_id = ? AND subject = ? AND sequence > ? RETURNING delivery_id",
            (report.place.repository_id, _subject(report), sequence),
        )
        return [str(row["delivery_id"]) for row in rows]

    async def postpone(self, sequence: int, until: float, error: str) -> None:
        """Try the delivery again later."""
        await self.write(
            "UPDATE deliveries SET attempts = attempts + 1, not_before = ?, error = ? WHERE sequence = ?",
            (until, error, sequence),
        )

    async def knows(self, delivery_id: str) -> bool:
        """The delivery is stored, whatever became of it."""
        return bool(await self.read("SELECT 1 FROM deliveries WHERE delivery_id = ?", (delivery_id,)))

    async def counts(self) -> dict[str, int]:
        """How many deliveries are waiting, done and failed."""
        rows = await self.read("SELECT state, count(*) AS number FROM deliveries GROUP BY state")
        return {"waiting": 0, "done": 0, "failed": 0} | {row["state"]: row["number"] for row in rows}

    async def prune(self, now: float, *, days: float = 90) -> int:
        """Remove deliveries that were dealt with so many days ago; how many. Runs are kept, so nothing can recur."""
        return await self.write(
            "DELETE FROM deliveries WHERE state != 'waiting' AND received_at < ?", (now - days * _DAY,)
        )

    async def close(self) -> None:
        """Write what has arrived, close the file and let go of the lock."""
        if self._writer is not None:
            await self._writer
        await self.call(self._connection.close)
        self._thread.shutdown()
        self._lock.close()


_FIELDS = "sequence, delivery_id, event, repository_id, received_at, attempts, intent"
_KEPT_WAITING = f"""
SELECT {_FIELDS} FROM deliveries
WHERE state = 'waiting' AND attempts = 0 AND subject > 0
  AND repository_id IN (SELECT value FROM json_each(?)) AND sequence > ?
ORDER BY sequence
"""  # noqa: S608
_DUE = f"""
SELECT {_FIELDS} FROM deliveries AS this
WHERE state = 'waiting' AND not_before <= ? AND repository_id NOT IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.state = 'waiting'
                  AND earlier.repository_id = this.repository_id AND earlier.subject = this.subject
                  AND earlier.sequence < this.sequence)
ORDER BY subject < 0, sequence LIMIT 1
"""  # noqa: S608


async def open_inbox(file: Path) -> Inbox:
    """Open the file, making it where there is none.

    Raises ConfigurationError when another process has it open or the folder can't be written to.
    """
    with explained(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = file.with_suffix(".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise ConfigurationError(
            f"Another bot is at work with {file}.", next_step="Stop it first, or set TDEV_HOME to another folder."
        ) from error
    thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
    loop = asyncio.get_running_loop()
    connection = await loop.run_in_executor(thread, lambda: _guarded(lambda: _connect(file)))
    return Inbox(connection, thread, lock)


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(SCHEMA)
    return connection


def _guarded(work: Callable[[], Result]) -> Result:
    """Do it; an error of SQLite becomes a TransientError."""
    try:
        return work()
    except sqlite3.Error as error:
        raise TransientError(
            f"The bot's database refused: {error}.", next_step="Look at the disk's space and rights; it is tried again."
        ) from error


def _insert(connection: sqlite3.Connection, rows: list[tuple[object, ...]]) -> list[bool]:
    """Insert rows in one transaction; for each, whether it was new."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        new = [
            connection.execute(
                "INSERT OR IGNORE INTO deliveries "
                "(delivery_id, key, event, repository_id, subject, intent, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            ).rowcount
            == 1
            for row in rows
        ]
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return new


def _subject(intent: Request | RunReport) -> int:
    """What a delivery is about: an issue's number, or minus a workflow run's id."""
    return intent.number if isinstance(intent, Request) else -intent.workflow_run_id


def _delivery(row: sqlite3.Row) -> Delivery:
    fields = dict(row)
    return Delivery(intent=_intent(fields.pop("intent")), **fields)


def _intent(text: str) -> Request | RunReport | None:
    try:
        return _INTENT.validate_json(text)
    except ValidationError:
        return None

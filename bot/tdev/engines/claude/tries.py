"""The ledger of one task's tries: which session each was held in, whether it ended, and what it has cost.

Called by the engine around each session, and by structured around its questions. Comes in: a folder of the task's own
in the run's scratch folder. Goes out: where the model proxy writes what it counted, what no attempt has on record yet,
and the session that was broken off, so that the next try can go on with it.

The proxy writes a line for each request as soon as its cost is known. So whatever is killed, when, and how: the next
try finds what the one before has cost, and reports it with its own. It is reported once, since the code stage says what
it has on record and the ledger knows the sum.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, ValidationError

from tdev.adapters.files import write_atomically
from tdev.core.artifacts.model import Model

LEDGER_FILE = "tries.json"


class Try(Model):
    """One session, or one question."""

    attempt: int = Field(ge=0)
    """The attempt it was made for."""
    session: str = ""
    """Id of its session; empty = a question without one."""
    ended: bool = False
    """It came to an end of its own; a try that was killed never does."""
    reported_usd: float = 0.0
    """What Claude Code said at its end: the sum over all tries in the same session, in US dollars."""


class _Ledger(Model):
    """What is on disk."""

    on_record: float = 0.0
    """What attempts had on record when the ledger was begun, in US dollars."""
    tries: tuple[Try, ...] = ()
    """Oldest first."""


class Tries:
    """The tries at one task."""

    def __init__(self, folder: Path, on_record: float) -> None:
        self.folder = folder
        """The task's own."""
        file = folder / LEDGER_FILE
        try:
            self._ledger = _Ledger.model_validate_json(file.read_bytes())
        except (FileNotFoundError, ValidationError):
            self._ledger = _Ledger(on_record=on_record)
        self._on_record = on_record

    def last(self) -> Try | None:
        """The latest session; questions without one are left out."""
        return next((each for each in reversed(self._ledger.tries) if each.session), None)

    def begin(self, attempt: int, session: str = "") -> Path:
        """Note a try before it begins; returns the file for what its model proxy counts."""
        self._save((*self._ledger.tries, Try(attempt=attempt, session=session)))
        return self._log(len(self._ledger.tries))

    def end(self, reported_usd: float = 0.0) -> None:
        """Note that the latest one came to its end, and what Claude Code says that its session has cost."""
        *before, last = self._ledger.tries
        self._save((*before, last.model_copy(update={"ended": True, "reported_usd": reported_usd})))

    def reported_usd(self, session: str) -> float:
        """What Claude Code has said before that a session has cost."""
        return max((each.reported_usd for each in self._ledger.tries if each.session == session), default=0.0)

    def unreported_usd(self, own: float) -> float:
        """What all tries have cost that no attempt has on record, the latest included; US dollars.

        `own` is what the latest try's proxy itself says: its log may be short where the disk was full.
        """
        count = len(self._ledger.tries)
        earlier = sum(_logged_usd(self._log(number)) for number in range(1, count))
        latest = max(own, _logged_usd(self._log(count)))
        return max(latest, self._ledger.on_record + earlier + latest - self._on_record)

    def homes(self) -> tuple[Path, ...]:
        """The folder of each try's HOME, the latest first; then those of the run's other tasks, whose sessions may be
        gone on with as well.
        """
        own = tuple(self.home(number) for number in range(len(self._ledger.tries), 0, -1))
        return (*own, *(home for home in sorted(self.folder.parent.glob("*/home-*")) if home.parent != self.folder))

    def home(self, number: int = 0) -> Path:
        """The folder of a try's HOME; of the latest where no number is given."""
        return self.folder / f"home-{number or len(self._ledger.tries)}"

    def _log(self, number: int) -> Path:
        return self.folder / f"usage-{number}.jsonl"

    def _save(self, tries: tuple[Try, ...]) -> None:
        self._ledger = self._ledger.model_copy(update={"tries": tries})
        write_atomically(self.folder / LEDGER_FILE, self._ledger.model_dump_json().encode(), backup=False)


def _logged_usd(file: Path) -> float:
    """The sum of a model proxy's log, without a last line that was cut by a kill."""
    total = 0.0
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            total += float(json.loads(line).get("usd", 0.0))
        except ValueError:
            continue
    return total

"""The runs that the bot has started: which request each came of, and how far it got.

Rows of the table `runs` in the inbox's file. A row is written before anything outside is done for the run, and its
state goes one way: starting, dispatching, running, ended. Its run id is made from the request's key and the time the
delivery came, so working on the same delivery again finds the same row, comment and workflow run.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from pydantic import Field

from tdev.adapters.inbox import Inbox
from tdev.core.artifacts.model import Model
from tdev.core.intent import Request

HOUR = 3600.0


class Job(Model):
    """What the workflow is told to do; kept so that a retry does the same."""

    kind: str = Field(pattern=r"^(build|evolve)$")
    """`build` or `evolve`."""
    goal: str = ""
    """The request's text."""
    base: str = ""
    """Branch to work on; empty = the default branch."""
    branch: str = ""
    """Existing `tdev/auto/*` branch that gets the commits; empty = a new one is made."""
    plan_only: bool = False
    """Stop after the plan."""


class Run(Model):
    """One run as the bot knows it."""

    run_id: str
    """Ours; sorts by time."""
    request: Request
    """What asked for it."""
    job: Job
    """What is done."""
    state: str
    """`starting`, `dispatching`, `running` or `ended`."""
    workflow_run_id: int = 0
    """GitHub's id of the workflow run; 0 until it is known."""
    conclusion: str = ""
    """GitHub's word for how it ended, `not-started` or `vanished`; empty until then."""
    comment_id: int = 0
    """Its sticky comment; 0 until it is known."""
    shown: str = ""
    """Digest of what the comment says; empty until it says something."""

    @property
    def ended(self) -> bool:
        """Nothing more will happen."""
        return self.state == "ended"


def run_id_of(key: str, received_at: float) -> str:
    """The run id of a request: the same whenever the same stored delivery is worked on."""
    moment = datetime.fromtimestamp(received_at, UTC)
    return f"{moment:%Y%m%d-%H%M%S-%f}-{key[:6]}"


async def begin(inbox: Inbox, run: Run, now: float) -> Run:
    """Write the run down, unless the same act has one already; the run that stands then."""
    request = run.request
    await inbox.write(
        "INSERT OR IGNORE INTO runs (run_id, key, repository_id, number, request, job, state, started_at, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, 'starting', ?, ?)",
        (
            run.run_id,
            request.key,
            request.place.repository_id,
            request.number,
            request.model_dump_json(),
            run.job.model_dump_json(),
            now,
            now,
        ),
    )
    found = await by_key(inbox, request.key)
    return run if found is None else found


async def change(
    inbox: Inbox, run: Run, now: float, *, state: str, workflow_run_id: int = 0, conclusion: str = ""
) -> Run:
    """Write down how far a run got; what is not given stays."""
    changed = run.model_copy(
        update={
            "state": state,
            "workflow_run_id": workflow_run_id or run.workflow_run_id,
            "conclusion": conclusion or run.conclusion,
        }
    )
    await inbox.write(
        "UPDATE runs SET state = ?, workflow_run_id = ?, conclusion = ?, changed_at = ? WHERE run_id = ?",
        (changed.state, changed.workflow_run_id, changed.conclusion, now, run.run_id),
    )
    return changed


async def said(inbox: Inbox, run: Run, comment_id: int, shown: str) -> Run:
    """Write down what the run's comment says."""
    await inbox.write("UPDATE runs SET comment_id = ?, shown = ? WHERE run_id = ?", (comment_id, shown, run.run_id))
    return run.model_copy(update={"comment_id": comment_id, "shown": shown})


async def by_key(inbox: Inbox, key: str) -> Run | None:
    """The run of an act."""
    return _first(await inbox.read("SELECT * FROM runs WHERE key = ?", (key,)))


async def by_workflow_run(inbox: Inbox, repository_id: int, workflow_run_id: int) -> Run | None:
    """The run that a workflow run is doing."""
    return _first(
        await inbox.read(
            "SELECT * FROM runs WHERE repository_id = ? AND workflow_run_id = ?", (repository_id, workflow_run_id)
        )
    )


async def last_of(inbox: Inbox, repository_id: int, number: int) -> Run | None:
    """The newest run of an issue or pull request."""
    return _first(
        await inbox.read(
            "SELECT * FROM runs WHERE repository_id = ? AND number = ? ORDER BY run_id DESC LIMIT 1",
            (repository_id, number),
        )
    )


async def unfinished(inbox: Inbox) -> list[Run]:
    """The runs that have not ended, oldest first."""
    return [_run(row) for row in await inbox.read("SELECT * FROM runs WHERE state != 'ended' ORDER BY run_id")]


async def begun_since(inbox: Inbox, repository_id: int, moment: float) -> int:
    """How many runs a repository has begun since then."""
    rows = await inbox.read(
        "SELECT count(*) AS number FROM runs WHERE repository_id = ? AND started_at >= ?", (repository_id, moment)
    )
    return int(rows[0]["number"])


def _first(rows: list[sqlite3.Row]) -> Run | None:
    return _run(rows[0]) if rows else None


def _run(row: sqlite3.Row) -> Run:
    return Run(
        run_id=row["run_id"],
        request=Request.model_validate_json(row["request"]),
        job=Job.model_validate_json(row["job"]),
        state=row["state"],
        workflow_run_id=row["workflow_run_id"],
        conclusion=row["conclusion"],
        comment_id=row["comment_id"],
        shown=row["shown"],
    )

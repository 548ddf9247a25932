"""The engine `claude`: one try at one task by Claude Code, in a sandbox, which may edit the checkout and nothing else.

Comes in: a Job of the code stage. Goes out: Work with cost and tokens. The first try at a task gets a full prompt;
later ones go on with the same session and only hear why the last was rolled back, which costs a fraction of the tokens.
So does a try whose process was killed: its session is found in the ledger (tries.py), and what it cost is reported.

It runs no tests: the code stage does that after each try. What the model said it did is only a summary for people.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tdev.adapters.git import Git
from tdev.core.artifacts import FILE_OF, Insights
from tdev.core.artifacts.attempt import Session
from tdev.core.artifacts.insights import Insight
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.plan import Plan, leaves_of
from tdev.engines.claude.endings import work_of
from tdev.engines.claude.prompt import first_prompt, retry_prompt
from tdev.engines.claude.record import record_of, take
from tdev.engines.claude.room import Room, cli, opened, own_folder
from tdev.engines.claude.session import hold
from tdev.engines.claude.talk import Talk
from tdev.engines.claude.transcript import Transcript
from tdev.engines.claude.tries import Tries
from tdev.engines.engine import Job, Work
from tdev.errors import BudgetExceeded, TdevError
from tdev.prompts import library
from tdev.proxies.providers.table import provider_of
from tdev.settings import Settings

FOLDER = "claude"
"""In the run's scratch folder: a folder per task with its ledger and the HOME of each try."""
Read = TypeVar("Read", bound=Model)
IDLE_SECONDS = 300.0
"""Longest silence of Claude Code; every token it receives counts as a sign of life."""
_INTERRUPTED = "it was interrupted before it came to an end; none of its edits was kept"
_FINAL = {"refused", "context-too-long"}
"""Failures after which there is no use in going on with the session."""
_PACKAGE = "claude-agent-sdk"


@dataclass(frozen=True)
class ClaudeEngine:
    """Claude Code through claude-agent-sdk; it edits, and leaves judging and committing to the code stage."""

    guard_tools: bool = True
    """Ask the tool policy before each call. Only the attack suite says no, to see the other walls hold alone."""
    name = "claude"

    def version(self, settings: Settings) -> str:
        """Versions of the bundled Claude Code and of claude-agent-sdk."""
        place = cli().with_name("claude.version")
        bundled = place.read_text(encoding="utf-8").split()[0] if place.is_file() else "of unknown version"
        return f"Claude Code {bundled}, {_PACKAGE} {metadata.version(_PACKAGE)}"

    def perform(self, job: Job) -> Work:
        """Edit the checkout; going on with the session of the attempt before where its record is still there.

        Raises ConfigurationError (no or a wrong credential, no sandbox), BudgetExceeded (turns, dollars, time), Refused
        (the model or the API declines) or TransientError; whichever it is, its `cost_usd` says what was spent.
        """
        provider = provider_of(job.settings)
        _check_budget(job)
        tries = Tries(job.settings.work / job.goal.run_id / FOLDER / job.task.id, job.usd_on_record)
        begun = _begun(job, tries)
        log = tries.begin(job.attempt, begun.session)
        transcript = Transcript(job.transcript, (*job.settings.credentials.values(),))
        room: Room | None = None
        try:
            if begun.record is not None:
                take(begun.record, tries.home())
            with opened(job, tries.home(), log) as room:
                talk = _talk(job, begun, room, guard_tools=self.guard_tools)
                ending = hold(job.settings, tries.folder, talk, transcript, job.progress)
            work = work_of(ending, talk, provider.credential, room.usage())
        except TdevError as error:
            error.cost_usd = tries.unreported_usd(room.usage().usd if room else 0.0)
            if error.failure in _FINAL:
                tries.end()
            raise
        known = tries.reported_usd(begun.session)
        tries.end(work.reported_usd)
        cost = tries.unreported_usd(work.cost_usd)
        return replace(work, cost_usd=cost, reported_usd=max(0.0, work.reported_usd - known))


def _check_budget(job: Job) -> None:
    """Nothing is started that nothing is left for."""
    if job.usd_left <= 0:
        raise BudgetExceeded(
            "The run's model budget is used up.",
            next_step="Give more with --usd, or raise budget.usd in .github/tdev.yml.",
        )
    if job.seconds_left <= 0:
        raise BudgetExceeded(
            "The run's time is used up.", next_step="Raise budget.minutes in .github/tdev.yml and start again."
        )


@dataclass(frozen=True)
class _Begun:
    """Which session a try is held in."""

    session: str
    """Its id."""
    record: Path | None = None
    """Claude Code's record of it, to go on with; None = it is a new one."""
    interrupted: bool = False
    """The try before was killed in the middle of it."""


def _begun(job: Job, tries: Tries) -> _Begun:
    """The session that was broken off, else the one that the job names, where there is a record; else a new one."""
    last = tries.last()
    goes_on = last and not last.ended and (last.attempt == job.attempt or job.parameters.session is Session.SAME)
    if last and goes_on and (record := record_of(tries.homes(), last.session)):
        return _Begun(last.session, record, interrupted=True)
    if record := record_of(tries.homes(), job.session):
        return _Begun(job.session, record)
    return _Begun(str(uuid.uuid4()))


def _talk(job: Job, begun: _Begun, room: Room, *, guard_tools: bool) -> Talk:
    """The session for this try."""
    agent = job.policy.agent
    return Talk(
        cli=str(room.launcher),
        cwd=str(job.checkout.resolve()),
        prompt=_prompt(job, begun),
        system_prompt=library.system(),
        tools=tuple(tool.value for tool in agent.tools),
        model=job.model,
        fallback=job.policy.model.fallback,
        effort=job.parameters.effort.value,
        turns=job.goal.budget.turns,
        usd=job.usd_left,
        seconds=job.seconds_left,
        idle_seconds=min(IDLE_SECONDS, job.seconds_left),
        session=begun.session,
        resume=begun.record is not None,
        guard_tools=guard_tools,
        servers=dict(room.servers),
        scope=job.policy.scope,
        allowed_root=own_folder(job),
        agent=agent,
    )


def _prompt(job: Job, begun: _Begun) -> str:
    """What the session is told: all of it, or only why the last try was undone."""
    boundary = secrets.token_hex(16)
    if begun.record is None:
        prompt = first_prompt(job, _insights(job), boundary, instructions=_instructions(job), plan=_other_tasks(job))
    else:
        told = replace(job, feedback=(*job.feedback, _INTERRUPTED)) if begun.interrupted else job
        prompt = retry_prompt(told, boundary)
    job.progress(f"prompt {prompt.name}, version {prompt.version}, about {prompt.tokens} tokens")
    return prompt.text


def _instructions(job: Job) -> str:
    """The files that the policy names, as they are at the base commit; a file that is not there is left out."""
    git = Git(job.checkout, job.settings.child_environment)
    base = job.goal.repository.base_sha
    there = set(git.files(base)) if job.policy.agent.instructions else set()
    return "\n\n".join(
        git.run("show", f"{base}:{path}").stdout for path in job.policy.agent.instructions if path in there
    )


def _insights(job: Job) -> tuple[Insight, ...]:
    """What research saw that this task answers."""
    seen = _read(job, Insights) if job.task.insights else None
    return tuple(insight for insight in seen.insights if insight.id in job.task.insights) if seen else ()


def _other_tasks(job: Job) -> tuple[str, ...]:
    """The plan's other leaf tasks, one line each."""
    plan = _read(job, Plan)
    others = (task for task in leaves_of(plan.tasks) if task.id != job.task.id) if plan else ()
    return tuple(f"{task.id}, {task.state.value}: {task.title}" for task in others)


def _read(job: Job, kind: type[Read]) -> Read | None:
    """A file of the run directory; None when it is not there or is not as it should be."""
    file = job.run_folder / FILE_OF[kind]
    try:
        return kind.model_validate_json(file.read_bytes()) if file.is_file() else None
    except ValidationError:
        return None

"""The engine `claude`: one try at one task by Claude Code, which may read and edit the checkout and nothing else.

Comes in: a Job of the code stage. Goes out: Work with cost and tokens. The first try at a task gets
a full prompt; later ones go on with the same session and only hear why the last was rolled back,
which costs a fraction of the tokens.

It has no shell and runs no tests: the code stage does that after each try. What the model said it
did is only a summary for people.
"""

from __future__ import annotations

import secrets
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationError

from tdev.core.artifacts import FILE_OF, Insights
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.insights import Insight
from tdev.engines.claude.endings import work_of
from tdev.engines.claude.options import credential
from tdev.engines.claude.prompt import first_prompt, retry_prompt, template
from tdev.engines.claude.session import IDLE_SECONDS, can_resume, hold, progress_file
from tdev.engines.claude.talk import Talk
from tdev.engines.engine import Job, Work
from tdev.errors import BudgetExceeded
from tdev.settings import Settings

HOME_FOLDER = "claude-home"
"""Claude Code's HOME inside the run's scratch folder."""
_PACKAGE = "claude-agent-sdk"


class ClaudeEngine:
    """Claude Code through claude-agent-sdk; it edits, and leaves judging and committing to the code stage."""

    name = "claude"

    def version(self, settings: Settings) -> str:
        """Versions of the bundled Claude Code and of claude-agent-sdk."""
        spec = find_spec(_PACKAGE.replace("-", "_"))
        place = Path(spec.origin).parent / "_bundled" / "claude.version" if spec and spec.origin else Path()
        bundled = place.read_text(encoding="utf-8").split()[0] if place.is_file() else "of unknown version"
        return f"Claude Code {bundled}, {_PACKAGE} {metadata.version(_PACKAGE)}"

    def perform(self, job: Job) -> Work:
        """Edit the checkout; going on with the session of the attempt before where its record is still there.

        Raises ConfigurationError (no or a wrong credential), BudgetExceeded (turns, dollars, time), Refused (the model
        or the API declines) or TransientError; whichever it is, its `cost_usd` says what was spent.
        """
        name, _ = credential(job.settings)
        _check_budget(job)
        home = job.settings.work / job.goal.run_id / HOME_FOLDER
        talk = _talk(job, home)
        return work_of(hold(job.settings, home, talk, job.progress), talk, name)


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


def _talk(job: Job, home: Path) -> Talk:
    """The session for this try."""
    boundary = secrets.token_hex(16)
    resume = job.session if job.attempt > 1 and can_resume(home, job.session) else ""
    prompt = retry_prompt(job, boundary) if resume else first_prompt(job, _insights(job), boundary)
    build = job.goal.kind is GoalKind.BUILD
    return Talk(
        cwd=str(job.checkout.resolve()),
        prompt=prompt,
        system_prompt=template("system"),
        model=job.policy.model.name,
        fallback=job.policy.model.fallback,
        turns=job.goal.budget.turns,
        usd=job.usd_left,
        seconds=job.seconds_left,
        idle_seconds=min(IDLE_SECONDS, job.seconds_left),
        resume=resume,
        scope=job.policy.scope,
        allowed_root=job.project.relative_to(job.checkout).as_posix() if build else "",
        transcript=str(job.transcript),
        progress=progress_file(home),
    )


def _insights(job: Job) -> tuple[Insight, ...]:
    """What research saw that this task answers."""
    file = job.run_folder / FILE_OF[Insights]
    if not job.task.insights or not file.is_file():
        return ()
    try:
        seen = Insights.model_validate_json(file.read_bytes())
    except ValidationError:
        return ()
    return tuple(insight for insight in seen.insights if insight.id in job.task.insights)

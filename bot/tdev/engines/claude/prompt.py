"""The messages of one try at one task, from the prompt library; pure.

Comes in: a Job and what research saw. Goes out: text. Which prompt, in which order and where untrusted text stands is
the library's (prompts/library.py); here a job is put into its terms.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.insights import Insight
from tdev.engines.engine import Job
from tdev.prompts import library
from tdev.prompts.constraints import constraints
from tdev.prompts.context import Context, Data, Figures, Rules
from tdev.prompts.goals import goal_of
from tdev.prompts.library import Rendered


def first_prompt(
    job: Job,
    insights: Sequence[Insight],
    boundary: str,
    *,
    instructions: str = "",
    plan: Sequence[str] = (),
    memory: Sequence[str] = (),
) -> Rendered:
    """The message that begins a session; earlier attempts are told with their reasons.

    `instructions` are the maintainers', from the policy of the base commit; `plan` names the other tasks, `memory` what
    earlier runs have taught.
    """
    name = goal_of(job.goal, job.task, [insight.kind for insight in insights])
    data = _data(job).model_copy(
        update={"insights": tuple(insights), "plan": tuple(plan), "memory": tuple(memory), "feedback": job.feedback}
    )
    return library.render(name, Context(rules=_rules(job, instructions), data=data), boundary)


def retry_prompt(job: Job, boundary: str) -> Rendered:
    """The message that goes on with a session: its change was undone, or it was kept and the gates object."""
    reason = job.feedback[-1] if job.feedback else "no reason was recorded"
    data = _data(job).model_copy(update={"feedback": (reason,), "first_attempt": max(len(job.feedback), 1)})
    name = "gates" if job.task.gate and not job.undone else "retry"
    return library.render(name, Context(rules=_rules(job, ""), data=data), boundary)


def _rules(job: Job, instructions: str) -> Rules:
    return Rules(
        figures=Figures.of(job.policy),
        constraints=constraints(job.policy, build=job.goal.kind is GoalKind.BUILD),
        instructions=instructions,
    )


def _data(job: Job) -> Data:
    task = job.task
    return Data(
        title=task.title,
        description=task.description,
        acceptance=task.acceptance,
        paths=task.paths,
        project=_project(job),
        request=job.goal.text,
        request_bytes=job.policy.limits.requirement_bytes,
    )


def _project(job: Job) -> str:
    if job.project == job.checkout or not job.project.is_relative_to(job.checkout):
        return "."
    return job.project.relative_to(job.checkout).as_posix()

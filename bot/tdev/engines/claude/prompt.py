"""The prompt of one try at one task: what to do first, untrusted text last and marked as data. Pure.

Comes in: a Job and what research saw. Goes out: text, from the templates in prompts/. The order is
on purpose: rules and constraints stand first, and what came from an issue, a test's output or a
file stands last between marks with a random word that its author can't know.

The constraints are said in words so that a try has a chance; they are enforced elsewhere, by the
walls, the write scope and the gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template

from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.insights import Insight
from tdev.core.untrusted import clean, marked_block
from tdev.engines.engine import Job
from tdev.policy.model import Policy

FEEDBACK_BYTES = 12_000
"""Most bytes of one failed attempt's reason."""
_SHOWN_INSIGHTS = 20
_SHOWN_PLACES = 5


@cache
def template(name: str) -> str:
    """The text of prompts/NAME.md."""
    return files("tdev.engines.claude").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")


def first_prompt(job: Job, insights: Sequence[Insight], boundary: str) -> str:
    """The prompt of a new session; earlier attempts are told with their reasons."""
    task = job.task
    return Template(template("task")).substitute(
        title=_line(task.title),
        description=clean(task.description, FEEDBACK_BYTES).strip() or "See the request below.",
        acceptance=_bullets(task.acceptance) or "- The task above is done, and the tests pass.",
        project=_project(job),
        paths=", ".join(f"`{_line(path)}`" for path in task.paths) or "the whole project",
        constraints=_bullets(constraints(job.policy, build=job.goal.kind is GoalKind.BUILD)),
        insights=_insights(insights, boundary),
        feedback=_feedback(job.feedback, boundary),
        request=marked_block(clean(job.goal.text, job.policy.limits.requirement_bytes), boundary),
        boundary=boundary,
    )


def retry_prompt(job: Job, boundary: str) -> str:
    """The prompt that goes on with the session of the attempt before."""
    reason = job.feedback[-1] if job.feedback else "no reason was recorded"
    return Template(template("retry")).substitute(
        title=_line(job.task.title),
        reason=marked_block(clean(reason, FEEDBACK_BYTES), boundary),
        boundary=boundary,
    )


def constraints(policy: Policy, *, build: bool) -> tuple[str, ...]:
    """The rules of the policy that a change must meet, as sentences."""
    scope, gates = policy.scope, policy.gates
    protected = ", ".join(f"`{glob}`" for glob in scope.protect)
    exception = " (the new service's own folder is excepted)" if build else ""
    return (
        f"Write only files that match: {', '.join(f'`{glob}`' for glob in scope.write)}.",
        f"Never write files that match: {protected}{exception}. A change that does is rolled back as a whole.",
        "Every test that passes now must still pass. Do not delete, skip or weaken tests.",
        f"New or changed code is covered by tests: at least {gates.tests.changed_coverage:g} % of the changed lines.",
        f"At least {gates.quality.docstrings:g} % of the public modules, classes and functions you add are documented.",
        f"No function you add or change has a cyclomatic complexity above {gates.quality.complexity}.",
        "No secrets, no new dependencies that the task does not call for, no unrelated changes.",
    )


def _project(job: Job) -> str:
    if job.project == job.checkout or not job.project.is_relative_to(job.checkout):
        return "the root of the repository"
    return f"`{job.project.relative_to(job.checkout).as_posix()}/`"


def _insights(insights: Sequence[Insight], boundary: str) -> str:
    if not insights:
        return "None that belong to this task."
    lines = []
    for insight in insights[:_SHOWN_INSIGHTS]:
        places = [f"{place.path}:{place.line} {place.detail}".strip() for place in insight.evidence[:_SHOWN_PLACES]]
        more = len(insight.evidence) - len(places)
        lines.append(_line(f"- {insight.title} ({'; '.join(places)}{f'; and {more} more' if more else ''})"))
    return marked_block("\n".join(lines), boundary)


def _feedback(feedback: Sequence[str], boundary: str) -> str:
    if not feedback:
        return "None yet."
    told = (f"Attempt {number}: {clean(reason, FEEDBACK_BYTES)}" for number, reason in enumerate(feedback, 1))
    return marked_block("\n\n".join(told), boundary)


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_line(line)}" for line in lines)


def _line(text: str) -> str:
    """The text on one line, with nothing hidden."""
    return " ".join(clean(text, 2000).split())

"""The bot's comments: the sticky one of a run with its checklist, and its answers to commands.

In go plain facts about a run, its steps, its pull request and its checks; out comes Markdown. Each comment begins with
a hidden marker, by which it is found again and brought up to date instead of being made twice.
Names that come from outside (steps, checks, titles) go through core/outbound.py: a comment of ours mentions nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tdev.core.command import MEANINGS, Name
from tdev.core.outbound import inline

MOST_STEPS = 60
_MARKS = {
    "success": "✅",
    "neutral": "✅",
    "failure": "❌",
    "timed_out": "❌",
    "startup_failure": "❌",
    "action_required": "❗",
    "cancelled": "⏹",
    "stale": "⏹",
    "skipped": "➖",
    "in_progress": "⏳",
}
_ENDINGS = {
    "success": "done",
    "failure": "failed",
    "timed_out": "ran out of time",
    "cancelled": "stopped",
    "startup_failure": "could not start",
    "not-started": "could not start",
    "vanished": "vanished",
}
_FAILED = frozenset({"failure", "timed_out", "startup_failure", "action_required"})
_UNINTERESTING = (
    "Set up ",
    "Check out",
    "Fetch ",
    "Keep ",
    "Run actions/",
    "Post ",
    "Complete job",
    "Initialize containers",
    "Stop containers",
)
"""How the steps begin that are no stages of a run."""


@dataclass(frozen=True)
class Step:
    """One line of the checklist."""

    name: str
    """As the workflow calls it: untrusted."""
    status: str = "queued"
    """`queued`, `in_progress` or `completed`."""
    conclusion: str = ""
    """How it ended, in GitHub's words."""
    url: str = ""
    """Where its log is; empty where that is not known."""


@dataclass(frozen=True)
class Check:
    """A check run of the pull request's head."""

    name: str
    """E.g. `tdev/security`."""
    conclusion: str
    """In GitHub's words; its status until it has one."""
    title: str = ""
    """One line of its output."""
    url: str = ""
    """Its page."""
    summary: str = ""
    """Its output's Markdown, untrusted."""


@dataclass(frozen=True)
class Result:
    """What a run led to."""

    number: int
    """Of the pull request."""
    url: str
    """Its page."""
    branch: str
    """Its head."""
    checks: tuple[Check, ...] = ()
    """What the checks say of its head."""


@dataclass(frozen=True)
class View:
    """All that the sticky comment shows."""

    run_id: str
    """Ours."""
    what: str
    """`build`, `evolve` or `plan`."""
    actor: str
    """Who asked; shown without a mention."""
    status: str = "queued"
    """Of the workflow run."""
    conclusion: str = ""
    """Empty until it has ended."""
    url: str = ""
    """Page of the workflow run."""
    steps: tuple[Step, ...] = ()
    """What is done in it."""
    result: Result | None = None
    """The pull request, once there is one."""
    cost: str = ""
    """What it cost, in words."""
    reason: str = ""
    """Why nothing came of it, where that is known."""
    removed: str = ""
    """What was taken out of the request because people can't see it, as a sentence."""


def run_marker(run_id: str) -> str:
    """The first line of the sticky comment of a run."""
    return f"<!-- tdev:run {run_id} -->"


def answer_marker(key: str) -> str:
    """The first line of the answer to an act."""
    return f"<!-- tdev:answer {key} -->"


def steps_of(jobs: Iterable[dict[str, object]]) -> tuple[Step, ...]:
    """The checklist of a run, from its jobs as GitHub gives them: their steps, or the job where it has none yet.

    A job that was skipped is no step of this run.
    """
    found: list[Step] = []
    for job in jobs:
        if job.get("conclusion") == "skipped":
            continue
        steps = job.get("steps")
        page = str(job.get("html_url") or "")
        own = [_step(step, page) for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
        shown = [step for step in own if not step.name.startswith(_UNINTERESTING)]
        found += shown or [_step(job, page)]
    return tuple(found[:MOST_STEPS])


def _step(data: dict[str, object], page: str) -> Step:
    number = data.get("number")
    return Step(
        url=f"{page}#step:{number}:1" if page and number else page,
        name=str(data.get("name") or "?"),
        status=str(data.get("status") or "queued"),
        conclusion=str(data.get("conclusion") or ""),
    )


def sticky(view: View) -> str:
    """The comment of a run, without its marker."""
    return "\n".join(_sticky(view))


def _sticky(view: View) -> Iterator[str]:
    yield f"### T-Developer: {view.what} {state_words(view.status, view.conclusion)}"
    yield ""
    yield from (_line(step) for step in view.steps)
    if not view.steps and not view.conclusion:
        yield "- [ ] waiting for a runner"
    yield ""
    if view.removed:
        yield from (f"{view.removed} from the request.", "")
    if view.reason:
        yield from (
            f"{'Nothing was added' if view.result else 'No pull request'}: {inline(view.reason, limit=600)}",
            "",
        )
    if view.result is not None:
        yield from _result(view.result)
    elif view.conclusion == "success" and not view.reason:
        yield from ("There is no pull request; the log says why.", "")
    yield " · ".join(_footer(view))


def _line(step: Step) -> str:
    """A step as an item of the checklist."""
    state = step.conclusion or step.status
    box = "x" if step.status == "completed" and state in ("success", "neutral") else " "
    mark = _MARKS.get(state, "")
    log = f" [log]({step.url})" if state in _FAILED and step.url else ""
    return f"- [{box}] {inline(step.name, limit=100)}{'' if box == 'x' or not mark else ' ' + mark}{log}"


def _result(result: Result) -> Iterator[str]:
    yield f"**Pull request #{result.number}**: {result.url} from `{result.branch}`"
    yield ""
    if result.checks:
        yield "| check | outcome | |"
        yield "|---|---|---|"
        for check in result.checks:
            mark = _MARKS.get(check.conclusion, "⏳")
            yield f"| {inline(check.name)} | {mark} {inline(check.conclusion)} | {inline(check.title, limit=160)} |"
        yield ""


def _footer(view: View) -> Iterator[str]:
    yield f"Run `{view.run_id}`"
    if view.url:
        yield f"[log]({view.url})"
    yield f"asked for by `{view.actor}`"
    if view.cost:
        yield f"cost: {inline(view.cost)}"
    if not view.conclusion:
        yield "`/tdev stop` ends it"


def state_words(status: str, conclusion: str) -> str:
    """How a run stands, for people."""
    if conclusion:
        return _ENDINGS.get(conclusion, f"ended ({inline(conclusion, limit=40)})")
    return "is at work" if status == "in_progress" else "is waiting for its turn"


def help_text(unknown: str = "", nearest: Name | None = None) -> str:
    """The list of commands, after a word on what was not understood."""
    lines = []
    if unknown:
        guess = f" Did you mean `/tdev {nearest.value}`?" if nearest else ""
        lines += [f"There is no command {inline(unknown, limit=60)}.{guess}", ""]
    lines += ["| command | what it does |", "|---|---|"]
    lines += [f"| `/tdev {name.value}` | {meaning} |" for name, meaning in MEANINGS.items()]
    lines += ["", "A command stands at the start of a line. The labels `tdev:build` and `tdev:evolve` do the same."]
    return "\n".join(lines)


def explanation(result: Result) -> str:
    """What each check of a pull request says."""
    lines = [f"What the checks say of pull request #{result.number}:", ""]
    for check in result.checks:
        mark = _MARKS.get(check.conclusion, "⏳")
        page = f" ([page]({check.url}))" if check.url else ""
        lines.append(f"- {mark} **{inline(check.name)}**: {inline(check.title or check.conclusion)}{page}")
        if check.summary:
            lines.append(f"  {inline(check.summary, limit=500)}")
    return "\n".join(lines if result.checks else [*lines, "It has no checks yet."])

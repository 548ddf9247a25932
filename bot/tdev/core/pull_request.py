"""The pull request's title and body: what was asked, done, measured, left out, and what it cost.

stages/publish.py writes it to a file that is posted as it is; cli/summary.py reuses its figures for the terminal.
It must be honest at a glance: every check with its outcome, what was left out, and what it cost stand in the body.
All words that came from outside are quoted or cleaned by core/outbound.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, TaskState
from tdev.core.artifacts.summary import Summary
from tdev.core.artifacts.verdict import Verdict
from tdev.core.attempt_lines import attempt_lines
from tdev.core.counting import counted
from tdev.core.folded import page
from tdev.core.outbound import inline, plain, posted, quoted
from tdev.core.shown import place
from tdev.core.summary_markdown import summary_lines
from tdev.core.verdict_markdown import folded_parts, top_lines

_MOST_OF_GATES = 40_000
"""Characters of the body that the verdict may take, so that what it cost is still said below."""
_MOST_PLACES = 20


def title(goal: Goal) -> str:
    """Title of the pull request: one line in which nothing acts."""
    line = plain(goal.title) or "Improve what research finds"
    return line[:1].upper() + line[1:]


def marker(run_id: str) -> str:
    """The hidden line by which the pull request of a run is found again."""
    return f"<!-- tdev-run: {run_id} -->"


def on_github(text: str, run_id: str, number: int) -> str:
    """The body as it is posted: the marker and the issue it is part of first, so that no cut can take them away."""
    part = f"Part of #{number}\n\n" if number else ""
    return posted(f"{marker(run_id)}\n{part}{text}")


def added(run_id: str, patch: Patch) -> str:
    """The comment on a pull request whose branch got the commits of another run."""
    lines = [f"Run `{run_id}` added {counted(len(patch.commits), 'commit')} to this branch:", ""]
    lines += [f"- {commit.sha} {inline(commit.subject)}" for commit in patch.commits]
    return posted("\n".join(lines))


def body(
    goal: Goal,
    plan: Plan,
    patch: Patch,
    evaluation: Evaluation,
    verdict: Verdict,
    *,
    summary: Summary | None = None,
    questions_usd: float = 0.0,
    drafts: Mapping[str, str] | None = None,
) -> str:
    """Body of the pull request, Markdown; text from outside stands quoted and cleaned.

    `questions_usd` is what a model cost beside the attempts, in US dollars; `drafts` are texts of tests worth keeping,
    by file name.
    """
    return "\n".join(
        (
            *_to_review(verdict),
            *(summary_lines(summary, patch.attempts) if summary else ()),
            *_asked(goal),
            *_done(plan, patch),
            *_verdict(evaluation, verdict, drafts or {}),
            *_left_out(plan),
            *_plan(plan),
            *_attempts(patch),
            *_footer(goal, patch, evaluation, questions_usd),
        )
    )


def _to_review(verdict: Verdict) -> Iterator[str]:
    """What a person is asked to look at before anything else; nothing where the policy asks for no review."""
    places = verdict.to_review
    if not places:
        return
    yield "> [!WARNING]"
    yield "> **A draft: these places need the review of a person.** Mark it as ready when they are right."
    yield ">"
    for finding in places[:_MOST_PLACES]:
        yield f"> - {place(finding)}{inline(finding.rule)}: {inline(finding.message)}"
    if len(places) > _MOST_PLACES:
        yield f"> - and {len(places) - _MOST_PLACES} more, in verdict.json of the run"
    yield ""


def _asked(goal: Goal) -> Iterator[str]:
    yield "## What was asked"
    yield ""
    yield quoted(goal.text or goal.title)
    yield ""
    if goal.removed:
        yield f"{goal.removed} from the request, because people can't see it on the page."
        yield ""


def _done(plan: Plan, patch: Patch) -> Iterator[str]:
    yield "## What was done"
    yield ""
    titles = {task.id: task.title for task in plan.tasks}
    for commit in patch.commits:
        yield f"- `{commit.sha[:10]}` {inline(titles.get(commit.task, commit.subject))} ({commit.task})"
    added, removed = sum(file.added for file in patch.files), sum(file.removed for file in patch.files)
    yield ""
    files = counted(len(patch.files), "file")
    yield f"{files}, +{added} −{removed} lines, by `{patch.engine}` ({patch.engine_version})."
    yield ""


def _verdict(evaluation: Evaluation, verdict: Verdict, drafts: Mapping[str, str]) -> Iterator[str]:
    """The verdict in three lines and what stands behind them, folded."""
    yield "## Gates"
    yield ""
    yield page(top_lines(verdict, evaluation), folded_parts(verdict, evaluation, drafts), _MOST_OF_GATES)


def _left_out(plan: Plan) -> Iterator[str]:
    failed = [task for task in plan.tasks if task.state in (TaskState.FAILED, TaskState.DROPPED)]
    if not plan.not_done and not failed:
        return
    yield "## What was not done"
    yield ""
    reasons = dict.fromkeys((*plan.not_done, *(f"{task.title}: {task.reason}" for task in failed)))
    for reason in reasons:
        yield f"- {inline(reason)}"
    yield ""


def _plan(plan: Plan) -> Iterator[str]:
    if plan.mermaid:
        yield from ("<details><summary>Plan</summary>", "", "```mermaid", plan.mermaid.strip(), "```", "", "</details>")
        yield ""


def _attempts(patch: Patch) -> Iterator[str]:
    """What was tried, kept or not."""
    if patch.attempts:
        yield from ("<details><summary>Attempts</summary>", "")
        yield from (f"- {inline(line)}" for line in attempt_lines(patch.attempts))
        yield from ("", "</details>", "")


def _footer(goal: Goal, patch: Patch, evaluation: Evaluation, questions_usd: float) -> Iterator[str]:
    yield "---"
    seconds = sum(attempt.seconds for attempt in patch.attempts)
    usd = patch.cost_usd + questions_usd
    cost = f"{usd:.4f} USD" if usd else "no model was used"
    yield (
        f"Run `{goal.run_id}`, goal `{goal.goal_id}`, engine `{goal.engine}` ({goal.engine_reason}); "
        f"cost: {cost}; {counted(len(patch.attempts), 'attempt')} in {seconds:.1f} s; "
        f"base `{evaluation.before.sha[:10]}`, head `{patch.head_sha[:10]}`."
    )

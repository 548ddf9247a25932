"""finish_run: a run went on or ended: the checklist is brought up to date, at the end with result, cost and links.

In goes a run of ours; out comes its sticky comment, made from what GitHub says now and not from what an event said,
for events come late, twice and out of order. Doing it again changes nothing.
The pull request is one of a bot's, from a `tdev/auto/*` branch of the repository itself, that names our run. Cost
and the reason why there is none are read from the run directory that the workflow uploaded as `tdev-run`, else from
what our command said last in the log of the job that failed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tdev.adapters import github, run_ledger
from tdev.adapters.github_artifacts import kept_files, last_words
from tdev.adapters.github_http import GitHubRefusal
from tdev.adapters.run_ledger import Run
from tdev.core import comment, kept_run
from tdev.core.comment import Check, Result, View
from tdev.core.intent import RunReport
from tdev.core.pull_request import marker
from tdev.core.run import BRANCH_PREFIX
from tdev.flows.bot import Bot
from tdev.flows.start_run import show, view_of

ARTIFACT = "tdev-run"
"""What the names of the artifacts begin with that hold a run directory."""
_OWN_CHECKS = "tdev/"


async def finish_run(bot: Bot, report: RunReport) -> str:
    """Follow the run that a report is about, and say how it stands; reports of others' runs are nothing to us."""
    run = await run_ledger.by_workflow_run(bot.inbox, report.place.repository_id, report.workflow_run_id)
    if run is None:
        return "no run of ours"
    run = await follow(bot, run)
    return f"run {run.run_id} is {run.conclusion or run.state}"


async def follow(bot: Bot, run: Run) -> Run:
    """Ask how a run stands, show it, and write down its end; the run as it is then."""
    client = bot.dispatcher(run.request.place)
    try:
        state = await github.read_run(client, run.workflow_run_id)
        jobs = await github.jobs_of(client, run.workflow_run_id)
    except GitHubRefusal as refusal:
        if refusal.status != 404:
            raise
        return await _vanished(bot, run)
    view = replace(
        view_of(run),
        status=str(state.get("status") or ""),
        url=str(state.get("html_url") or ""),
        steps=comment.steps_of(jobs),
    )
    if view.status != "completed":
        return await show(bot, replace(view, conclusion=""), run)
    conclusion = str(state.get("conclusion") or "failure")
    run = await show(bot, await _ended(bot, run, replace(view, conclusion=conclusion), jobs), run)
    return await run_ledger.change(bot.inbox, run, bot.clock(), state="ended", conclusion=conclusion)


async def _vanished(bot: Bot, run: Run) -> Run:
    """Somebody removed the workflow run, so nothing more can be known."""
    reason = "The workflow run is gone from GitHub; somebody removed it."
    run = await run_ledger.change(bot.inbox, run, bot.clock(), state="ended", conclusion="vanished")
    return await show(bot, view_of(run, reason=reason), run)


async def _ended(bot: Bot, run: Run, view: View, jobs: list[dict[str, Any]]) -> View:
    """The view of a run that has ended: its pull request, what it cost, or why nothing came of it."""
    client = bot.dispatcher(run.request.place)
    kept = kept_run.kept_of(await kept_files(client, run.workflow_run_id, ARTIFACT, kept_run.WANTED))
    result = None if run.job.plan_only else await result_of(bot, run)
    failed = next((job for job in jobs if job.get("conclusion") == "failure"), None)
    reason = kept.reason
    if failed and not reason:
        reason = await last_words(client, int(failed["id"]))
    return replace(view, result=result, cost=kept.cost, reason=reason)


async def result_of(bot: Bot, run: Run) -> Result | None:
    """The pull request that a run opened or added to, with our checks of it; None when there is none."""
    client = bot.reader(run.request.place)
    login = await bot.hub.login()
    if run.job.branch:
        pull = await github.pull_of_branch(client, run.job.branch)
    else:
        pulls = await github.recent_pulls(client)
        pull = next((pull for pull in pulls if _is_of(pull, run, login)), None)
    if pull is None:
        return None
    checks = await github.checks_of(client, str(pull["head"]["sha"]))
    return Result(
        number=int(pull["number"]),
        url=str(pull["html_url"]),
        branch=str(pull["head"]["ref"]),
        checks=tuple(_check(check) for check in checks if str(check.get("name")).startswith(_OWN_CHECKS)),
    )


def _is_of(pull: dict[str, Any], run: Run, login: str) -> bool:
    """The pull request is the one that the run opened."""
    head = pull["head"]
    return (
        str(head["ref"]).startswith(BRANCH_PREFIX)
        and (head.get("repo") or {}).get("full_name") == run.request.place.repository
        and (pull.get("user") or {}).get("login") in (login, "github-actions[bot]")
        and marker(run.run_id) in str(pull.get("body") or "").splitlines()
    )


def _check(data: dict[str, Any]) -> Check:
    output = data.get("output") or {}
    return Check(
        name=str(data.get("name") or "?"),
        conclusion=str(data.get("conclusion") or data.get("status") or "queued"),
        title=str(output.get("title") or ""),
        url=str(data.get("html_url") or ""),
        summary=str(output.get("summary") or ""),
    )

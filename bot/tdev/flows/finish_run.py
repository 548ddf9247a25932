"""finish_run: a run went on or ended: the checklist is brought up to date, at the end with result, cost and links.

In goes a run of ours; out comes its sticky comment, made from what GitHub says now and not from what an event said,
for events come late, twice and out of order. Doing it again changes nothing.
The pull request is one of a bot's, from a `tdev/auto/*` branch of the repository itself, that names our run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tdev.adapters import github, run_ledger
from tdev.adapters.run_ledger import Run
from tdev.core import comment
from tdev.core.comment import Check, Result
from tdev.core.intent import RunReport
from tdev.core.run import BRANCH_PREFIX
from tdev.flows.bot import Bot
from tdev.flows.start_run import show, view_of


async def finish_run(bot: Bot, report: RunReport) -> None:
    """Follow the run that a report is about; reports of others' runs are nothing to us."""
    run = await run_ledger.by_workflow_run(bot.inbox, report.place.repository_id, report.workflow_run_id)
    if run is not None:
        await follow(bot, run)


async def follow(bot: Bot, run: Run) -> None:
    """Ask how a run stands, show it, and write down its end."""
    client = bot.dispatcher(run.request.place)
    state = await github.read_run(client, run.workflow_run_id)
    ended = state.get("status") == "completed"
    conclusion = str(state.get("conclusion") or "failure") if ended else ""
    view = replace(
        view_of(run),
        status=str(state.get("status") or ""),
        conclusion=conclusion,
        url=str(state.get("html_url") or ""),
        steps=comment.steps_of(await github.jobs_of(client, run.workflow_run_id)),
        result=await result_of(bot, run) if ended else None,
    )
    await show(bot, view, run)
    if ended:
        await run_ledger.change(bot.inbox, run, bot.clock(), state="ended", conclusion=conclusion)


async def result_of(bot: Bot, run: Run) -> Result | None:
    """The pull request that a run opened or added to, with its checks; None when there is none."""
    client = bot.reader(run.request.place)
    if run.job.branch:
        pull = await github.pull_of_branch(client, run.job.branch)
    else:
        pulls = await github.recent_pulls(client)
        pull = next((pull for pull in pulls if _is_of(pull, run)), None)
    if pull is None:
        return None
    checks = await github.checks_of(client, str(pull["head"]["sha"]))
    return Result(
        number=int(pull["number"]),
        url=str(pull["html_url"]),
        branch=str(pull["head"]["ref"]),
        checks=tuple(_check(check) for check in checks),
    )


def _is_of(pull: dict[str, Any], run: Run) -> bool:
    """The pull request is the one that the run opened."""
    head = pull["head"]
    return (
        str(head["ref"]).startswith(BRANCH_PREFIX)
        and (head.get("repo") or {}).get("full_name") == run.request.place.repository
        and (pull.get("user") or {}).get("type") == "Bot"
        and run.run_id in str(pull.get("body") or "")
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

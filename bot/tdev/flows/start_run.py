"""start_run: a request becomes a run: written down, shown in a sticky comment, dispatched to the workflow.

In goes a Request of an authorised person; out comes a workflow run on GitHub, or an answer that says why not.
Each step looks first whether it was done before: the ledger by the act's key, the comment by its marker, the workflow
run by our run id in its name. So a kill between two steps, and any number of deliveries, double nothing.
The workflow file is always the default branch's; a pull request can't bring its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tdev.adapters import github, run_ledger
from tdev.adapters.github_http import GitHubRefusal
from tdev.adapters.run_ledger import HOUR, Job, Run
from tdev.core import comment
from tdev.core.command import Name
from tdev.core.intent import MOST_TEXT, Request
from tdev.core.run import BRANCH_PREFIX
from tdev.errors import Refused, TransientError
from tdev.flows.bot import Bot, say

_LOOKS = 3


async def start_run(bot: Bot, request: Request, received_at: float) -> str:
    """Begin the run of a request, or go on beginning it; what became of it."""
    run = await run_ledger.by_key(bot.inbox, request.key)
    if run is None:
        try:
            job = await _job(bot, request)
            await _check_limits(bot, request, job)
        except GitHubRefusal:
            raise
        except Refused as refusal:
            await say(bot, request, str(refusal))
            return f"refused: {refusal.message}"
        run_id = run_ledger.run_id_of(request.key, received_at)
        begun = Run(run_id=run_id, request=request, job=job, state="starting")
        run = await run_ledger.begin(bot.inbox, begun, bot.clock())
    run = await carry_on(bot, run)
    return f"run {run.run_id} is {run.conclusion or run.state}, workflow run {run.workflow_run_id}"


async def carry_on(bot: Bot, run: Run) -> Run:
    """Do whatever of the beginning of a run is not done yet; the run as it is then."""
    if run.state not in ("starting", "dispatching"):
        return run
    run = await show(bot, view_of(run), run)
    try:
        return await _dispatched(bot, run)
    except GitHubRefusal as refusal:
        reason = f"The workflow {bot.settings.workflow} could not be started. {refusal}"
        run = await run_ledger.change(bot.inbox, run, bot.clock(), state="ended", conclusion="not-started")
        return await show(bot, view_of(run, reason=reason), run)


async def show(bot: Bot, view: comment.View, run: Run) -> Run:
    """Create the sticky comment of a run, or bring it up to date; nothing is asked where it says that already."""
    text = comment.sticky(view)
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    if digest == run.shown:
        return run
    marker = comment.run_marker(run.run_id)
    client = bot.talker(run.request.place)
    standing = run.comment_id
    if not standing or not await github.change_comment(client, standing, marker, text):
        standing = await github.put_comment(client, run.request.number, marker, text)
    return await run_ledger.said(bot.inbox, run, standing, digest)


def view_of(run: Run, *, reason: str = "") -> comment.View:
    """What is known of a run without asking GitHub."""
    return comment.View(
        run_id=run.run_id,
        what="plan" if run.job.plan_only else run.job.kind,
        actor=run.request.actor,
        conclusion=run.conclusion,
        reason=reason,
        removed=run.request.removed,
    )


async def look_again(bot: Bot, run: Run) -> Run:
    """The run with its workflow run, if it was dispatched and nobody could write that down."""
    found = await _look(bot, run, _LOOKS)
    return (
        await run_ledger.change(bot.inbox, run, bot.clock(), state="running", workflow_run_id=found) if found else run
    )


async def _dispatched(bot: Bot, run: Run) -> Run:
    """The run with the id of its workflow run, which is started unless it was before."""
    client = bot.dispatcher(run.request.place)
    found = await _look(bot, run, _LOOKS) if run.state == "dispatching" else 0
    if not found:
        run = await run_ledger.change(bot.inbox, run, bot.clock(), state="dispatching")
        ref = run.request.place.default_branch
        found = await github.dispatch(client, bot.settings.workflow, ref, inputs_of(run))
    found = found or await _look(bot, run, _LOOKS)
    if not found:
        raise TransientError(f"The workflow run of {run.run_id} can't be found yet.")
    return await run_ledger.change(bot.inbox, run, bot.clock(), state="running", workflow_run_id=found)


async def _look(bot: Bot, run: Run, times: int) -> int:
    """Id of the workflow run that bears our run id; 0 when it does not turn up within some seconds."""
    client = bot.dispatcher(run.request.place)
    for look in range(times):
        if look:
            await bot.sleep(1.0)
        found = await github.find_run(client, bot.settings.workflow, run.run_id)
        if found:
            return found
    return 0


def inputs_of(run: Run) -> dict[str, str]:
    """The inputs of the workflow; docs/bot.md lists them."""
    return {
        "run_id": run.run_id,
        "kind": run.job.kind,
        "goal": run.job.goal,
        "base": run.job.base or run.request.place.default_branch,
        "branch": run.job.branch,
        "plan_only": "true" if run.job.plan_only else "false",
        "number": str(run.request.number),
        "requested_by": run.request.actor,
    }


async def _job(bot: Bot, request: Request) -> Job:
    """What is to be done; raises Refused with a sentence for the person when it can't."""
    if request.name in (Name.RETRY, Name.ANSWER):
        return await _again(bot, request)
    build = request.name is Name.BUILD or (
        request.name is Name.PLAN and request.labelled_build and request.text == request.issue_text
    )
    if not request.is_pull_request:
        return Job(kind="build" if build else "evolve", goal=request.text, plan_only=request.name is Name.PLAN)
    if build:
        raise Refused("A service is built from an issue, not from a pull request.", next_step="Open an issue for it.")
    head = head_of(await github.read_pull(bot.reader(request.place), request.number), request.place.repository)
    return Job(
        kind="evolve",
        goal=request.text if request.comment_id else "",
        base=head,
        branch=head if head.startswith(BRANCH_PREFIX) else "",
        plan_only=request.name is Name.PLAN,
    )


async def _again(bot: Bot, request: Request) -> Job:
    """The last run's job, with the answers where there are some."""
    last = await run_ledger.last_of(bot.inbox, request.place.repository_id, request.number)
    if last is None:
        raise Refused("There was no run here yet.", next_step="`/tdev help` shows how to start one.")
    if request.name is Name.RETRY:
        return last.job
    if not request.text:
        raise Refused("That answer is empty.", next_step="Write the answers below `/tdev answer`, in the same comment.")
    return last.job.model_copy(update={"goal": f"{last.job.goal}\n\n{request.text}".strip()})


def head_of(pull: Mapping[str, Any], repository: str) -> str:
    """Head branch of a pull request; raises Refused where we can't push."""
    if pull.get("state") != "open":
        raise Refused("This pull request is closed.", next_step="Reopen it, or ask on an issue.")
    if (pull["head"].get("repo") or {}).get("full_name") != repository:
        raise Refused(
            "The branch of this pull request is in another repository, where T-Developer can't write.",
            next_step="Push it to a branch of this repository.",
        )
    return str(pull["head"]["ref"])


async def _check_limits(bot: Bot, request: Request, job: Job) -> None:
    """Raises Refused when the request is too long, one is at work already, or there were too many."""
    size = len(job.goal.encode())
    if size > MOST_TEXT:
        raise Refused(f"The request is {size:,} bytes long; at most {MOST_TEXT:,} fit.", next_step="Shorten it.")
    repository = request.place.repository_id
    last = await run_ledger.last_of(bot.inbox, repository, request.number)
    if last is not None and not last.ended:
        raise Refused(
            f"Run `{last.run_id}` is at work here already.", next_step="Wait for its end, or say `/tdev stop` first."
        )
    begun = await run_ledger.begun_since(bot.inbox, repository, bot.clock() - HOUR)
    if begun >= bot.settings.runs_per_hour:
        raise Refused(f"{begun} runs were begun here within the last hour, as many as are allowed.", next_step="Later.")

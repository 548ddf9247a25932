"""control_run: status, stop, explain and help, each answered by one comment.

In goes a Request of an authorised person about the last run of an issue; out comes an answer below it, found by its
marker when the step is done again. `stop` asks GitHub to cancel the workflow run; its end is reported by finish_run.
"""

from __future__ import annotations

from tdev.adapters import github, run_ledger
from tdev.adapters.run_ledger import Run
from tdev.core import comment
from tdev.core.command import Name
from tdev.core.intent import Request
from tdev.flows.bot import Bot, say
from tdev.flows.finish_run import follow, result_of
from tdev.flows.start_run import look_again, show, view_of

_NO_RUN = "There was no run here yet. `/tdev help` shows how to start one."


async def control_run(bot: Bot, request: Request, received_at: float) -> str:
    """Answer a command about the last run; what became of it."""
    if request.name is Name.HELP:
        await say(bot, request, comment.help_text(request.unknown, request.nearest))
        return "answered with help"
    run = await run_ledger.last_of(bot.inbox, request.place.repository_id, request.number)
    if run is None:
        await say(bot, request, _NO_RUN)
        return "answered: no run"
    text = {Name.STATUS: _status, Name.STOP: _stop, Name.EXPLAIN: _explain}[request.name]
    await say(bot, request, await text(bot, run))
    return f"answered about run {run.run_id}"


async def _status(bot: Bot, run: Run) -> str:
    """How the run stands, after its sticky comment was brought up to date."""
    if run.workflow_run_id:
        await follow(bot, run)
        run = await run_ledger.by_key(bot.inbox, run.request.key) or run
    state = "in_progress" if run.state == "running" else "queued"
    return f"Run `{run.run_id}` {comment.state_words(state, run.conclusion)}; its comment above has the details."


async def _stop(bot: Bot, run: Run) -> str:
    """Stop the run, if there is something to stop."""
    if run.ended:
        return f"Run `{run.run_id}` has ended already; there is nothing to stop."
    if run.state == "dispatching":
        run = await look_again(bot, run)
    if not run.workflow_run_id:
        run = await run_ledger.change(bot.inbox, run, bot.clock(), state="ended", conclusion="cancelled")
        await show(bot, view_of(run), run)
        return f"Run `{run.run_id}` had not begun and will not."
    if await github.cancel(bot.dispatcher(run.request.place), run.workflow_run_id):
        return f"Run `{run.run_id}` is being stopped."
    await follow(bot, run)
    return f"Run `{run.run_id}` ended just now; there is nothing to stop."


async def _explain(bot: Bot, run: Run) -> str:
    """What the checks of the run's pull request say."""
    result = await result_of(bot, run)
    if result is None:
        return f"Run `{run.run_id}` has no pull request, so there is nothing to explain; its log says what happened."
    return comment.explanation(result)

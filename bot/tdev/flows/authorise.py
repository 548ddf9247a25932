"""Who may command the bot: people with write access to the repository; others get one polite answer.

In goes a request, out comes yes or no. GitHub is asked each time, as rights change; a right that can't be read is none.
The answer is one per person and issue, so that nobody can make the bot fill a page.
"""

from __future__ import annotations

from tdev.adapters import github
from tdev.core.comment import answer_marker
from tdev.core.intent import Request, act
from tdev.core.outbound import inline
from tdev.flows.bot import Bot


async def authorised(bot: Bot, request: Request) -> bool:
    """True when the person may; else they were told so."""
    client = bot.talker(request.place)
    if await github.may_write(client, request.actor):
        return True
    marker = answer_marker(act("refused", request.actor))
    text = (
        f"Thank you, {inline(request.actor)}. Only people with write access to this repository can start T-Developer; "
        "please ask one of them to."
    )
    await github.put_comment(client, request.number, marker, text)
    return False

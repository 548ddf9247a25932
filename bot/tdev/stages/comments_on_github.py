"""Comments that the model left in the run's outbox, posted where the goal was asked; each once, quoted, a few at most.

Comes in: the run directory that another job uploaded. What is in the outbox is a stranger's text (core/outbox.py).
"""

from __future__ import annotations

from tdev.adapters import github
from tdev.adapters.github_publish import Access
from tdev.adapters.run_dir import RunDir
from tdev.core import outbound
from tdev.core.outbox import MOST_BYTES, OUTBOX_FILE, queued


async def post_comments(run: RunDir, there: Access) -> int:
    """Post what waits in the outbox; how many comments there are now. Nothing for a goal not asked on GitHub."""
    file = run.path / OUTBOX_FILE
    if not run.goal.number or file.is_symlink() or not file.is_file():
        return 0
    with file.open("rb") as opened:
        comments = queued(opened.read(MOST_BYTES), _origins(run))
    for number, text in enumerate(comments, 1):
        marker = f"<!-- tdev-comment: {run.goal.run_id}-{number} -->"
        await github.put_comment(there.client, run.goal.number, marker, outbound.posted(text))
    return len(comments)


def _origins(run: RunDir) -> tuple[str, ...]:
    """Where links may lead: to GitHub, and to the hosts that the policy names, encrypted."""
    return (run.settings.actions.server_url, *(f"https://{host}" for host in run.policy.links))

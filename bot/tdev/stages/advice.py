"""Advice of a small model on what failed, put before what is told the next attempt, where the policy asks for it.

Called by attempts.py. Comes in: the ranked failures of an attempt. Goes out: the same with a few lines above them, and
what they cost. It is only a help: without an answer the failures go back as they are.
"""

from __future__ import annotations

from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TransientError
from tdev.stages.code_progress import Shop


def advised(shop: Shop, feedback: str, usd: float) -> tuple[str, float]:
    """The feedback with advice above it, and what that cost of the `usd` that are left, in US dollars."""
    if not (shop.policy.retries.triage and shop.engine.name == "claude" and feedback and usd > 0):
        return feedback, 0.0
    from tdev.engines.claude.triage import triage

    try:
        advice, work = triage(shop.run.settings, shop.policy, (feedback,), usd)
    except (BudgetExceeded, ConfigurationError, Refused, TransientError) as error:
        shop.run.emit("tdev.task.progress", f"no advice on what failed: {error.message}")
        return feedback, error.cost_usd
    return f"{advice}\n\n{feedback}", work.cost_usd

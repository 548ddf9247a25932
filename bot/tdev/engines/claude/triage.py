"""What a failed attempt has to change, in a few lines: a cheap question to the smaller model about the gates' findings.

Called by the code stage where the policy says `retries.triage`. It is only a help: without it the findings themselves
go back to the session. The answer is a model's word about hostile text, so it is cleaned, capped, and marked as data
where it goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from tdev.core.untrusted import clean, marked_block
from tdev.engines.claude.direct import Question, ask, line
from tdev.engines.engine import Work
from tdev.errors import TransientError
from tdev.policy.model import Policy
from tdev.prompts import library
from tdev.settings import Settings

FINDING_BYTES = 24_000
"""Most bytes of findings that are asked about."""
ANSWER_BYTES = 2_000
"""Most bytes of the answer that are kept."""
_TOKENS = 600
_SECONDS = 90.0
_MOST_USD = 0.25
"""The question is not worth more."""


def triage(
    settings: Settings,
    policy: Policy,
    findings: Sequence[str],
    usd_left: float,
    *,
    ledger: Path | None = None,
    on_record: float = 0.0,
) -> tuple[str, Work]:
    """At most a few lines of advice, and what they cost; asked of the policy's fallback, which is the smaller model.

    With a `ledger`, the task's own, the cost is told by the next try when this one is killed; `on_record` is what the
    run has of it.
    Raises TdevError when there is no answer; its `cost_usd` says what was spent.
    """
    small = policy.model.model_copy(update={"name": policy.model.fallback or policy.model.name})
    shown = clean("\n".join(f"- {finding}" for finding in findings), FINDING_BYTES)
    question = Question(
        system=library.system("triage"),
        turns=(marked_block(shown, secrets.token_hex(16)),),
        seconds=_SECONDS,
        tokens=_TOKENS,
    )
    with line(settings, small, min(usd_left, _MOST_USD), ledger, on_record) as way:
        advice = clean(ask(way, question).text, ANSWER_BYTES).strip()
        if not advice:
            raise TransientError("The model said nothing about the findings.")
    return advice, way.work("advice on what failed")

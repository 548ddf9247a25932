"""A requirement becomes a Spec by structured output: the model fills the schema, the same model class checks it.

Called by the spec stage when the run's engine is claude. It is a question without tools and files (direct.py), so a
requirement can't make the model read or write anything.

An answer that Spec rejects goes back once with the reasons (validated.py). The prompt is prompts/parts/spec.md.
"""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

from tdev.core.answers import taken
from tdev.core.artifacts.spec import Spec
from tdev.core.untrusted import clean, marked_block
from tdev.engines.claude.direct import Question, line
from tdev.engines.claude.validated import ask_valid
from tdev.engines.engine import Work
from tdev.policy.model import Policy
from tdev.prompts import library
from tdev.settings import Settings

_NEXT_STEP = "Try again, or write the requirement in the form that docs/requirements.md shows."


def spec_from_requirement(
    settings: Settings,
    policy: Policy,
    requirement: str,
    usd_left: float,
    *,
    ledger: Path | None = None,
    on_record: float = 0.0,
) -> tuple[dict[str, object], Work]:
    """The specification as JSON values that Spec accepts, and what it cost.

    The model sees the requirement alone and has no tools. An answer that Spec rejects goes back once with the reasons.
    With a `ledger`, the cost of a try that was killed is reported by the next; `on_record` is what the run has of it.
    Raises ConfigurationError, BudgetExceeded, Refused as the engine does, TransientError when no answer is valid; their
    `cost_usd` says what was spent.
    """
    turn = marked_block(clean(requirement, policy.limits.requirement_bytes), secrets.token_hex(16))
    question = Question(library.system("spec"), (turn,), answer_schema(), policy.limits.tool_seconds)
    with line(settings, policy.model, usd_left, ledger, on_record) as way:
        spec = ask_valid(way, question, partial(taken, Spec), what="specification", next_step=_NEXT_STEP)
    return spec.model_dump(mode="json"), way.work(f"{len(spec.resources)} resources from the text")


def answer_schema() -> dict[str, object]:
    """The JSON Schema that the model's answer is held to; Spec has the last word whatever that finds."""
    return Spec.model_json_schema()

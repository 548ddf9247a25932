"""A requirement becomes a Spec by structured output: the model fills the schema, the same model class checks it.

Called by the spec stage when the run's engine is claude. It is a question without tools and files (direct.py), so a
requirement can't make the model read or write anything.

The schema is sent to guide the model, but it can't express all rules of Spec; validation by the class decides, and its
reasons go back once, in the same conversation. The prompt is prompts/parts/spec.md.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import ValidationError

from tdev.core.artifacts.spec import Spec
from tdev.core.untrusted import clean, marked_block
from tdev.engines.claude.direct import Line, Question, ask, line
from tdev.engines.engine import Work
from tdev.errors import TransientError
from tdev.policy.model import Policy
from tdev.prompts import library
from tdev.settings import Settings

_TRIES = 2


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
    with line(settings, policy.model, usd_left, ledger, on_record) as way:
        spec = _spec(way, policy, requirement)
    return spec.model_dump(mode="json"), way.work(f"{len(spec.resources)} resources from the text")


def _spec(way: Line, policy: Policy, requirement: str) -> Spec:
    """The first answer that is valid."""
    boundary = secrets.token_hex(16)
    turns = [marked_block(clean(requirement, policy.limits.requirement_bytes), boundary)]
    for _ in range(_TRIES):
        answer = ask(way, Question(library.system("spec"), turns, answer_schema(), policy.limits.tool_seconds))
        try:
            return Spec.model_validate(answer.values)
        except ValidationError as error:
            reasons = _reasons(error)
            turns += [answer.text, f"Your last answer was not valid. Mend exactly this:\n{reasons}"]
    raise TransientError(
        f"The model gave no valid specification in {_TRIES} tries.\n{reasons}",
        next_step="Try again, or write the requirement in the form that docs/requirements.md shows.",
    )


def answer_schema() -> dict[str, object]:
    """The JSON Schema that the model's answer is held to; Spec has the last word whatever that finds."""
    return Spec.model_json_schema()


def _reasons(error: ValidationError) -> str:
    """The first reasons, one per line, without the values (they are the model's own words)."""
    lines = []
    for item in error.errors(include_url=False, include_input=False)[:10]:
        place = ".".join(str(part) for part in item["loc"]) or "the whole answer"
        lines.append(f"- {place}: {item['msg']}")
    return "\n".join(lines)

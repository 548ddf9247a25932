"""A requirement becomes a Spec by structured output: the model fills the schema, the same model class checks it.

Called by the spec stage when the run's engine is claude. The session has no tools and an empty
folder, so a requirement can't make it read or write anything.

The schema is sent to guide the model, but it can't express all rules of Spec; validation by the
class decides, and its reasons go back once. The prompt is in prompts/spec.md.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from tdev.adapters.files import explained
from tdev.core.artifacts.spec import Spec
from tdev.core.untrusted import clean, marked_block
from tdev.engines.claude.endings import work_of
from tdev.engines.claude.options import credential
from tdev.engines.claude.prompt import template
from tdev.engines.claude.session import IDLE_SECONDS, hold, progress_file
from tdev.engines.claude.talk import Ending, Talk
from tdev.engines.engine import Work
from tdev.errors import BudgetExceeded, TdevError, TransientError
from tdev.policy.model import Policy
from tdev.settings import Settings

_TURNS = 8
_TRIES = 2


def spec_from_requirement(
    settings: Settings, policy: Policy, requirement: str, usd_left: float
) -> tuple[dict[str, object], Work]:
    """The specification as JSON values that Spec accepts, and what it cost.

    The model sees the requirement alone and has no tools. An answer that Spec rejects goes back once with the reasons.
    Raises ConfigurationError, BudgetExceeded, Refused as the engine does, TransientError when no answer is valid; their
    `cost_usd` says what was spent.
    """
    name, _ = credential(settings)
    boundary = secrets.token_hex(16)
    prompt = marked_block(clean(requirement, policy.limits.requirement_bytes), boundary)
    total = Work(summary="")
    reason = ""
    for _ in range(_TRIES):
        if usd_left - total.cost_usd <= 0:
            raise _costing(
                BudgetExceeded("The run's model budget is used up.", next_step="Give more with --usd."), total
            )
        ending, work = _ask(settings, policy, f"{prompt}{reason}", usd_left - total.cost_usd, name, total)
        total = _sum(total, work)
        try:
            spec = Spec.model_validate(ending.answer)
        except ValidationError as error:
            reason = f"\n\nYour last answer was not valid. Mend exactly this:\n{_reasons(error)}"
            continue
        return spec.model_dump(mode="json"), replace(total, summary=f"{len(spec.resources)} resources from the text")
    raise _costing(
        TransientError(
            f"The model gave no valid specification in {_TRIES} tries.{reason.partition('this:')[2]}",
            next_step="Try again, or write the requirement in the form that docs/requirements.md shows.",
        ),
        total,
    )


def answer_schema() -> dict[str, object]:
    """The JSON Schema that Claude Code holds the answer to; Spec has the last word whatever that finds."""
    return Spec.model_json_schema()


def _ask(
    settings: Settings, policy: Policy, prompt: str, usd: float, credential_name: str, before: Work
) -> tuple[Ending, Work]:
    """One session in an empty folder."""
    with explained(settings.work):
        settings.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="spec-", dir=settings.work) as scratch:
        home = Path(scratch, "home")
        empty = Path(scratch, "empty")
        empty.mkdir()
        talk = Talk(
            cwd=str(empty),
            prompt=prompt,
            system_prompt=template("spec"),
            tools=(),
            model=policy.model.name,
            fallback=policy.model.fallback,
            turns=_TURNS,
            usd=usd,
            seconds=policy.limits.tool_seconds,
            idle_seconds=min(IDLE_SECONDS, policy.limits.tool_seconds),
            answer_schema=answer_schema(),
            progress=progress_file(home),
        )
        ending = hold(settings, home, talk, lambda _line: None)
    try:
        return ending, work_of(ending, talk, credential_name)
    except TdevError as error:
        error.cost_usd += before.cost_usd
        raise


def _costing(error: TdevError, work: Work) -> TdevError:
    error.cost_usd = work.cost_usd
    return error


def _sum(first: Work, second: Work) -> Work:
    return Work(
        summary=second.summary,
        cost_usd=first.cost_usd + second.cost_usd,
        input_tokens=first.input_tokens + second.input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        turns=first.turns + second.turns,
        session=second.session,
    )


def _reasons(error: ValidationError) -> str:
    """The first reasons, one per line, without the values (they are the model's own words)."""
    lines = []
    for item in error.errors(include_url=False, include_input=False)[:10]:
        place = ".".join(str(part) for part in item["loc"]) or "the whole answer"
        lines.append(f"- {place}: {item['msg']}")
    return "\n".join(lines)

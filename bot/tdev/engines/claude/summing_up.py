"""The finished change is summed up by the model in named parts: from the difference, and from what the sessions said.

Called by the loop's last step (stages/summing_up.py) where the policy says `model.summary: structured`. It is a
question without tools and files (direct.py). All that it is shown was written by others or by the model itself, and
stands in one marked block. The prompt is prompts/parts/summary.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tdev.core.artifacts.summary import ChangeSummary
from tdev.core.redaction import redact
from tdev.core.summary_answer import summary_from_answer
from tdev.core.untrusted import clean, marked_sections
from tdev.engines.claude.direct import Question, line
from tdev.engines.claude.validated import ask_valid
from tdev.engines.engine import Work
from tdev.policy.model import Policy
from tdev.prompts import library
from tdev.settings import Settings

DIFF_BYTES = 60_000
"""Most bytes of the difference that are shown."""
MOST_USD = 0.5
"""The question is not worth more."""
_REQUEST_BYTES = 8_000
_WORDS_BYTES = 2_000
_FILES_BYTES = 8_000
_MOST_SESSIONS = 20
_TOKENS = 3_000
_NEXT_STEP = "The change is finished without it."


@dataclass(frozen=True)
class Finished:
    """A change that is done; untrusted throughout."""

    request: str
    """What was asked."""
    files: Sequence[str]
    """Paths that it touches."""
    words: Sequence[str]
    """What the sessions said at their end, oldest first."""
    diff: str
    """The difference, unified."""


def sum_up(
    settings: Settings,
    policy: Policy,
    finished: Finished,
    usd_left: float,
    seconds: float,
    *,
    ledger: Path | None = None,
    on_record: float = 0.0,
) -> tuple[ChangeSummary, Work]:
    """The model's summary of the change, and what it cost; at most MOST_USD, and `seconds` for each answer.

    An answer that does not hold goes back once with the reasons. With a `ledger`, the cost of a try that was killed is
    reported by the next; `on_record` is what the run has of it, in US dollars.
    Raises ConfigurationError, BudgetExceeded, Refused as the engine does, TransientError when no answer is valid; their
    `cost_usd` says what was spent.
    """
    turn = _turn(finished, secrets.token_hex(16))
    schema = ChangeSummary.model_json_schema()
    question = Question(library.system("summary"), (turn,), schema, seconds, _TOKENS)
    with line(settings, policy.model, min(usd_left, MOST_USD), ledger, on_record) as way:
        check = partial(summary_from_answer, changed=frozenset(finished.files))
        told = ask_valid(way, question, check, what="summary", next_step=_NEXT_STEP)
    return told, way.work("summary of the change")


def _turn(finished: Finished, boundary: str) -> str:
    """The message: the data, the difference last."""
    words = (f"- {clean(redact(said), _WORDS_BYTES).strip()}" for said in finished.words[:_MOST_SESSIONS])
    sections = (
        ("request: what a person asked for", clean(finished.request, _REQUEST_BYTES).strip()),
        ("files: paths that the change touches", clean("\n".join(finished.files), _FILES_BYTES)),
        ("sessions: what was said when each task was done", "\n".join(words)),
        ("difference: the change itself", clean(redact(finished.diff), DIFF_BYTES)),
    )
    return f"Sum up this change.\n\n{marked_sections(sections, boundary)}"

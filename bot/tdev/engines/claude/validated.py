"""A question to the model whose answer must be valid: asked with a schema, checked by us, sent back once with reasons.

Called by structured (a specification), planning (a plan) and summing_up (a summary of the change). The schema guides
the model and can't express every rule; the check has the last word. The second try is in the same conversation, whose
beginning is then read from the provider's prompt cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from tdev.core.answers import Unfit
from tdev.engines.claude.direct import Line, Question, ask
from tdev.errors import TransientError

TRIES = 2
"""How often the model is asked for one valid answer."""
Valid = TypeVar("Valid")


def ask_valid(
    way: Line, question: Question, check: Callable[[object], Valid | Unfit], *, what: str, next_step: str
) -> Valid:
    """What `check` makes of the first answer that it takes; it gets the answer's JSON value, None where there is none.

    `what` names the answer for people, `next_step` is what they can do when no answer is valid. Raises TransientError
    then, with the last reasons, and whatever `ask` raises.
    """
    reasons = ""
    for _ in range(TRIES):
        answer = ask(way, question)
        made = check(answer.values)
        if not isinstance(made, Unfit):
            return made
        reasons = made.text
        again = f"Your last answer was not valid. Mend exactly this:\n{reasons}"
        question = replace(question, turns=(*question.turns, answer.text.strip() or "(nothing)", again))
    raise TransientError(f"The model gave no valid {what} in {TRIES} tries.\n{reasons}", next_step=next_step)

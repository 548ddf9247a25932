"""What an ending means: the work that was done, or the error that it is. Pure.

Comes in: the Ending that the worker wrote. Goes out: Work, or a TdevError with its exit code and
what the session cost. Called by engine and structured; the cost is set on errors as well, since the
budget must hold over failed tries.

The order of the questions matters. A session can end well after API errors that it got over, and
can call itself a success with a refusal in it. What a person can mend (login, model name, credit,
budget) is told apart from what only time mends.
"""

from __future__ import annotations

import re

from tdev.core.untrusted import clean
from tdev.engines.claude.talk import Ending, Stop, Talk
from tdev.engines.engine import Work
from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TdevError, TransientError

SUMMARY_BYTES = 4000
_NOTHING = re.compile(r"^\s*NOTHING TO DO:\s*(?P<why>\S.*)", re.DOTALL)
_CANNOT = re.compile(r"^\s*CANNOT DO:\s*(?P<why>\S.*)", re.DOTALL)
_LOGIN_ERRORS = {"authentication_failed", "oauth_org_not_allowed"}


def work_of(ending: Ending, talk: Talk, credential: str) -> Work:
    """The work of a session that ended well; raises the error of one that did not, with what it cost."""
    error = error_of(ending, talk, credential)
    if error is not None:
        error.cost_usd = ending.cost_usd
        raise error
    summary = clean(ending.text, SUMMARY_BYTES).strip()
    nothing = _NOTHING.match(summary)
    return Work(
        summary=nothing["why"].strip() if nothing else summary,
        nothing_to_do=nothing["why"].strip() if nothing else "",
        cost_usd=ending.cost_usd,
        input_tokens=ending.input_tokens,
        output_tokens=ending.output_tokens,
        turns=ending.turns,
        session=ending.session,
    )


def error_of(ending: Ending, talk: Talk, credential: str) -> TdevError | None:
    """The error a session ended with; None when Claude Code says that it succeeded, and nothing speaks against it."""
    if ending.stop is not Stop.NONE or not ending.subtype:
        return _stopped(ending, talk, credential)
    if (ending.api_status or ending.api_error) and (error := _api_error(ending, talk, credential)):
        return error
    limit = _limit_reached(ending, talk)
    if limit is not None:
        return limit
    if ending.stop_reason == "refusal":
        return Refused("The model declined to do this task.", next_step="Word the request differently.")
    if ending.is_error or ending.subtype != "success":
        return TransientError(f"Claude Code failed ({ending.subtype}): {_detail(ending)}.")
    if cannot := _CANNOT.match(ending.text):
        return Refused(f"The model can't do this task: {clean(cannot['why'], 500).strip()}")
    return None


def _stopped(ending: Ending, talk: Talk, credential: str) -> TdevError:
    """The session has no result of its own, or we ended it."""
    if ending.stop is Stop.LOGIN:
        return _bad_login("it was refused twice", credential)
    if ending.stop is Stop.TIME:
        return BudgetExceeded(
            f"Claude Code was stopped: the {talk.seconds / 60:.3g} minutes left to the run were over.",
            next_step="Raise budget.minutes in .github/tdev.yml and start again.",
        )
    if ending.stop is Stop.IDLE:
        return TransientError(
            f"Claude Code was stopped: nothing was heard of it for {talk.idle_seconds:g} seconds.",
            next_step="See whether the model's address answers, then run the same command again.",
        )
    if "CLINotFoundError" in ending.detail:
        return ConfigurationError(
            "Claude Code is not installed: this platform's claude-agent-sdk does not bundle it.",
            next_step="Install Claude Code so that `claude` is on the PATH, or use --engine recipes.",
        )
    return TransientError(f"Claude Code ended without a result: {_detail(ending)}.")


def _limit_reached(ending: Ending, talk: Talk) -> TdevError | None:
    if ending.subtype == "error_max_turns":
        return BudgetExceeded(
            f"Claude Code used its {talk.turns} turns without coming to an end.",
            next_step="Raise budget.turns in .github/tdev.yml, or ask for less at once.",
        )
    if ending.subtype == "error_max_budget_usd":
        return BudgetExceeded(
            f"Claude Code used the ${talk.usd:.2f} that were left to the run.",
            next_step="Give more with --usd, or raise budget.usd in .github/tdev.yml.",
        )
    return None


def _api_error(ending: Ending, talk: Talk, credential: str) -> TdevError | None:
    """The error of an API call that failed for good; None when the session got over it."""
    if not ending.is_error:
        return None
    status, word = ending.api_status, ending.api_error
    if status in (401, 403) or word in _LOGIN_ERRORS:
        return _bad_login(_detail(ending), credential)
    if status == 402 or word == "billing_error":
        return ConfigurationError(
            f"The account behind {credential} can't pay for this request: {_detail(ending)}.",
            next_step="Add credit, or use another credential.",
        )
    if status == 404:
        return ConfigurationError(
            f"The model API does not know the model {talk.model!r}: {_detail(ending)}.",
            next_step="Set model.name in .github/tdev.yml to one that your account can use.",
        )
    if status in (400, 413, 422):
        return Refused(f"The model API rejected the request: {_detail(ending)}.", next_step="Ask for less at once.")
    if status or word in ("rate_limit", "server_error", "overloaded"):
        return TransientError(
            f"The model API failed{f' with status {status}' if status else ''}: {_detail(ending)}.",
            next_step="Run the same command again later.",
        )
    return None


def _bad_login(detail: str, credential: str) -> ConfigurationError:
    return ConfigurationError(
        f"The model API does not accept the credential in {credential}: {detail}.",
        next_step=f"Set {credential} to a valid one.",
    )


def _detail(ending: Ending) -> str:
    """What is known, in one line."""
    text = ending.detail or ending.text or ending.api_error or "no message"
    return clean(" ".join(text.split()), 400).rstrip(".")

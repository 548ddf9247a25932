"""What an ending means: the work that was done, or the error that it is. Pure.

Comes in: the Ending that the worker told, and what the model proxy counted. Goes out: Work, or a TdevError with its
exit code, the row of the retry matrix that it stands for, and what the session cost: the budget must hold over failed
tries as well. What the proxy counted is what counts; Claude Code's own sum is kept beside it.

The order of the questions matters. A session can end well after API errors that it got over, and
can call itself a success with a refusal in it. What a person can mend (login, model name, credit,
budget) is told apart from what only time mends.
"""

from __future__ import annotations

import re

from tdev.core.model_usage import ModelUsage
from tdev.core.untrusted import clean
from tdev.engines.claude.talk import Ending, Stop, Talk
from tdev.engines.engine import Work
from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TdevError, TransientError

SUMMARY_BYTES = 4000
_NOTHING = re.compile(r"^\s*NOTHING TO DO:\s*(?P<why>\S.*)", re.DOTALL)
_CANNOT = re.compile(r"^\s*CANNOT DO:\s*(?P<why>\S.*)", re.DOTALL)
_TOO_LONG = re.compile(r"\b(?:prompt|request|context|input) is too (?:long|large)\b", re.IGNORECASE)
"""What is said after Claude Code has tried to shorten the conversation by itself, and it was of no use."""
_FAILING = {"rate_limit", "server_error", "overloaded"}
_LOGIN_ERRORS = {"authentication_failed", "oauth_org_not_allowed"}


def work_of(ending: Ending, talk: Talk, credential: str, usage: ModelUsage) -> Work:
    """The work of a session that ended well, with what it has cost; raises the error of one that did not."""
    error = error_of(ending, talk, credential, broke=usage.stopped)
    if error is not None:
        error.cost_usd = usage.usd
        raise error
    summary = clean(ending.text, SUMMARY_BYTES).strip()
    nothing = _NOTHING.match(summary)
    return Work(
        summary=nothing["why"].strip() if nothing else summary,
        nothing_to_do=nothing["why"].strip() if nothing else "",
        cost_usd=usage.usd,
        reported_usd=ending.cost_usd,
        input_tokens=usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens,
        output_tokens=usage.output_tokens,
        turns=ending.turns,
        session=ending.session,
        denied=ending.denied,
    )


def error_of(ending: Ending, talk: Talk, credential: str, *, broke: bool = False) -> TdevError | None:
    """The error a session ended with; None when Claude Code says that it succeeded, and nothing speaks against it.

    `broke`: the model proxy refused a request, or broke one off, because the budget was reached.
    """
    if broke and (ending.is_error or ending.stop is not Stop.NONE or not ending.subtype):
        return out_of_money(talk.usd)
    if ending.stop is not Stop.NONE or not ending.subtype:
        return _stopped(ending, talk, credential)
    if ending.is_error and (error := _api_failure(ending, talk, credential)):
        return error
    limit = _limit_reached(ending, talk)
    if limit is not None:
        return limit
    if ending.stop_reason == "refusal":
        declined = Refused("The model declined to do this task.", next_step="Word the request differently.")
        return _standing_for("refused", declined)
    if ending.is_error or ending.subtype != "success":
        return _standing_for("crashed", TransientError(f"Claude Code failed ({ending.subtype}): {_detail(ending)}."))
    if cannot := _CANNOT.match(ending.text):
        reason = clean(cannot["why"], 500).strip()
        return _standing_for("refused", Refused(f"The model can't do this task: {reason}"))
    return None


def _api_failure(ending: Ending, talk: Talk, credential: str) -> TdevError | None:
    """The error of an API call that failed for good."""
    said = _detail(ending)
    return api_failure(ending.api_status, ending.api_error, said, model=talk.model, credential=credential)


def _standing_for(failure: str, error: TdevError) -> TdevError:
    """The error with the row of the retry matrix that answers it."""
    error.failure = failure
    return error


def out_of_money(usd: float) -> BudgetExceeded:
    """The error of a budget that was reached: `usd` is what was left to the run."""
    return BudgetExceeded(
        f"The model used the ${usd:.2f} that were left to the run.",
        next_step="Give more with --usd, or raise budget.usd in .github/tdev.yml.",
    )


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
        silent = TransientError(
            f"Claude Code was stopped: nothing was heard of it for {talk.idle_seconds:g} seconds.",
            next_step="See whether the model's address answers, then run the same command again.",
        )
        return _standing_for("timeout", silent)
    if "CLINotFoundError" in ending.detail:
        return ConfigurationError(
            "Claude Code is not installed: this platform's claude-agent-sdk does not bundle it.",
            next_step="Install Claude Code so that `claude` is on the PATH, or use --engine recipes.",
        )
    return _standing_for("crashed", TransientError(f"Claude Code ended without a result: {_detail(ending)}."))


def _limit_reached(ending: Ending, talk: Talk) -> TdevError | None:
    if ending.subtype == "error_max_turns":
        return BudgetExceeded(
            f"Claude Code used its {talk.turns} turns without coming to an end.",
            next_step="Raise budget.turns in .github/tdev.yml, or ask for less at once.",
        )
    if ending.subtype == "error_max_budget_usd":
        return out_of_money(talk.usd)
    return None


def api_failure(status: int, word: str, said: str, *, model: str, credential: str) -> TdevError | None:
    """What a failure of the model API is, by its HTTP status (0 = none) or Claude Code's word for it; None when it is
    none that is known. `said` is the API's message.
    """
    if status in (401, 403) or word in _LOGIN_ERRORS:
        return _bad_login(said, credential)
    if status == 402 or word == "billing_error":
        return ConfigurationError(
            f"The account behind {credential} can't pay for this request: {said}.",
            next_step="Add credit, or use another credential.",
        )
    if status == 404:
        return ConfigurationError(
            f"The model API does not know the model {model!r}: {said}.",
            next_step="Set model.name in .github/tdev.yml to one that your account can use.",
        )
    if status in (400, 413, 422):
        rejected = Refused(f"The model API rejected the request: {said}.", next_step="Ask for less at once.")
        too_long = status == 413 or _TOO_LONG.search(said)
        return _standing_for("context-too-long" if too_long else "refused", rejected)
    if status or word in _FAILING:
        failed = TransientError(
            f"The model API failed{f' with status {status}' if status else ''}: {said}.",
            next_step="Run the same command again later.",
        )
        return _standing_for("overload", failed)
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

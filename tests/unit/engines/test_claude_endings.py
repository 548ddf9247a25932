"""What an ending means: only a session that says it succeeded is work; everything else is the right error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdev.core.artifacts.attempt import Failure
from tdev.core.model_usage import ModelUsage
from tdev.engines.claude.endings import work_of
from tdev.engines.claude.talk import Ending, Stop, Talk
from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TdevError, TransientError

TALK = Talk(
    cli="/start", cwd="/c", prompt="", system_prompt="", model="sonnet", turns=7, usd=2, seconds=90, idle_seconds=30,
    session="s",
)  # fmt: skip
GOOD = Ending(subtype="success", text="Mended.", session="s", cost_usd=0.4, input_tokens=9, output_tokens=4, turns=2)
USED = ModelUsage(requests=2, input_tokens=6, cache_write_tokens=1, cache_read_tokens=3, output_tokens=5, usd=0.5)


def ended(**changes: object) -> Ending:
    return GOOD.model_copy(update=changes)


def test_a_success_is_work() -> None:
    work = work_of(GOOD, TALK, "KEY", USED)
    assert (work.summary, work.nothing_to_do, work.session) == ("Mended.", "", "s")
    assert (work.cost_usd, work.input_tokens, work.output_tokens, work.turns) == (0.5, 10, 5, 2), "the proxy's count"
    assert work.reported_usd == 0.4


def test_nothing_to_do_counts_only_when_it_is_said_first() -> None:
    assert work_of(ended(text="NOTHING TO DO: all is well."), TALK, "KEY", USED).nothing_to_do == "all is well."
    assert work_of(ended(text="I say NOTHING TO DO: x"), TALK, "KEY", USED).nothing_to_do == ""
    assert work_of(ended(text="NOTHING TO DO:"), TALK, "KEY", USED).nothing_to_do == ""


def test_the_summary_is_cleaned_and_capped() -> None:
    summary = work_of(ended(text="a\u200b<!-- x -->b" + "y" * 10_000), TALK, "KEY", USED).summary
    assert summary.startswith("a by") and len(summary.encode()) <= 4000


CASES: list[tuple[type[TdevError], str, dict[str, object]]] = [
    (BudgetExceeded, "7 turns", {"subtype": "error_max_turns", "is_error": True}),
    (BudgetExceeded, r"\$2\.00", {"subtype": "error_max_budget_usd", "is_error": True}),
    (BudgetExceeded, "1.5 minutes", {"stop": Stop.TIME}),
    (TransientError, "30 seconds", {"stop": Stop.IDLE}),
    (TransientError, "without a result", {"stop": Stop.CRASH, "subtype": ""}),
    (TransientError, "without a result: no message", {"subtype": "", "text": ""}),
    (ConfigurationError, "not installed", {"stop": Stop.CRASH, "detail": "CLINotFoundError: x", "subtype": ""}),
    (ConfigurationError, "KEY", {"stop": Stop.LOGIN}),
    (ConfigurationError, "KEY", {"is_error": True, "api_status": 401}),
    (ConfigurationError, "KEY", {"is_error": True, "api_status": 403}),
    (ConfigurationError, "KEY", {"is_error": True, "api_error": "authentication_failed"}),
    (ConfigurationError, "pay", {"is_error": True, "api_error": "billing_error"}),
    (ConfigurationError, "sonnet", {"is_error": True, "api_status": 404}),
    (Refused, "rejected", {"is_error": True, "api_status": 400}),
    (Refused, "rejected", {"is_error": True, "api_status": 413}),
    (TransientError, "429", {"is_error": True, "api_status": 429}),
    (TransientError, "529", {"is_error": True, "api_status": 529}),
    (TransientError, "API failed", {"is_error": True, "api_error": "server_error"}),
    (TransientError, "failed", {"is_error": True}),
    (TransientError, "error_during_execution", {"subtype": "error_during_execution", "is_error": True}),
    (TransientError, "error_unheard_of", {"subtype": "error_unheard_of"}),
    (Refused, "declined", {"stop_reason": "refusal"}),
    (Refused, "no such file", {"text": "CANNOT DO: there is no such file."}),
]


@pytest.mark.parametrize(("error", "match", "changes"), CASES)
def test_everything_else_is_an_error_that_says_what_it_cost(
    error: type[TdevError], match: str, changes: dict[str, object]
) -> None:
    with pytest.raises(TdevError, match=match) as caught:
        work_of(ended(**changes), TALK, "KEY", USED)
    assert type(caught.value) is error
    assert caught.value.cost_usd == 0.5


def test_an_api_failure_that_was_got_over_is_no_failure() -> None:
    assert work_of(ended(api_error="rate_limit"), TALK, "KEY", USED).summary == "Mended."


def test_the_budget_that_the_proxy_stopped_at_is_told_as_such() -> None:
    for changes in ({"is_error": True, "api_status": 400}, {"subtype": "", "stop": Stop.CRASH}, {"stop": Stop.IDLE}):
        with pytest.raises(BudgetExceeded, match=r"\$2\.00"):
            work_of(ended(**changes), TALK, "KEY", replace(USED, stopped=True))
    assert work_of(GOOD, TALK, "KEY", replace(USED, stopped=True)).summary == "Mended.", "it came to its end before"


FAILURES: dict[str, dict[str, object]] = {
    "overload": {"is_error": True, "api_status": 529},
    "context-too-long": {"is_error": True, "api_status": 400, "text": "Prompt is too long"},
    "timeout": {"stop": Stop.IDLE},
    "crashed": {"stop": Stop.CRASH, "subtype": ""},
    "refused": {"stop_reason": "refusal"},
    "": {"subtype": "error_max_turns", "is_error": True},
}


@pytest.mark.parametrize(("failure", "changes"), FAILURES.items())
def test_an_error_names_its_row_of_the_retry_matrix(failure: str, changes: dict[str, object]) -> None:
    with pytest.raises(TdevError) as caught:
        work_of(ended(**changes), TALK, "KEY", USED)
    assert caught.value.failure == failure and failure in {"", *Failure}

"""Advice on what failed: one cheap question, whose answer is cleaned and capped."""

from __future__ import annotations

import pytest

from messages_api import MessagesApi
from support.claude_job import pointed
from tdev.engines.claude.triage import ANSWER_BYTES, triage
from tdev.errors import BudgetExceeded, TransientError
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


def test_findings_become_a_few_lines(settings: Settings) -> None:
    said = "Read calculator.py:6.\u200b <!-- obey --> " + "x" * 5000
    with MessagesApi(side=said) as api:
        advice, work = triage(pointed(settings, api), Policy(), ["test_zero: assert 0 == 2", "a finding\u200b"], 1.0)
    (request,) = api.side_requests
    assert "test_zero" in request.prompts[0] and "\u200b" not in request.prompts[0]
    assert "BEGIN DATA" in request.prompts[0] and "haiku" in request.body["model"] and not request.tools
    assert request.body["max_tokens"] <= 600
    assert advice.startswith("Read calculator.py:6.") and len(advice.encode()) <= ANSWER_BYTES
    assert "\u200b" not in advice and "obey" not in advice
    assert 0 < work.cost_usd < 0.05


def test_no_answer_is_an_error(settings: Settings) -> None:
    with MessagesApi(side=" \u200b ") as api, pytest.raises(TransientError):
        triage(pointed(settings, api), Policy(), ["a finding"], 1.0)
    with MessagesApi() as api, pytest.raises(BudgetExceeded):
        triage(pointed(settings, api), Policy(), ["a finding"], 0.0)

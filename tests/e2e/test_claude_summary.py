"""A finished change is summed up by a direct question to the model; only what it answers is scripted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from messages_api import Failure, Reply, Turn, say, use
from support.claude_job import CALCULATOR, FIXED, KEY, MakeRepository, StartApi, pointed, scripted_apis
from support.command import Ended, Tdev, git
from tdev.engines.claude.summing_up import DIFF_BYTES, MOST_USD, Finished, sum_up
from tdev.errors import BudgetExceeded
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
api_for = pytest.fixture(scripted_apis)

ONE_ANSWER = (5000 * 2 + 200 * 10) / 1_000_000
"""US dollars of one scripted answer."""
REPOSITORY = {**CALCULATOR, ".github/tdev.yml": "version: 1\nmodel:\n  summary: structured\n"}
WIDER = CALCULATOR["tests/test_calculator.py"] + "\n\ndef test_sum():\n    assert add(2, 3) == 5\n"
WORK: list[Turn] = [
    use("Read", file_path="calculator.py"),
    use("Edit", file_path="calculator.py", **FIXED),
    use("Read", file_path="tests/test_calculator.py"),
    use("Write", file_path="tests/test_calculator.py", content=WIDER),
    say("add() adds now, @ada, and a test shows it."),
]
"""What a session does that mends the calculator."""
FINISHED = Finished(
    request="Make it add.<!-- obey -->",
    files=("calculator.py",),
    words=("It adds\u200b now.",),
    diff="-    return a - b\n+    return a + b\n"
    + f"+KEY = '{'ghp_' + 'a1B2c3D4' * 4 + 'e5F6'}'\n"
    + "+# x\n" * 30_000,
)


def answer(**changes: Any) -> Reply:
    values = {
        "title": "add() adds",
        "why": "It subtracted; fixes #12.",
        "changed": ["add(2, 3) is 5.", "See ![x](https://evil.example/x.png) and [this](https://evil.example/y)."],
        "review_first": [{"path": "calculator.py", "reason": "@ada knows its callers."}],
        "risks": ["Callers that relied on the difference."],
        "not_done": [],
        **changes,
    }
    return say(json.dumps(values))


def test_the_question_carries_the_schema_and_a_capped_difference_in_one_block(
    settings: Settings, api_for: StartApi
) -> None:
    api = api_for([answer()])
    told, work = sum_up(pointed(settings, api), Policy(), FINISHED, 1.0, 60.0)
    assert told.title == "add() adds" and told.review_first[0].path == "calculator.py"
    assert work.cost_usd == pytest.approx((DIFF_BYTES / 4 * 2 + 200 * 10) / 1e6, rel=1.0) and work.turns == 1
    (request,) = api.requests
    shape = request.body["output_config"]["format"]
    assert shape["type"] == "json_schema" and shape["schema"]["additionalProperties"] is False
    assert set(shape["schema"]["required"]) == {"title", "why", "changed", "review_first", "risks", "not_done"}
    (prompt,) = request.prompts
    assert prompt.startswith("Sum up this change.\n\nBEGIN DATA ") and prompt.splitlines()[-1].startswith("END DATA ")
    assert "return a + b" in prompt and "It adds now." in prompt and "Make it add." in prompt
    assert DIFF_BYTES < len(prompt.encode()) < DIFF_BYTES + 2_000 and "[cut here: too long]" in prompt
    assert "obey" not in prompt and "ghp_" not in prompt and not request.tools


def test_it_may_not_cost_more_than_it_is_worth(settings: Settings, api_for: StartApi) -> None:
    dear = Reply(answer(changed=[]).blocks, input_tokens=400_000)
    api = api_for([dear, answer()])
    with pytest.raises(BudgetExceeded, match=f"the \\${MOST_USD:.2f} that were left") as caught:
        sum_up(pointed(settings, api), Policy(), FINISHED, 100.0, 60.0)
    assert len(api.requests) == 1 and caught.value.cost_usd == pytest.approx(0.8, rel=0.01)


def evolve(tdev: Tdev, repository: Path, url: str) -> Ended:
    return tdev(
        "evolve", "add() subtracts. Make it add.", "--repo", repository, "--engine", "claude", "--json",
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=url,
    )  # fmt: skip


def asked(run: Path) -> dict[str, Any]:
    """The event that tells of the question."""
    lines = (run / "events.jsonl").read_text().splitlines()
    (event,) = [event for event in map(json.loads, lines) if event["name"] == "tdev.summary.model"]
    found: dict[str, Any] = event
    return found


def test_the_pull_request_shows_a_summary_in_which_nothing_acts(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi
) -> None:
    repository = make_repository(REPOSITORY)
    pointing = answer(review_first=[{"path": "secrets.py", "reason": "r"}])
    api = api_for([*WORK, pointing, answer()])
    ended = evolve(tdev, repository, api.url)
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    run = settings.runs / ended.json["run_id"]
    first, again = api.requests[-2:]
    assert "output_config" in first.body and "+    return a + b" in first.prompts[0]
    assert "add() adds now" in first.prompts[0], "what the session said"
    assert "review_first.0.path: the change touches no such file" in again.prompts[-1]
    summary = json.loads((run / "summary.json").read_text())
    assert summary["told"]["title"] == "add() adds" and summary["reason"] == ""
    assert summary["diff_bytes"] == summary["shown_bytes"] == len((run / "patch.diff").read_bytes())
    page = (run / "pull-request.md").read_text()
    head, _, rest = page.partition("## What was asked")
    assert head.startswith("## Summary\n\n**add() adds**\n\nIt subtracted; fixes #<!-- -->12.\n\n- add(2, 3) is 5.\n")
    assert "- calculator.py: @<!-- -->ada knows its callers." in head
    assert "](" not in head and "![" not in head and "## Gates" in rest
    event = asked(run)
    assert event["attributes"]["ok"] is True and event["attributes"]["turns"] == 2
    attempts = json.loads((run / "patch.json").read_text())["attempts"]
    spent = sum(attempt["cost_usd"] for attempt in attempts) + event["attributes"]["cost_usd"]
    assert event["attributes"]["cost_usd"] == pytest.approx(2 * ONE_ANSWER, rel=0.01)
    assert ended.json["cost_usd"] == pytest.approx(spent)
    assert f"cost: {spent:.4f} USD" in page
    assert json.loads((run / "lessons.json").read_text())["cost_usd"] == pytest.approx(spent)
    assert api.left() == [] and api.overrun == 0
    assert tdev("run", "verify", ended.json["run_id"]).exit_code == 0


@pytest.mark.parametrize(
    ("last", "why", "answers"),
    [
        ([say("It is fine."), answer(changed=[])], "The model gave no valid summary in 2 tries.", 2),
        ([Failure(400, "no such thing as @summaries")], "no such thing as @<!-- -->summaries", 0),
    ],
)
def test_without_a_summary_the_change_is_published_with_the_sessions_words(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi,
    last: list[Turn], why: str, answers: int,
) -> None:  # fmt: skip
    repository = make_repository(REPOSITORY)
    api = api_for([*WORK, *last])
    ended = evolve(tdev, repository, api.url)
    assert (ended.exit_code, ended.json["outcome"]) == (0, "published"), ended.stdout + ended.stderr
    assert "return a + b" in git(repository, "show", f"{ended.json['branch']}:calculator.py")
    run = settings.runs / ended.json["run_id"]
    event = asked(run)
    assert event["attributes"]["ok"] is False and event["message"].startswith("no answer: ")
    assert event["attributes"]["cost_usd"] == pytest.approx(answers * ONE_ANSWER, rel=0.01)
    summary = json.loads((run / "summary.json").read_text())
    assert summary["told"] is None and summary["reason"]
    page = (run / "pull-request.md").read_text()
    assert page.startswith("## Summary\n\nThere is no structured summary: ") and why in page
    assert "- T1: add() adds now, @<!-- -->ada, and a test shows it." in page
    attempts = json.loads((run / "patch.json").read_text())["attempts"]
    spent = sum(attempt["cost_usd"] for attempt in attempts) + event["attributes"]["cost_usd"]
    assert ended.json["cost_usd"] == pytest.approx(spent)
    assert api.left() == [] and api.overrun == 0
    assert tdev("run", "verify", ended.json["run_id"]).exit_code == 0

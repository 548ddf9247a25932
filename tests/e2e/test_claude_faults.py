"""Whatever the model's address does, and wherever the disk ends: a named end, nothing half-done, its cost known."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from messages_api import Answer, Failure, MessagesApi, Raw, Reply, Request, Stall, say, sse, use
from support.claude_job import (
    CALCULATOR,
    FIXED,
    MakeRepository,
    StartApi,
    job_for,
    lines_of,
    perform_apart,
    pointed,
    scripted_apis,
)
from tdev.engines.claude import room
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.claude.options import QUIET
from tdev.errors import BudgetExceeded, ConfigurationError, Refused, TdevError, TransientError
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)
READ = use("Read", file_path="calculator.py")
DONE = say("NOTHING TO DO: it adds, 회의실 €.")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claude Code asks again once, not six times."""
    monkeypatch.setattr(room, "QUIET", {**room.QUIET, "CLAUDE_CODE_MAX_RETRIES": "1"})


def cut_at(reply: Reply, place: Callable[[bytes], int]) -> Raw:
    """The reply's stream up to a place in its bytes."""
    data = b"".join(sse(reply))
    return Raw(data[: place(data)], "text/event-stream", whole=False)


CUTS: dict[str, Callable[[bytes], int]] = {
    "before the first byte": lambda data: 0,
    "inside the first line": lambda data: 5,
    "inside the first event's JSON": lambda data: 60,
    "between an event and its data": lambda data: data.index(b"\ndata:") + 1,
    "between two events": lambda data: data.index(b"\n\n") + 2,
    "inside a character": lambda data: data.index("€".encode()) + 1,
    "before the end of the message": lambda data: data.index(b"event: message_delta"),
    "inside the last event": lambda data: data.index(b"event: message_stop") + 8,
}


def test_a_stream_that_is_cut_anywhere_is_asked_for_again(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    """One session in which each answer is cut at another place, and then given whole."""
    speaking = Reply((*say("Let me look, 회의실 €.").blocks, *READ.blocks))
    turns: list[Answer] = []
    for place in CUTS.values():
        turns += [
            cut_at(speaking, place),
            Reply((*say("Look, €.").blocks, *use("Read", file_path="calculator.py").blocks)),
        ]
    api = api_for([*turns, DONE])
    job = job_for(pointed(settings, api), make_repository(CALCULATOR))
    work = ClaudeEngine().perform(job)
    assert work.nothing_to_do == "it adds, 회의실 €."
    assert work.cost_usd > 0
    assert all(isinstance(line, dict) for line in lines_of(job))


GARBAGE: dict[str, Answer] = {
    "malformed JSON": Raw(b'{"id": "msg_1", "content": [{"type": "te'),
    "JSON of another shape": Raw(b"[1, 2, 3]"),
    "a page": Raw(b"<html>Please log in</html>", "text/html"),
    "malformed events": Raw(b"event: message_start\ndata: {not json\n\n", "text/event-stream"),
    "10 MB without an event": Raw(b"x" * 10_000_000, "text/event-stream"),
    "10 MB of text": say("y" * 10_000_000),
    "nothing": Raw(b""),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_an_answer_that_is_none_ends_in_a_named_state(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, answer: Answer
) -> None:
    folder = make_repository(CALCULATOR)
    edit = use("Edit", file_path="calculator.py", **FIXED)
    api = api_for([READ, edit, *[answer] * 30])
    job = job_for(pointed(settings, api), folder, seconds_left=60.0)
    try:
        work = ClaudeEngine().perform(job)
    except TdevError as error:
        assert error.failure if isinstance(error, TransientError | Refused) else isinstance(error, BudgetExceeded)
        assert error.cost_usd > 0
    else:
        assert len(work.summary) <= 4000 and work.cost_usd > 0
    assert job.transcript.stat().st_size < 3_000_000
    assert subprocess.run(("git", "status", "--porcelain"), cwd=folder, capture_output=True, text=True).stdout == (
        " M calculator.py\n"
    ), "what was edited is in the checkout alone, for the code stage to undo"


def test_an_address_that_hangs_is_given_up(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdev.engines.claude.engine.IDLE_SECONDS", 4.0)
    api = api_for([READ, *[Stall(60)] * 5])
    with pytest.raises(TransientError, match="nothing was heard") as caught:
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))
    assert caught.value.failure == "timeout" and caught.value.cost_usd > 0


def test_an_overloaded_model_is_followed_by_the_fallback(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "QUIET", QUIET)

    def busy(request: Request) -> Answer:
        haiku = "haiku" in str(request.body["model"])
        return DONE if haiku else Failure(529, "Overloaded", (("retry-after", "0"),))

    api = api_for([busy] * 20)
    assert ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR))).nothing_to_do


TOO_LONG = Failure(400, "prompt is too long: 210000 tokens > 200000 maximum")


def test_a_conversation_that_is_too_long_is_shortened_by_claude_code(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([READ, TOO_LONG, say("<summary>add() subtracts.</summary>"), DONE])
    assert ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR))).nothing_to_do
    assert "add() subtracts." in api.requests[-1].text and len(api.requests[-1].messages) < 4


def test_one_that_can_not_be_shortened_says_so(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([TOO_LONG] * 20)
    with pytest.raises(Refused, match="too long") as caught:
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))
    assert caught.value.failure == "context-too-long"


def test_without_a_sandbox_nothing_is_started(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([])
    missing = replace(pointed(settings, api), sandbox="no-such-sandbox")
    with pytest.raises(ConfigurationError, match="TDEV_SANDBOX"):
        ClaudeEngine().perform(job_for(missing, make_repository(CALCULATOR)))
    assert api.requests == []


def test_a_disk_that_is_full_for_the_transcript_ends_the_try(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([READ, DONE])
    job = job_for(pointed(settings, api), make_repository(CALCULATOR))
    with pytest.raises(TransientError, match="full"):
        ClaudeEngine().perform(replace(job, transcript=Path("/dev/full")))


def test_a_disk_that_fills_up_on_the_way_ends_the_try_and_the_next_goes_on(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    """Our process may write no file longer than 400 kB; what it writes there is cut in the middle of a line."""
    big = say("z" * 95_000)
    api = api_for([Reply((*big.blocks * 5, *READ.blocks)), DONE, DONE])
    job = job_for(pointed(settings, api), make_repository(CALCULATOR))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))"
    output, errors = perform_apart(job, before=limit).communicate(timeout=120)
    told = json.loads(output.splitlines()[-1])
    assert told["error"] == "TransientError" and "File too large" in told["message"], errors.decode()
    assert told["cost"] > 0
    work = ClaudeEngine().perform(replace(job, usd_on_record=told["cost"]))
    assert work.nothing_to_do and work.cost_usd < 2 * told["cost"]
    whole = [line for line in job.transcript.read_text().splitlines() if _is_json(line)]
    assert _is_json(job.transcript.read_text().splitlines()[-1]) and len(whole) > 3


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_direct_questions_have_the_same_ends(settings: Settings, api_for: StartApi) -> None:
    from tdev.engines.claude.direct import Question, ask, line
    from tdev.policy.model_choice import ModelChoice

    schema = {"type": "object", "properties": {"mood": {"type": "string"}}}

    def asked(*script: Answer, usd: float = 1.0) -> str:
        api: MessagesApi = api_for(script)
        with line(pointed(settings, api), ModelChoice(), usd) as way:
            return ask(way, Question("Be brief.", ("How are you?",), schema, seconds=20)).text

    now = (("retry-after", "0"),)
    busy = Failure(529, "Overloaded", now)
    assert asked(Failure(500, "oops", now), say("fine")) == "fine"
    assert asked(busy, busy, busy, say("fine, says the fallback")) == "fine, says the fallback"
    ends: dict[str, tuple[type[TdevError], str]] = {
        "too long": (Refused, "context-too-long"),
        "refused": (Refused, "refused"),
        "busy": (TransientError, "overload"),
        "key": (ConfigurationError, ""),
        "garbage": (TransientError, ""),
        "cut": (TransientError, "overload"),
    }
    scripts: dict[str, list[Answer]] = {
        "too long": [TOO_LONG],
        "refused": [Reply(say("").blocks, stop_reason="refusal")],
        "busy": [busy] * 9,
        "key": [Failure(401, "invalid x-api-key")],
        "garbage": [Raw(b'{"content": 3')] * 9,
        "cut": [Raw(b'{"content"', whole=False)] * 9,
    }
    for name, (kind, failure) in ends.items():
        with pytest.raises(TdevError) as caught:
            asked(*scripts[name])
        assert (name, type(caught.value), caught.value.failure) == (name, kind, failure)
    with pytest.raises(TdevError, match="model used the"):
        asked(say("too dear"), usd=0.0000001)

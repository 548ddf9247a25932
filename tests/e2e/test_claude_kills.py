"""Whoever is killed, and when: the try has a named end, the next one goes on, and what it cost is counted once."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from messages_api import Answer, MessagesApi, Request, Stall, say, use
from support.claude_job import (
    CALCULATOR,
    FIXED,
    MakeRepository,
    StartApi,
    claude_pids,
    job_for,
    kill_claude,
    perform_apart,
    pointed,
    scripted_apis,
    wait_until,
)
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.engine import Job, Work
from tdev.errors import TransientError
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)


def crashed(job: Job) -> float:
    """Perform a job that is killed; what it has cost."""
    with pytest.raises(TransientError) as caught:
        ClaudeEngine().perform(job)
    assert caught.value.failure == "crashed"
    wait_until(lambda: not claude_pids(job.checkout))
    return caught.value.cost_usd


def goes_on(job: Job, api: MessagesApi, on_record: float) -> Work:
    """The same attempt again: it knows what was said before, and what the first try cost is not counted again."""
    work = ClaudeEngine().perform(replace(job, usd_on_record=on_record))
    assert work.nothing_to_do == "it adds."
    assert "interrupted" in api.requests[-1].prompts[-1] and len(api.requests[-1].prompts) == 2
    return work


def test_claude_code_killed_while_it_waits_for_the_model(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    folder = make_repository(CALCULATOR)

    def kill(_request: Request) -> Answer:
        wait_until(lambda: "return a - b" in _record(settings))
        kill_claude(folder)
        return say("Nobody hears this.")

    api = api_for([use("Read", file_path="calculator.py"), kill, say("NOTHING TO DO: it adds.")])
    job = job_for(pointed(settings, api), folder)
    lost = crashed(job)
    assert lost > 0
    work = goes_on(job, api, lost)
    assert "return a - b" in api.requests[-1].text, "the tool's result of the killed try is still known"
    assert 0 < work.cost_usd < 2 * lost


def _record(settings: Settings) -> str:
    """What Claude Code has written down of its sessions so far."""
    return "".join(file.read_text() for file in settings.work.glob("*/claude/*/home-*/.claude/projects/*/*.jsonl"))


def test_claude_code_killed_while_it_uses_a_tool(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    folder = make_repository(CALCULATOR)

    def kill(line: str) -> None:
        if line.startswith("Edit"):
            kill_claude(folder)

    edit = use("Edit", file_path="calculator.py", **FIXED)
    api = api_for([use("Read", file_path="calculator.py"), edit, say("NOTHING TO DO: it adds.")])
    job = job_for(pointed(settings, api), folder)
    lost = crashed(replace(job, progress=kill))
    goes_on(job, api, lost)


def test_claude_code_killed_before_the_first_answer(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    folder = make_repository(CALCULATOR)

    def kill(_request: Request) -> Answer:
        kill_claude(folder)
        return say("Nobody hears this.")

    api = api_for([kill, say("NOTHING TO DO: it adds.")])
    job = job_for(pointed(settings, api), folder)
    lost = crashed(job)
    assert ClaudeEngine().perform(replace(job, usd_on_record=lost)).nothing_to_do == "it adds."


def test_the_worker_killed(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    folder = make_repository(CALCULATOR)

    def kill(_request: Request) -> Answer:
        os.kill(_worker(), signal.SIGKILL)
        return Stall(20)

    api = api_for([use("Read", file_path="calculator.py"), kill, say("NOTHING TO DO: it adds.")])
    job = job_for(pointed(settings, api), folder)
    goes_on(job, api, crashed(job))


def _worker() -> int:
    """Process id of the worker, a child of ours."""
    children = Path("/proc/self/task").glob("*/children")
    for pid in " ".join(each.read_text() for each in children).split():
        if b"engines.claude.worker" in Path("/proc", pid, "cmdline").read_bytes():
            return int(pid)
    raise AssertionError("there is no worker")


def test_the_engine_killed(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    """Kill -9 of the process that runs the engine leaves no Claude Code behind that goes on editing or spending."""
    folder = make_repository(CALCULATOR)
    asked: list[Request] = []

    def note(request: Request) -> Answer:
        asked.append(request)
        return Stall(20)

    read = use("Read", file_path="calculator.py")
    api = api_for([read, note, say("NOTHING TO DO: it adds.")])
    job = job_for(pointed(settings, api), folder)
    process = perform_apart(job)
    try:
        wait_until(lambda: asked)
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not claude_pids(folder))
    work = goes_on(job, api, 0.0)
    one = work.reported_usd
    assert work.cost_usd >= 0.012 and work.cost_usd >= one, "the killed try's first answer is told by the next"


def test_a_process_of_its_own_that_nobody_kills(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    """What the test above does with the process is what keeps it from its end, and nothing else."""
    folder = make_repository(CALCULATOR)
    api = api_for([use("Read", file_path="calculator.py"), say("NOTHING TO DO: it adds.")])
    process = perform_apart(job_for(pointed(settings, api), folder))
    output, errors = process.communicate(timeout=120)
    told = json.loads(output.splitlines()[-1])
    assert told["text"] == "it adds." and told["cost"] > 0, errors.decode()

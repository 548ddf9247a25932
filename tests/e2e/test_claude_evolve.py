"""`tdev evolve TEXT` with Claude Code, from the command line to the branch; only the model's words are scripted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from messages_api import Answer, Failure, Request, Stall, say, use
from support.claude_job import CALCULATOR, FIXED, KEY, MakeRepository, StartApi, scripted_apis
from support.command import Tdev, command_environment, fingerprint, git
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
api_for = pytest.fixture(scripted_apis)

WIDER = CALCULATOR["tests/test_calculator.py"] + "\n\ndef test_sum():\n    assert add(2, 3) == 5\n"
ONE_ANSWER = (5000 * 2 + 200 * 10) / 1_000_000
"""US dollars of one scripted answer."""
BROKEN = {"old_string": "return a - b", "new_string": "return a * b"}


def test_a_failed_attempt_is_fed_back_and_ends_in_a_branch(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi
) -> None:
    repository = make_repository(CALCULATOR)
    before = git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")
    files = fingerprint(repository / "tests"), (repository / "calculator.py").read_bytes()

    def mend(request: Request) -> Answer:
        told = request.prompts[-1]
        assert "test_zero" in told and "undone" in told
        return use("Edit", file_path="calculator.py", **FIXED)

    api = api_for(
        [
            use("Read", file_path="calculator.py"),
            use("Edit", file_path="calculator.py", **BROKEN),
            say("add() multiplies now."),
            use("Read", file_path="calculator.py"),
            mend,
            use("Read", file_path="tests/test_calculator.py"),
            use("Write", file_path="tests/test_calculator.py", content=WIDER),
            say("add() adds now, and a test shows it."),
        ]
    )
    ended = tdev(
        "evolve", "add() subtracts. Make it add.", "--repo", repository, "--json",
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    result = ended.json
    branch = result["branch"]
    assert branch.startswith("tdev/auto/")
    assert "return a + b" in git(repository, "show", f"{branch}:calculator.py")
    assert "test_sum" in git(repository, "show", f"{branch}:tests/test_calculator.py")
    assert (git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")) == before
    assert (fingerprint(repository / "tests"), (repository / "calculator.py").read_bytes()) == files
    run = settings.runs / result["run_id"]
    attempts = json.loads((run / "patch.json").read_text())["attempts"]
    assert [attempt["kept"] for attempt in attempts] == [False, True]
    assert all(attempt["cost_usd"] > 0 and attempt["turns"] for attempt in attempts)
    assert "test_zero" in attempts[0]["reason"]
    assert result["cost_usd"] == pytest.approx(sum(attempt["cost_usd"] for attempt in attempts))
    assert api.left() == [] and api.overrun == 0
    assert KEY not in "".join(file.read_text(errors="replace") for file in run.rglob("*") if file.is_file())


def test_a_wrong_key_ends_with_what_to_do(tdev: Tdev, make_repository: MakeRepository, api_for: StartApi) -> None:
    repository = make_repository(CALCULATOR)
    untouched = fingerprint(repository)

    def refuse(_request: Request) -> Answer:
        return Failure(401, "invalid x-api-key")

    api = api_for([refuse] * 20)
    ended = tdev(
        "evolve", "Make it add.", "--repo", repository, "--json", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url
    )
    assert ended.exit_code == 2
    assert "ANTHROPIC_API_KEY" in ended.stderr and KEY not in ended.stderr + ended.stdout
    assert fingerprint(repository) == untouched


def test_a_run_that_is_killed_goes_on_with_the_same_session_and_counts_every_dollar_once(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi
) -> None:
    repository = make_repository(CALCULATOR)
    running: list[subprocess.Popen[bytes]] = []

    def kill(_request: Request) -> Answer:
        running[0].kill()
        return Stall(5)

    def mend(request: Request) -> Answer:
        assert "interrupted" in request.prompts[-1] and len(request.prompts) == 2
        return use("Edit", file_path="calculator.py", **FIXED)

    api = api_for(
        [
            use("Read", file_path="calculator.py"),
            kill,
            mend,
            use("Read", file_path="tests/test_calculator.py"),
            use("Write", file_path="tests/test_calculator.py", content=WIDER),
            say("add() adds now, and a test shows it."),
        ]
    )
    model = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": api.url}
    words = (sys.executable, "-m", "tdev.cli.main", "evolve", "add() subtracts. Make it add.", "--repo", repository)
    running.append(subprocess.Popen(words, env={**command_environment(settings), **model}, stdout=subprocess.DEVNULL))
    assert running[0].wait(timeout=240) == -signal.SIGKILL
    (run,) = settings.runs.iterdir()
    ended = tdev("run", "resume", run.name, "--json", **model)
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    assert "return a + b" in git(repository, "show", f"{ended.json['branch']}:calculator.py")
    (attempt,) = json.loads((run / "patch.json").read_text())["attempts"]
    assert attempt["cost_usd"] == ended.json["cost_usd"] == pytest.approx(5 * ONE_ANSWER, rel=0.01)
    assert api.left() == [] and api.overrun == 0

"""The gates' findings go back to the session that made the change; with Claude Code, the model's words scripted."""

from __future__ import annotations

import json

import pytest

from messages_api import Answer, Request, say, use
from support.claude_job import CALCULATOR, KEY, MakeRepository, StartApi, scripted_apis
from support.command import Tdev, git
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
api_for = pytest.fixture(scripted_apis)

BARE = "return a + b\n\n\ndef double(a):\n    return a * 2"
DOCUMENTED = '"""Twice a."""\n    return a * 2'
TESTS = (
    "from calculator import add, double\n\n\ndef test_zero():\n    assert add(2, 0) == 2\n\n\n"
    "def test_double():\n    assert double(3) == 6\n"
)


def test_findings_are_answered_in_the_same_session(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi
) -> None:
    repository = make_repository(CALCULATOR)

    def answer(request: Request) -> Answer:
        assert any("Add double" in prompt for prompt in request.prompts[:-1]), "the session knows what it did"
        told = request.prompts[-1]
        assert "Your change was kept" in told
        assert "quality/docstrings" in told and "double" in told
        return use("Read", file_path="calculator.py")

    api = api_for(
        [
            use("Read", file_path="calculator.py"),
            use("Edit", file_path="calculator.py", old_string="return a - b", new_string=BARE),
            use("Read", file_path="tests/test_calculator.py"),
            use("Write", file_path="tests/test_calculator.py", content=TESTS),
            say("double() is there."),
            answer,
            use("Edit", file_path="calculator.py", old_string="return a * 2", new_string=DOCUMENTED),
            say("double() is documented."),
        ]
    )
    ended = tdev(
        "evolve", "Add double(), and mend add().", "--repo", repository, "--json",
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    assert '"""Twice a."""' in git(repository, "show", f"{ended.json['branch']}:calculator.py")
    run = settings.runs / ended.json["run_id"]
    attempts = json.loads((run / "patch.json").read_text())["attempts"]
    assert [(each["task"], each["kept"]) for each in attempts] == [("T1", True), ("T2", True)]
    assert attempts[0]["session"] == attempts[1]["session"] != ""
    assert attempts[1]["parameters"]["effort"] == "low"
    assert json.loads((run / "attempts" / "round-1.json").read_text())["outcome"] == "fail"
    assert api.left() == []
    page = (run / "pull-request.md").read_text()
    assert "T2, attempt 1: kept" in page
    assert tdev("run", "verify", ended.json["run_id"]).exit_code == 0

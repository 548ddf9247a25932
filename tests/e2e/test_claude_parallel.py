"""Two sessions of the real Claude Code at the same time, each in a work tree of its own, on one branch at the end."""

from __future__ import annotations

import json
import threading
from itertools import repeat
from typing import Any

import pytest

from messages_api import Answer, Reply, Request, say, use
from support.claude_job import CALCULATOR, KEY, MakeRepository, StartApi, scripted_apis
from support.command import Tdev, git
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)

POLICY = "version: 1\nmodel:\n  plan: model\nlimits:\n  parallel_tasks: 2\n"
NAMES = ("doubled", "halved")
ONE_ANSWER = (5000 * 2 + 200 * 10) / 1_000_000
"""US dollars of one scripted answer."""


def planned(name: str) -> dict[str, Any]:
    return {
        "title": f"Add {name}", "goal": "build-feature", "recipe": "", "description": f"A module {name}.",
        "acceptance": [f"{name}.py has a test"], "paths": [f"{name}.py", f"tests/test_{name}.py"], "depends_on": [],
        "insights": [], "hours": 0.5, "risk": 2,
    }  # fmt: skip


def module(name: str) -> Reply:
    return use("Write", file_path=f"{name}.py", content=f'"""What is {name}."""\n\nFACTOR = {len(name)}\n')


def shown(name: str) -> Reply:
    code = f"from {name} import FACTOR\n\n\ndef test_factor():\n    assert FACTOR == {len(name)}\n"
    return use("Write", file_path=f"tests/test_{name}.py", content=code)


def test_two_sessions_work_beside_each_other(
    settings: Settings, tdev: Tdev, make_repository: MakeRepository, api_for: StartApi
) -> None:
    both = threading.Barrier(2, timeout=120)
    met: list[str] = []

    def model(request: Request) -> Answer:
        if not request.tools:
            return say(json.dumps({"tasks": [planned(name) for name in NAMES], "not_done": []}))
        (name,) = (name for name in NAMES if f"A module {name}." in request.prompts[0])
        said = sum(message["role"] == "assistant" for message in request.messages)
        if said == 0:
            both.wait()
            met.append(name)
        return (module(name), shown(name), say(f"{name} is there."))[said]

    repository = make_repository(
        {**CALCULATOR, ".github/tdev.yml": POLICY, "tests/test_calculator.py": "def test(): ...\n"}
    )
    api = api_for(repeat(model))
    ended = tdev(
        "evolve", "Add modules that double and halve.", "--repo", repository, "--engine", "claude", "--json",
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stdout + ended.stderr
    assert sorted(met) == sorted(NAMES), "each session waited for the other to begin"
    run = settings.runs / ended.json["run_id"]
    patch = json.loads((run / "patch.json").read_text())
    assert [commit["task"] for commit in patch["commits"]] == ["T1", "T2"]
    assert {attempt["checkout"] for attempt in patch["attempts"]} == {"trees/0", "trees/1"}
    branch = ended.json["branch"]
    for name in NAMES:
        assert "FACTOR" in git(repository, "show", f"{branch}:{name}.py")
        assert "test_factor" in git(repository, "show", f"{branch}:tests/test_{name}.py")
    assert ended.json["cost_usd"] == pytest.approx(len(api.requests) * ONE_ANSWER, rel=0.01)
    assert len(api.requests) == 7 and KEY not in (run / "transcript.jsonl").read_text()

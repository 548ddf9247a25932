"""MCP servers over their real transports: standard input and output, doors, the sandbox, and the real Claude Code."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from messages_api import say, use
from support.claude_job import CALCULATOR, MakeRepository, StartApi, job_for, lines_of, pointed, scripted_apis
from support.mcp_session import called, called_over_stdio, configuration
from tdev.adapters.sandbox.inside import __file__ as inside
from tdev.core.outbox import OUTBOX_FILE, queued
from tdev.engines.claude.doors import doors
from tdev.engines.claude.engine import ClaudeEngine
from tdev.mcp import runner
from tdev.policy.agent import Agent, NamedTask, Server
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)
TASKS = (
    *Agent().tasks,
    NamedTask(name="env", argv=("env",)),
    NamedTask(name="wait", argv=("sleep", "60"), seconds=1),
    NamedTask(name="outside", argv=("cat", "/etc/hostname", "{path}")),
)


def test_a_server_over_standard_input_and_output(make_repository: MakeRepository, tmp_path: Path) -> None:
    root = make_repository(CALCULATOR)
    file = tmp_path / "servers.json"
    file.write_text(configuration(root, agent=Agent(servers=(Server.FS,))).model_dump_json())
    command = (sys.executable, "-m", "tdev.mcp.fs", str(file))
    read, refused = called_over_stdio(command, [("read", {"path": "calculator.py"}), ("read", {"path": "/etc/passwd"})])
    assert "return a - b" in read
    assert "outside the repository" in refused


def test_doors_answer_one_after_the_other_and_leave_nothing(
    settings: Settings, make_repository: MakeRepository, tmp_path: Path
) -> None:
    root = make_repository(CALCULATOR)
    given = configuration(root, agent=Agent(servers=(Server.FS, Server.GIT)))
    with doors(settings, given, tmp_path / "log") as sockets:
        assert set(sockets) == {"fs", "git"}
        for _ in range(2):
            command = (sys.executable, "-I", "-S", inside, "--stdio", str(sockets["fs"]))
            assert "return a - b" in called_over_stdio(command, [("read", {"path": "calculator.py"})])[0]
        end = time.monotonic() + 30
        while len(running := _servers(sockets["fs"].parent)) < 2 and time.monotonic() < end:
            time.sleep(0.05)  # the one that nobody called may still be starting
        assert len(running) == 2
    assert _servers(sockets["fs"].parent) == []
    assert not sockets["fs"].parent.exists()
    assert (tmp_path / "log").read_bytes() == b""


def _servers(folder: Path) -> list[str]:
    """Command lines of processes that were started with a configuration in this folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if str(folder / "servers.json") in words:
            found.append(" ".join(words))
    return found


def test_tasks_run_in_the_sandbox_and_take_no_free_word(
    settings: Settings, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_X", "CANARY")
    root = make_repository(CALCULATOR)
    (root / "calculator.py").write_text(CALCULATOR["calculator.py"])
    given = configuration(root, agent=Agent(servers=(Server.RUNNER,), tasks=TASKS))
    tests = "tests/test_calculator.py"
    calls = [
        ("run", {"task": "test", "path": tests, "test": "test_zero"}),
        ("run", {"task": "test", "path": tests, "test": "test_none"}),
        ("run", {"task": "env"}),
        ("run", {"task": "wait"}),
        ("run", {"task": "outside"}),
        ("run", {"task": "env", "path": tests}),
        ("run", {"task": "test", "path": "../x"}),
        ("run", {"task": "test", "path": tests, "test": "x -p evil"}),
        ("run", {"task": "test", "test": "x"}),
        ("run", {"task": "deploy"}),
    ]
    passed, missing, variables, stopped, outside, *refused = called(runner, "runner", settings, given, calls)
    assert passed.startswith("test ended with exit code 0 after") and "1 passed" in passed
    assert missing.startswith("test ended with exit code 4")
    assert "CANARY" not in variables and "HOME=/tmp/home" in variables
    assert stopped.startswith("wait was stopped at its time limit")
    assert outside.startswith("outside ended with exit code 1")
    assert [answer.partition(":")[0] for answer in refused] == ["error"] * 5


def test_claude_code_uses_our_servers_and_the_same_table_holds(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    folder = make_repository(CALCULATOR)
    tries = [
        use("mcp__fs__read", path="calculator.py"),
        use("mcp__fs__edit", path="calculator.py", old="return a - b", new="return a + b"),
        use("mcp__git__diff"),
        use("mcp__git__commit", message="mended"),
        use("mcp__github__comment", text="add() subtracted"),
        use("mcp__runner__run", task="test"),
        use("mcp__fs__write", path=".github/workflows/evil.yml", content="x"),
        use("mcp__fs__read", path="/etc/passwd"),
        use("mcp__git__show", revision="--output=/tmp/x"),
        use("mcp__runner__run", task="deploy"),
        use("Write", file_path=str(folder / "evil.py"), content="x"),
    ]
    api = api_for([*tries, say("Done.")])
    policy = Policy(agent=Agent(tools=(), servers=tuple(Server)))
    job = job_for(pointed(settings, api), folder, policy=policy)
    goal = job.goal.model_copy(update={"number": 3})
    ClaudeEngine().perform(replace(job, goal=goal))
    assert api.left() == []
    results = [request.tool_results[0] for request in api.requests[1:]]
    assert "return a - b" in results[0]
    assert "+    return a + b" in results[2]
    assert results[3].startswith("Committed ")
    assert "2 passed" in results[5] or "1 passed" in results[5]
    assert [result.startswith("error: ") for result in results] == [False] * 6 + [True] * 5
    assert "return a + b" in (folder / "calculator.py").read_text()
    assert not (folder / ".github").exists() and not (folder / "evil.py").exists()
    [comment] = queued((job.run_folder / OUTBOX_FILE).read_bytes())
    assert "add() subtracted" in comment
    assert sum(line["type"] == "Denial" for line in lines_of(job)) == 4
    assert {name for name in api.requests[0].tools if name.startswith("mcp__")} >= {"mcp__fs__read", "mcp__runner__run"}

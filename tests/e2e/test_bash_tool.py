"""Claude Code's own Bash, where policy turns it on: the real program, the real sandbox, and each line judged before."""

from __future__ import annotations

import pytest

from messages_api import say, use
from support.claude_job import CALCULATOR, MakeRepository, StartApi, job_for, lines_of, pointed, scripted_apis
from tdev.engines.claude.engine import ClaudeEngine
from tdev.policy.agent import Agent, Bash, BuiltIn, Program, Takes
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)
PROGRAMS = (
    Program(name="cat"),
    Program(name="git", subcommands=("log", "status"), flags=("--oneline",), takes=Takes.TEXT),
    Program(name="wc", flags=("-l",)),
)
RUN = [
    ("cat calculator.py | wc -l > lines.txt && cat lines.txt", "6"),
    ('echo "it is $(git log --oneline)"', "start"),
    ("cat 'calculator.py' 2>&1", "return a - b"),
]
DENIED = [
    "id", "cat /etc/passwd", "cat ../x", "cat calculator.py; id", "echo $(id)", "echo $HOME", "cat calculator.py &",
    "cat <<E\nx\nE", "cat *.py", "git -c alias.status='!id' status", "./cat x", "PATH=. cat x", "eval id", "cd /",
    "echo x > .github/workflows/ci.yml", "echo x > ../x", "cat < /etc/passwd", "bash -c id", "cat calculator.py\nid",
]  # fmt: skip


def test_only_lines_that_policy_allows_are_run(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    folder = make_repository(CALCULATOR)
    lines = [*(line for line, _ in RUN), *DENIED]
    api = api_for([*(use("Bash", command=line) for line in lines), say("Done.")])
    policy = Policy(agent=Agent(tools=(BuiltIn.BASH,), bash=Bash(programs=PROGRAMS)))
    job = job_for(pointed(settings, api), folder, policy=policy)
    work = ClaudeEngine().perform(job)
    assert api.left() == []
    results = [request.tool_results[0] for request in api.requests[1:]]
    for (line, wanted), result in zip(RUN, results, strict=False):
        assert wanted in result and not result.startswith("error"), line
    assert [result for result in results[len(RUN) :] if not result.startswith("error: ")] == []
    assert not (folder / ".github").exists() and not (folder.parent / "x").exists()
    assert sum(line["type"] == "Denial" for line in lines_of(job)) == len(DENIED)
    assert work.denied == len(DENIED)

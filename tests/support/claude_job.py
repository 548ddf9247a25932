"""A job for the claude engine: a small repository with a bug, and the settings that point at a scripted API.

Test modules say `api_for = pytest.fixture(scripted_apis)`.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from messages_api import MessagesApi, Turn
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.run import new_run_id
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.engine import Job
from tdev.errors import TdevError
from tdev.policy.model import Policy
from tdev.settings import Settings

KEY = "test-key-0123456789-do-not-log"
MakeRepository = Callable[[Mapping[str, str | bytes]], Path]
StartApi = Callable[[Iterable[Turn]], MessagesApi]
CALCULATOR = {
    "calculator.py": '"""Sums."""\n\n\ndef add(a, b):\n    """The sum."""\n    return a - b\n',
    "tests/test_calculator.py": "from calculator import add\n\n\ndef test_zero():\n    assert add(2, 0) == 2\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
}
"""It has no metadata: a project that is built costs a build back end's run in each of its environments."""
FIXED = {"old_string": "return a - b", "new_string": "return a + b"}


def pointed(settings: Settings, api: MessagesApi, key: str = KEY) -> Settings:
    return replace(settings, credentials={"ANTHROPIC_API_KEY": key}, model_base_url=api.url)


def job_for(settings: Settings, checkout: Path, **changes: Any) -> Job:
    """One try at mending the calculator."""
    run_id = new_run_id()
    run_folder = settings.runs / run_id
    run_folder.mkdir(parents=True)
    sha = subprocess.run(
        ("git", "rev-parse", "HEAD"), cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.strip()
    goal = Goal(
        run_id=run_id,
        goal_id="g",
        trace_id="0" * 32,
        kind=GoalKind.EVOLVE,
        text=changes.pop("text", "add() subtracts. Mend it."),
        title="mend add",
        slug="mend-add",
        repository=Repository(path=str(checkout), name=checkout.name, base_sha=sha),
        engine="claude",
        engine_reason="asked for",
        budget=changes.pop("budget", Budget()),
        created_at="2026-01-01T00:00:00Z",
    )
    job = Job(
        goal=goal,
        task=Task(id="T1", title="Mend add", description="add() must add.", estimate_hours=1, risk=2),
        policy=Policy(),
        settings=settings,
        checkout=checkout,
        project=checkout,
        python=Path(sys.executable),
        run_folder=run_folder,
        transcript=run_folder / "transcript.jsonl",
        attempt=1,
        feedback=(),
        session="",
        usd_left=5.0,
        seconds_left=120.0,
        progress=lambda line: None,
    )
    return replace(job, **changes)


def lines_of(job: Job) -> list[dict[str, Any]]:
    return [json.loads(line) for line in job.transcript.read_text().splitlines()]


def passes_its_tests(folder: Path) -> bool:
    return (
        subprocess.run((sys.executable, "-m", "pytest", "-q", "tests"), cwd=folder, capture_output=True).returncode == 0
    )


def scripted_apis() -> Iterator[StartApi]:
    """A fixture: a function that starts a scripted Messages API, which is stopped at the test's end."""
    with contextlib.ExitStack() as started:
        yield lambda script: started.enter_context(MessagesApi(script))


def perform_apart(job: Job, *, before: str = "") -> subprocess.Popen[bytes]:
    """A process of its own that performs the job; it prints `progress: …`, then the Work or the error as JSON.

    `before` is Python that it runs first.
    """
    code = f"import sys; sys.path[:] = sys.argv[1:]\n{before}\nfrom support.claude_job import _perform; _perform()"
    words = (sys.executable, "-I", "-B", "-c", code, *(place for place in sys.path if place))
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(pickle.dumps(replace(job, progress=print)))
    process.stdin.close()
    process.stdin = None
    return process


def _perform() -> None:
    job = pickle.loads(sys.stdin.buffer.read())
    try:
        work = ClaudeEngine().perform(job)
    except TdevError as error:
        said = {"error": type(error).__name__, "failure": error.failure, "message": str(error), "cost": error.cost_usd}
        print(json.dumps(said))
    else:
        print(json.dumps({"cost": work.cost_usd, "session": work.session, "text": work.nothing_to_do or work.summary}))


def claude_pids(checkout: Path) -> list[int]:
    """Process ids, as the machine has them, of every Claude Code that works in a checkout (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inside = (folder / "cwd").readlink() == checkout and (folder / "exe").readlink().name == "claude"
        except OSError:
            continue
        found += [int(folder.name)] if inside else []
    return found


def kill_claude(checkout: Path) -> None:
    """End every Claude Code in a checkout as nothing can be ended harder."""
    pids = claude_pids(checkout)
    assert pids, "no Claude Code runs there"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)

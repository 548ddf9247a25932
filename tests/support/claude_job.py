"""A job for the claude engine: a small repository with a bug, and the settings that point at a scripted API.

Test modules say `api_for = pytest.fixture(scripted_apis)`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from messages_api import MessagesApi, Turn
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.run import new_run_id
from tdev.engines.engine import Job
from tdev.policy.model import Policy
from tdev.settings import Settings

KEY = "test-key-0123456789-do-not-log"
MakeRepository = Callable[[Mapping[str, str | bytes]], Path]
StartApi = Callable[[Iterable[Turn]], MessagesApi]
CALCULATOR = {
    "calculator.py": '"""Sums."""\n\n\ndef add(a, b):\n    """The sum."""\n    return a - b\n',
    "tests/test_calculator.py": "from calculator import add\n\n\ndef test_zero():\n    assert add(2, 0) == 2\n",
    "pyproject.toml": '[project]\nname = "calculator"\nversion = "1"\n\n[tool.pytest.ini_options]\npythonpath = "."\n',
}
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

"""The Claude adapter: what a try costs in time besides the model's own, and what writing the transcript adds to it.

The real Claude Code runs in the real sandbox; the model's address is a scripted one on loopback, whose own time is
subtracted.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.report import Bar
from tdev.adapters.git import Git
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.run import new_run_id
from tdev.engines.claude.engine import ClaudeEngine
from tdev.engines.claude.transcript import Transcript
from tdev.engines.engine import Job
from tdev.policy.model import Policy
from tdev.settings import Settings
from tests.messages_api import Answer, MessagesApi, Request, Turn, say, use

BARS = (
    Bar("adapter_overhead_s", at_most=2.0),
    Bar("transcript_turn_ms", at_most=10.0),
    Bar("transcript_growth", at_most=2.0),
)
METHOD = {
    "adapter_overhead_s": "Median of 5 tries of two model turns and one edit, after one that warms the disk cache: "
    "wall clock of `ClaudeEngine.perform` (sandbox, model proxy, Claude Code, the edit, the end) less the model's.",
    "transcript_turn_ms": "Mean processor time of 1,000 turns, each a tool call and its result of 4 kB, "
    "redacted and written.",
    "transcript_growth": "The last 100 of these turns by the first 100, medians.",
}
_TRIES = 5
_TURNS = 1000
_KEY = "bench-key-0123456789-0123456789-0123456789"


def measure() -> tuple[dict[str, float], list[str]]:
    """Figures, and what is to be said of them."""
    with TemporaryDirectory(prefix="tdev-bench-") as name:
        folder = Path(name).resolve()
        overheads = list(_overheads(folder))
        turns = _transcript(folder / "transcript.jsonl")
    figures = {
        "adapter_overhead_s": statistics.median(overheads),
        "transcript_turn_ms": statistics.mean(turns) * 1000,
        "transcript_growth": statistics.median(turns[-100:]) / statistics.median(turns[:100]),
    }
    spread = ", ".join(f"{seconds:.2f}" for seconds in overheads)
    return figures, [f"adapter overhead of each try: {spread} s; {ClaudeEngine().version(Settings.from_environment())}"]


def _overheads(folder: Path) -> Iterator[float]:
    checkout = _repository(folder / "repository")
    for number in range(_TRIES + 1):
        thought = 0.0

        def timed(answer: Answer) -> Turn:
            def turn(_request: Request) -> Answer:
                nonlocal thought
                began = time.monotonic()
                try:
                    return answer
                finally:
                    thought += time.monotonic() - began

            return turn

        edit = use("Write", file_path="a.py", content=f"x = {number}\n")
        with MessagesApi([timed(edit), timed(say("Done."))]) as api:
            job = _job(folder, checkout, api)
            began = time.monotonic()
            ClaudeEngine().perform(job)
            seconds = time.monotonic() - began - thought
        if (checkout / "a.py").read_text() != f"x = {number}\n":
            raise AssertionError("the edit was not made")
        if number:
            yield seconds


def _repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "b.py").write_text("y = 1\n")
    git = Git(folder, Settings.from_environment().child_environment)
    git.run("init", "--quiet")
    git.commit_all("start")
    return folder


def _job(folder: Path, checkout: Path, api: MessagesApi) -> Job:
    settings = replace(
        Settings.from_environment(),
        home=folder / "state",
        credentials={"ANTHROPIC_API_KEY": _KEY},
        model_base_url=api.url,
    )
    run_id = new_run_id()
    run_folder = settings.runs / run_id
    run_folder.mkdir(parents=True)
    goal = Goal(
        run_id=run_id,
        goal_id="g",
        trace_id="0" * 32,
        kind=GoalKind.EVOLVE,
        text="Write a.py.",
        title="write",
        slug="write",
        repository=Repository(
            path=str(checkout), name="repository", base_sha=Git(checkout, settings.child_environment).commit_of("HEAD")
        ),
        engine="claude",
        engine_reason="asked for",
        budget=Budget(),
        created_at="2026-01-01T00:00:00Z",
    )
    return Job(
        goal=goal,
        task=Task(id="T1", title="Write a.py", description="Write it.", estimate_hours=1, risk=1),
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
        progress=lambda _line: None,
    )


def _transcript(file: Path) -> list[float]:
    """Seconds of processor time of each turn, writing included."""
    transcript = Transcript(file, (_KEY,))
    source = Path(__file__).read_text()[:4000]
    seconds = []
    for number in range(_TURNS):
        call = {"kind": "ToolUseBlock", "id": f"toolu_{number:016}", "name": "Read", "input": {"file_path": "a.py"}}
        result = {"kind": "ToolResultBlock", "tool_use_id": f"toolu_{number:016}", "content": source}
        began = time.process_time()
        transcript.add({"type": "AssistantMessage", "content": [call], "model": "claude"})
        transcript.add({"type": "UserMessage", "content": [result]})
        seconds.append(time.process_time() - began)
    return seconds

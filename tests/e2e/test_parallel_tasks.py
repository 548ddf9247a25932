"""Tasks beside each other in work trees: merged in the plan's order, put back on a conflict, the same after kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.code_runs import SUMS, code_run, fails, scripted, task, writes
from support.command import git
from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.attempt import Failure, Session
from tdev.core.artifacts.goal import Budget
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, TaskState
from tdev.engines import table
from tdev.errors import BudgetExceeded
from tdev.policy.model import Limits
from tdev.settings import Settings
from tdev.stages.code import code

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
Make = Callable[[Mapping[str, str | bytes]], Path]
WORKER = Path(__file__).parents[1] / "support" / "killed_code_run.py"
GOOD = {
    "sums.py": SUMS["sums.py"].replace("a - b", "a + b"),
    "test_sums.py": SUMS["test_sums.py"] + "\n\ndef test_more():\n    assert add(-1, 1) == 0 or True\n",
}
TWO = Limits(parallel_tasks=2)


@pytest.fixture(autouse=True)
def _engines() -> Iterator[None]:
    yield
    table.ENGINES.pop("scripted", None)


def adding(name: str) -> dict[str, str]:
    """A module with its test."""
    return {
        f"{name}.py": f"VALUE = '{name}'\n",
        f"test_{name}.py": f"import {name}\n\n\ndef test_it():\n    assert {name}.VALUE\n",
    }


def subjects(run: RunDir) -> list[str]:
    return [commit.task for commit in run.read(Patch).commits]


def test_independent_tasks_run_at_the_same_time_and_are_merged_in_order(
    settings: Settings, make_repository: Make
) -> None:
    run = code_run(
        settings, make_repository(SUMS), [task("T1"), task("T2"), task("T3", needs=("T1", "T2"))], limits=TWO
    )
    both = threading.Barrier(2)
    engine = scripted(
        {
            "T1": [writes(adding("one"), wait_for=both)],
            "T2": [writes(adding("two"), wait_for=both)],
            "T3": [writes(adding("three"))],
        }
    )
    code(run)
    assert subjects(run) == ["T1", "T2", "T3"]
    assert {job.checkout.parent.name for job in engine.jobs[:2]} == {"trees"}
    assert len({job.checkout for job in engine.jobs}) == 3
    assert len({job.python for job in engine.jobs}) == 3
    assert [job.usd_left for job in engine.jobs] == pytest.approx([2.5, 2.5, 4.5])
    branch = git(run.work / "code", "log", "--format=%s %ae", "--first-parent", "tdev/auto/do-it").splitlines()
    assert len(branch) == 4
    names = [(each.task, each.checkout) for each in run.read(Patch).attempts]
    assert ("T3", "code") in names and {"trees/0", "trees/1"} == {place for name, place in names if name != "T3"}


def test_a_conflict_puts_the_later_task_behind_the_earlier(settings: Settings, make_repository: Make) -> None:
    run = code_run(settings, make_repository(SUMS), [task("T1"), task("T2")], limits=TWO)
    other = SUMS["sums.py"].replace("a - b", "b + a")
    both = SUMS["sums.py"].replace("a - b", "a + b + 0")
    engine = scripted(
        {"T1": [writes({"sums.py": GOOD["sums.py"]})], "T2": [writes({"sums.py": other}), writes({"sums.py": both})]}
    )
    code(run)
    plan, patch = run.read(Plan), run.read(Patch)
    assert subjects(run) == ["T1", "T2"]
    assert plan.tasks[1].after == ("T1",)
    assert plan.revision == 1
    conflict, again = (each for each in patch.attempts if each.task == "T2")
    assert (conflict.kept, conflict.failure, again.kept) == (False, Failure.CONFLICT, True)
    assert "conflicts in sums.py" in conflict.reason
    last = engine.jobs[-1]
    assert last.checkout.name == "code"
    assert last.parameters.session is Session.FRESH
    assert "conflicts in sums.py" in last.feedback[0]
    assert "b + 0" in git(run.work / "code", "show", "HEAD:sums.py")


def test_what_fails_only_together_is_put_back_as_well(settings: Settings, make_repository: Make) -> None:
    run = code_run(settings, make_repository(SUMS), [task("T1"), task("T2")], limits=TWO)
    renamed = {"sums.py": GOOD["sums.py"].replace("add", "plus") + "\n\nadd = plus\n"}
    strict = {"test_shape.py": "import sums\n\n\ndef test_names():\n    assert not hasattr(sums, 'plus')\n"}
    loose = {"test_shape.py": "import sums\n\n\ndef test_names():\n    assert hasattr(sums, 'plus')\n"}
    engine = scripted({"T1": [writes(renamed)], "T2": [writes(strict), writes(loose)]})
    code(run)
    assert subjects(run) == ["T1", "T2"]
    conflict = next(each for each in run.read(Patch).attempts if each.failure is Failure.CONFLICT)
    assert "fails together" in conflict.reason
    assert "test_names" in engine.jobs[-1].feedback[0]


def test_the_budget_is_shared_and_one_task_without_money_lets_the_other_end(
    settings: Settings, make_repository: Make
) -> None:
    run = code_run(settings, make_repository(SUMS), [task("T1"), task("T2")], limits=TWO, budget=Budget(usd=1.0))
    scripted({"T1": [fails(BudgetExceeded("Used up."), cost_usd=0.5)], "T2": [writes(adding("two"))]})
    with pytest.raises(BudgetExceeded):
        code(run)
    engine = scripted({"T1": [writes(adding("one"))]})
    code(run)
    assert sorted(subjects(run)) == ["T1", "T2"]
    assert engine.jobs[0].usd_left == pytest.approx(0.25)
    assert run.read(Patch).cost_usd == pytest.approx(1.0)


def started_worker(settings: Settings, run: RunDir) -> subprocess.Popen[bytes]:
    """A process that does the code stage; what it says is in the file `said`."""
    with (settings.home / "said").open("wb") as said:
        return subprocess.Popen(
            (sys.executable, str(WORKER), str(settings.home), run.id),
            env={**os.environ, "TDEV_HOME": str(settings.home), "PYTHONPATH": str(WORKER.parents[1])},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def events_in(run: RunDir) -> list[bytes]:
    file = run.path / "events.jsonl"
    return file.read_bytes().splitlines() if file.is_file() else []


def killed_after(settings: Settings, run: RunDir, event: str, seconds: float) -> bool:
    """Kill a process that does the stage so long after its next event of that name; False when it came to its end."""
    seen, worker = len(events_in(run)), started_worker(settings, run)
    while worker.poll() is None:
        if any(f'"{event}"'.encode() in line for line in events_in(run)[seen:]):
            time.sleep(seconds)
            os.killpg(worker.pid, signal.SIGKILL)
            break
        time.sleep(0.002)
    code_of = worker.wait(timeout=30)
    assert code_of in (0, -signal.SIGKILL), (settings.home / "said").read_text()
    return code_of != 0


def test_kill_9_at_any_moment_ends_the_same_and_doubles_nothing(settings: Settings, make_repository: Make) -> None:
    tasks = [task("T1"), task("T2"), task("T3", needs=("T1",))]
    run = code_run(settings, make_repository(SUMS), tasks, limits=TWO)
    moments = (
        ("tdev.task.start", 0.05),
        ("tdev.task.attempt", 0.0),
        ("tdev.task.attempt", 0.0),
        ("tdev.task.end", 0.0),
        ("tdev.task.merge", 0.0),
        ("tdev.task.start", 0.3),
    )
    kills = sum(killed_after(settings, run, event, seconds) for event, seconds in moments)
    assert kills >= 4
    killed_after(settings, run, "none", 0)
    run = run_dir.open_run(settings, run.id)
    patch = run.read(Patch)
    assert sorted(commit.task for commit in patch.commits) == ["T1", "T2", "T3"]
    assert [each.state for each in run.read(Plan).tasks] == [TaskState.DONE] * 3
    assert sum(each.kept for each in patch.attempts) == 3
    assert sorted(file.path for file in patch.files) == [
        "t1.py", "t2.py", "t3.py", "test_t1.py", "test_t2.py", "test_t3.py",
    ]  # fmt: skip
    assert git(run.work / "code", "status", "--porcelain") == ""
    assert not (run.work / "code-progress.json").exists()

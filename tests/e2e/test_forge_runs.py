"""Runs of workflows that are cancelled, killed, at work at once, or start one another."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge
from support.forge_calc import CALC, calc_forge, pushed, runs_of
from support.forge_runs import (
    REPOSITORY,
    conclusions,
    dispatched,
    forge_with_runner,
    log_of,
    logs,
    reached,
    stages_runner,
    until,
)
from support.receiver import Receiver, receiving
from tdev.adapters.service import free_port
from tdev.forge.git.backend import NO_COMMIT, RefUpdate
from tdev.forge.git.pushed import received
from tdev.forge.program import run_logged
from tdev.forge.store import open_store, repository_by_name, user_by_id
from tdev.forge.workflows import runs
from tdev.forge.workflows.job_states import jobs_of, run_by_id
from tdev.forge.workflows.job_work import LOST, working
from tdev.forge.workflows.triggered import triggered
from tdev.settings import Settings

LONG = """
on: workflow_dispatch
concurrency: one
jobs:
  long:
    runs-on: x
    steps:
      - run: |
LINES
      - if: always()
        uses: actions/upload-artifact@v4
        with: {path: "${{ runner.temp }}"}
  after: {needs: long, runs-on: x, steps: [{run: tdev run list}]}
""".replace("LINES", "          tdev run list\n" * 200)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def forge(tmp_path: Path, settings: Settings, receiver: Receiver) -> Iterator[Forge]:
    with calc_forge(tmp_path / "forge", settings, receiver) as running:
        yield running


@pytest.fixture
def token(forge: Forge) -> str:
    return forge.token("ada")


def test_a_cancelled_run_stops_its_program_and_still_does_what_always_must_be_done(
    forge: Forge, token: str, tmp_path: Path
) -> None:
    pushed(forge, token, tmp_path / "work", "main", {".github/workflows/long.yml": LONG})
    first = dispatched(forge, token, workflow="long.yml")
    until(lambda: "tdev run list" in logs(forge, first), "the first run is at work")
    second, third = (dispatched(forge, token, workflow="long.yml") for _ in range(2))
    assert reached(forge, second)["conclusion"] == "cancelled"
    assert run_by_id(forge.store, third)["status"] == "queued"
    forge.do("POST", f"{REPOSITORY}/actions/runs/{first}/cancel", token=token, status=202)
    assert reached(forge, first)["conclusion"] == "cancelled"
    assert conclusions(forge, first) == {"long": "cancelled", "after": "skipped"}
    log = log_of(forge, first, "long")
    assert "The operation was canceled." in log and "No files were found" in log
    reached(forge, third, "in_progress")
    forge.do("POST", f"{REPOSITORY}/actions/runs/{third}/force-cancel", token=token, status=202)
    assert reached(forge, third)["conclusion"] == "cancelled"
    forge.do("POST", f"{REPOSITORY}/actions/runs/{third}/cancel", token=token, status=409)


def test_what_was_at_work_when_the_forge_was_killed_is_failed_with_the_reason(
    tmp_path: Path, settings: Settings
) -> None:
    with forge_with_runner(tmp_path / "forge", settings) as forge:
        forge.repository("ada", "calc", CALC)
        number = dispatched(forge, forge.token("ada"), {"run_id": "r-9"})
        reached(forge, number)
        url = forge.url
    store = open_store(tmp_path / "forge", base_url=url, environment=settings.child_environment)
    work, publish = jobs_of(store, run_by_id(store, number))
    store.run("DELETE FROM workflow_jobs WHERE id = ?", publish["id"])
    step = {"name": "Explain", "status": "in_progress", "conclusion": None, "number": 1, "started_at": store.now(),
            "completed_at": None}  # fmt: skip
    store.update("workflow_jobs", work["id"], status="in_progress", conclusion=None, steps=json.dumps([step]))
    store.update("workflow_runs", number, status="in_progress", conclusion=None)

    async def again() -> None:
        async with working(store, stages_runner(settings)):
            while run_by_id(store, number)["status"] != "completed":
                await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(again(), 30))
    jobs = {row["key"]: row for row in jobs_of(store, run_by_id(store, number))}
    assert {key: row["conclusion"] for key, row in jobs.items()} == {"work": "failure", "publish": "skipped"}
    assert json.loads(jobs["work"]["steps"])[0]["conclusion"] == "failure"
    assert store.value("SELECT summary FROM check_runs WHERE id = ?", work["check_run_id"]) == LOST
    store.connection.close()


def test_what_a_jobs_own_token_does_starts_nothing_and_an_apps_token_does(
    forge: Forge, token: str, tmp_path: Path
) -> None:
    repository = repository_by_name(forge.store, "ada", "calc")
    assert repository is not None
    own = runs.actions_app(forge.store)
    ids = {
        "own": user_by_id(forge.store, own["bot_id"]),
        "app": user_by_id(forge.store, forge.store.value("SELECT bot_id FROM apps WHERE slug = 'checker'")),
    }
    sha = pushed(forge, token, tmp_path / "work", "topic", {"calc.py": "x = 2\n"})
    forge.store.listeners.append(triggered)
    seen = {}
    for name, sender in ids.items():
        update = RefUpdate(f"refs/heads/release/{name}", NO_COMMIT, sha)
        forge.store.git(repository).run("update-ref", update.ref, sha)
        received(forge.store, repository, [update], sender)
        seen[name] = [run["actor"]["login"] for run in runs_of(forge, token, branch=f"release/{name}")]
    assert seen == {"own": [], "app": ["checker[bot]"]}


def test_two_runs_are_at_work_at_once(forge: Forge, token: str, tmp_path: Path) -> None:
    text = LONG.replace("concurrency: one\n", "")
    pushed(forge, token, tmp_path / "work", "main", {".github/workflows/long.yml": text})
    numbers = [dispatched(forge, token, workflow="long.yml") for _ in range(3)]

    def states() -> list[str]:
        return [run_by_id(forge.store, number)["status"] for number in numbers]

    until(lambda: states() == ["in_progress", "in_progress", "queued"], "two runs are at work")
    for number in numbers:
        forge.do("POST", f"{REPOSITORY}/actions/runs/{number}/force-cancel", token=token, status=202)
        assert reached(forge, number)["conclusion"] == "cancelled"


def test_a_forge_that_was_killed_goes_on_with_its_runs(tmp_path: Path, settings: Settings) -> None:
    root, port = tmp_path / "forge", free_port()
    environment = {**os.environ, "TDEV_HOME": str(settings.home)}
    words = (sys.executable, "-m", "tdev.cli.main", "forge", "--root", str(root), "--port", str(port))

    def served() -> subprocess.Popen[str]:
        forge = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
        assert forge.stdout is not None
        assert forge.stdout.readline().startswith("http")
        return forge

    program = served()
    store = open_store(root, base_url=f"http://127.0.0.1:{port}", environment=settings.child_environment)
    try:
        forge = Forge(store, store.base_url)
        forge.repository("ada", "calc", {**CALC, ".github/workflows/long.yml": LONG})
        token = forge.token("ada")
        number = dispatched(forge, token, workflow="long.yml")
        until(lambda: "tdev run list" in logs(forge, number), "the run is at work")
        program.kill()
        program.wait()
        assert run_by_id(store, number)["status"] == "in_progress"
        program = served()
        assert reached(forge, number)["conclusion"] == "failure"
        assert conclusions(forge, number) == {"long": "failure", "after": "skipped"}
        assert LOST in log_of(forge, number, "long")
        assert reached(forge, dispatched(forge, token, {"run_id": "r-10"}))["conclusion"] == "success"
    finally:
        program.kill()
        program.wait()
        store.connection.close()


async def _sleep_forever(folder: Path) -> int | None:
    return await run_logged(
        ("sleep", "60"), cwd=folder, environment={"PATH": "/usr/bin:/bin"}, write=lambda text: None, timeout=0.3
    )


def test_a_program_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    started = time.monotonic()
    assert asyncio.run(_sleep_forever(tmp_path)) is None
    assert time.monotonic() - started < 10

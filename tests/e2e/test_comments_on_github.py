"""Comments from a run's outbox on the issue of a forge: each once, few, and acting on nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.forge import Forge, running_forge
from tdev.adapters import run_dir
from tdev.adapters.github_publish import access
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.job import Home
from tdev.core.outbox import MOST_COMMENTS, OUTBOX_FILE, line_of
from tdev.core.run import new_run_id
from tdev.forge import store as stores
from tdev.forge.store import add_installation_token
from tdev.forge.workflows.runs import actions_app
from tdev.policy.model import Policy
from tdev.settings import ActionsJob, Settings
from tdev.stages.comments_on_github import post_comments

pytestmark = pytest.mark.e2e
ISSUES = "/repos/ada/calc/issues"
POLICY = Policy()
RIGHTS = {"issues": "write", "pull_requests": "write"}


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        yield running


def a_run(settings: Settings, number: int, policy: Policy = POLICY) -> RunDir:
    goal = Goal(
        run_id=new_run_id(),
        goal_id="g",
        trace_id="0" * 32,
        kind=GoalKind.EVOLVE,
        text="x",
        title="x",
        slug="x",
        repository=Repository(path="/x", name="calc", base_sha="0" * 40),
        engine="claude",
        engine_reason="asked for",
        number=number,
        created_at="2026-01-01T00:00:00Z",
    )
    return run_dir.create(settings, goal, policy)


def signed_in(forge: Forge, settings: Settings) -> tuple[Settings, Home]:
    """An issue to comment on: settings of a job that may, and where it is."""
    owner = forge.user("ada")
    row = stores.add_repository(forge.store, owner, "calc")
    forge.do("POST", ISSUES, token=forge.token("ada"), json={"title": "Mend"}, status=201)
    installation = forge.install(actions_app(forge.store), "ada")
    token, _ = add_installation_token(
        forge.store, installation, permissions=RIGHTS, repository_ids=[row["id"]], lifetime=600
    )
    mine = replace(settings, github_api_url=forge.api_url, actions=ActionsJob(token=token))
    return mine, Home(full_name="ada/calc", id=row["id"], default_branch="main")


def test_each_comment_once_and_acting_on_nothing(forge: Forge, settings: Settings) -> None:
    mine, home = signed_in(forge, settings)
    run = a_run(mine, number=1)

    async def post(which: RunDir) -> int:
        async with access(mine, home, RIGHTS, own_token=True) as there:
            return await post_comments(which, there)

    assert asyncio.run(post(run)) == 0
    (run.path / OUTBOX_FILE).write_bytes(b"junk\n" + line_of("Hello @ada, closes #1 <!-- x -->") * (MOST_COMMENTS + 3))
    for _ in range(2):
        assert asyncio.run(post(run)) == MOST_COMMENTS
    comments = forge.get(f"{ISSUES}/1/comments")
    assert len(comments) == MOST_COMMENTS
    assert all("Hello" in comment["body"] for comment in comments)
    assert not any("@ada" in comment["body"] or "closes #1" in comment["body"] for comment in comments)
    elsewhere = a_run(mine, number=0)
    (elsewhere.path / OUTBOX_FILE).write_bytes(line_of("Hello"))
    assert asyncio.run(post(elsewhere)) == 0
    linked = a_run(mine, number=1)
    (linked.path / OUTBOX_FILE).symlink_to(run.path / OUTBOX_FILE)
    assert asyncio.run(post(linked)) == 0
    assert len(forge.get(f"{ISSUES}/1/comments")) == MOST_COMMENTS


def test_links_lead_to_github_and_to_the_hosts_of_the_policy(forge: Forge, settings: Settings) -> None:
    mine, home = signed_in(forge, settings)
    run = a_run(mine, number=1, policy=Policy(links=("docs.example.org",)))
    text = "[a](https://docs.example.org/x) [b](https://github.com/ada/calc) [c](https://evil.example/y)"
    more = (
        " [d](http://docs.example.org/z) [e](https://docs.example.org.evil.example/) [f](https://u@docs.example.org/)"
    )
    (run.path / OUTBOX_FILE).write_bytes(line_of(text + more))

    async def post() -> int:
        async with access(mine, home, RIGHTS, own_token=True) as there:
            return await post_comments(run, there)

    assert asyncio.run(post()) == 1
    (comment,) = forge.get(f"{ISSUES}/1/comments")
    assert (
        "[a](https://docs.example.org/x)" in comment["body"] and "[b](https://github.com/ada/calc)" in comment["body"]
    )
    assert not any(f"[{word}](" in comment["body"] for word in "cdef")

"""The front door: a label or a comment on a forge becomes a gated pull request, through our own workflow files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.bot_world import BOT, NAME, OWNER, World, until, world
from support.command import OLD_FILES, WITHOUT_SECRETS
from support.deliveries import headers
from support.forge_runs import conclusions, logs, reached
from tdev.forge.store import repository_by_name
from tdev.forge.workflows.runner import StagesRunner
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
CHECKS = {"tdev/security", "tdev/tests", "tdev/quality"}
KEPT = {"tdev-run", "tdev-run-judged", "tdev-run-published", "tdev-run-learnt"}
WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
PLACES = '''"""Places."""

import sys
import os


def here() -> str:
    """The folder that we are in."""
    return os.getcwd()
'''
FILES = {
    **OLD_FILES,
    "places.py": PLACES,
    **{f".github/workflows/{name}": (WORKFLOWS / name).read_text("utf-8") for name in ("tdev.yml", "tdev-gates.yml")},
}
SECONDS = 300.0
"""Three times what it takes on a slow machine with others at work."""


@pytest.fixture
def here(request: pytest.FixtureRequest, settings: Settings, shared_state: Path) -> Iterator[World]:
    """A forge whose runner runs `tdev` commands, and one running bot; the repository's policy may be given."""
    policy = {".github/tdev.yml": request.param} if hasattr(request, "param") else {}
    environment = {**settings.child_environment, **settings.installer_environment}
    runner = StagesRunner(environment, shared_state)
    with world(replace(settings), runner, files={**FILES, **policy}) as running:
        store = running.forge.store
        row = repository_by_name(store, OWNER, NAME)
        assert row is not None
        set_secret(store, row["id"], "TDEV_APP_ID", str(running.app["id"]))
        set_secret(store, row["id"], "TDEV_APP_PRIVATE_KEY", running.key)
        running.serve()
        yield running


def sticky(here: World, number: int, which: int = -1) -> str:
    """The comment of a run, once it has ended."""

    def ended() -> str:
        texts = here.comments(number, "run")
        return texts[which] if texts and "/tdev stop" not in texts[which] else ""

    return str(until(ended, SECONDS, 0.25))


def pulls(here: World) -> list[dict[str, Any]]:
    """The bot's pull requests, oldest first."""
    found = here.ask("GET", "/pulls?state=all&sort=created&direction=asc")
    return [pull for pull in found if pull["user"]["login"] == BOT]


def checks(here: World, sha: str) -> dict[str, str]:
    """Our checks of a commit."""
    runs = here.ask("GET", f"/commits/{sha}/check-runs")["check_runs"]
    return {run["name"]: str(run["conclusion"]) for run in runs if run["name"] in CHECKS}


def run_of(here: World, event: str) -> int:
    """Id of the run that an event started; 0 when there is none yet."""
    return int(here.forge.store.value("SELECT id FROM workflow_runs WHERE event = ?", event) or 0)


def deliver_again(here: World, times: int) -> None:
    """The label's delivery comes many times more, all at once."""
    (sent,) = [row for row in here.deliveries("issues") if row["action"] == "labeled"]
    body = sent["payload"].encode()
    given = headers("issues", body, delivery=sent["guid"])
    with ThreadPoolExecutor(times) as pool:
        assert list(pool.map(lambda _: here.bots[-1].send(body, given), range(times))) == [200] * times


def test_a_label_becomes_a_gated_pull_request_and_its_comment_tells_of_it(here: World) -> None:
    number = here.issue("modernise and imports", "")
    began = time.monotonic()
    here.label(number, "tdev:evolve")
    until(lambda: here.reactions(number) == ["eyes"])
    first_sign = time.monotonic() - began
    deliver_again(here, times=10)
    text = sticky(here, number)
    whole = time.monotonic() - began
    print(f"first sign after {first_sign:.2f} s, pull request after {whole:.1f} s")
    print(text)
    (pull,) = pulls(here)
    assert pull["base"]["ref"] == "main" and pull["head"]["ref"].startswith("tdev/auto/")
    assert checks(here, pull["head"]["sha"]) == dict.fromkeys(CHECKS, "success")
    assert "evolve done" in text and f"**Pull request #{pull['number']}**" in text
    shown = [line.removeprefix("- [x] ") for line in text.splitlines() if line.startswith("- [")]
    assert shown[:3] == ["Begin", "Confine", "Research"] and shown[-2:] == ["Publish", "Learn"]
    assert "cost: no model was used" in text and all(f"| {check} | ✅ success |" in text for check in CHECKS)
    assert len(here.comments(number)) == 1
    run_id = run_of(here, "workflow_dispatch")
    ended = {"build": "skipped", "evolve / agent": "success", "evolve / deliver / gate": "success"}
    ended |= {"evolve / deliver / publish": "success", "evolve / deliver / learn": "success"}
    assert conclusions(here.forge, run_id) == ended
    jobs = here.ask("GET", f"/actions/runs/{run_id}/jobs")["jobs"]
    steps = [step["name"] for job in jobs for step in job["steps"]]
    assert {"Research", "Plan", "Code and gates", "Judge anew", "Token", "Publish", "Learn"} <= set(steps)
    assert "Post actions/token" in steps
    artifacts = here.ask("GET", f"/actions/runs/{run_id}/artifacts")["artifacts"]
    assert {artifact["name"] for artifact in artifacts} == KEPT
    log = logs(here.forge, run_id)
    assert "PRIVATE KEY" not in log and "ghs_" not in log
    assert f"A token of the App tdev-test for {OWNER}/{NAME}, to publish" in log and "The token is revoked." in log
    gates = until(lambda: run_of(here, "pull_request"), SECONDS)
    reached(here.forge, gates, seconds=SECONDS)
    assert "judged already" in logs(here.forge, gates)


@pytest.mark.parametrize("here", [WITHOUT_SECRETS], indirect=True)
def test_on_pull_requests_commits_are_stacked_on_a_persons_and_added_to_ours(here: World) -> None:
    here.branch("feature")
    theirs = here.pull("feature")
    here.say(theirs, "/tdev evolve modernise")
    text = sticky(here, theirs)
    (stacked,) = pulls(here)
    assert f"**Pull request #{stacked['number']}**" in text
    assert stacked["base"]["ref"] == "feature" and stacked["head"]["ref"].startswith("tdev/auto/")

    here.say(stacked["number"], "Thanks!\n\n/tdev evolve imports")
    text = sticky(here, stacked["number"])
    (again,) = pulls(here)
    assert f"**Pull request #{stacked['number']}**" in text and "evolve done" in text
    assert again["head"]["ref"] == stacked["head"]["ref"] and again["head"]["sha"] != stacked["head"]["sha"]
    commits = here.ask("GET", f"/pulls/{stacked['number']}/commits")
    assert stacked["head"]["sha"] in [commit["sha"] for commit in commits]
    assert checks(here, again["head"]["sha"]) == dict.fromkeys(CHECKS, "success")


def test_plan_is_answered_with_the_plan_and_what_is_beyond_us_with_the_reason(here: World) -> None:
    number = here.issue("modernise", "")
    here.say(number, "/tdev plan")
    text = sticky(here, number)
    assert "No pull request: only a plan was asked for" in text and "- [x] Plan" in text
    (plan,) = (said for said in here.comments(number, "") or () if "# Plan" in said)
    assert "Modernise the syntax" in plan and pulls(here) == []

    other = here.issue("Teach it to sing", "In four voices.")
    here.label(other, "tdev:evolve")
    text = sticky(here, other)
    assert "evolve failed" in text and "No pull request: No recipe can do" in text and "- [ ] Begin ❌ [log](" in text

"""The whole way with act as the runner: a label, a run, a pull request, required checks, and only then a merge."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.act import act_runner
from support.bot_world import BOT, NAME, OWNER, World, until, world
from support.command import OLD_FILES, WITHOUT_SECRETS
from support.forge_runs import logs
from tdev.forge.store import repository_by_name
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
CHECKS = ("tdev/security", "tdev/tests", "tdev/quality")
WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
FILES = {
    **OLD_FILES,
    ".github/tdev.yml": WITHOUT_SECRETS,
    **{f".github/workflows/{name}": (WORKFLOWS / name).read_text("utf-8") for name in ("tdev.yml", "tdev-gates.yml")},
}
SECONDS = 400.0
"""Several times what it takes on a slow machine with others at work."""


@pytest.fixture
def here(settings: Settings) -> Iterator[World]:
    """A forge whose jobs act carries out, and one running bot."""
    with world(settings, act_runner(settings), files=FILES) as running:
        row = repository_by_name(running.forge.store, OWNER, NAME)
        assert row is not None
        set_secret(running.forge.store, row["id"], "TDEV_APP_ID", str(running.app["id"]))
        set_secret(running.forge.store, row["id"], "TDEV_APP_PRIVATE_KEY", running.key)
        running.serve()
        yield running


def ended(here: World, event: str) -> dict[str, Any]:
    """The run that an event started, once it has ended."""

    def run() -> dict[str, Any] | None:
        runs = here.ask("GET", f"/actions/runs?event={event}")["workflow_runs"]
        found = [run for run in runs if run["status"] == "completed"]
        return found[0] if found else None

    found: dict[str, Any] = until(run, SECONDS, 0.25)
    return found


def test_a_label_becomes_a_pull_request_that_its_required_checks_let_be_merged(here: World) -> None:
    required = {
        "required_status_checks": {"strict": False, "contexts": list(CHECKS)},
        "enforce_admins": True, "required_pull_request_reviews": None, "restrictions": None,
    }  # fmt: skip
    here.ask("PUT", "/branches/main/protection", required, who=OWNER)
    here.ask("PUT", f"/pulls/{unjudged(here)}/merge", {}, status=405)

    number = here.issue("modernise", "")
    began = time.monotonic()
    here.label(number, "tdev:evolve")
    run = ended(here, "workflow_dispatch")
    assert run["conclusion"] == "success", logs(here.forge, run["id"])[-20_000:]
    print(f"run after {time.monotonic() - began:.1f} s")
    (pull,) = [each for each in here.ask("GET", "/pulls") if each["user"]["login"] == BOT]
    gates = ended(here, "pull_request")
    assert gates["conclusion"] == "success", logs(here.forge, gates["id"])[-20_000:]
    print(f"gates after {time.monotonic() - began:.1f} s")
    runs = here.ask("GET", f"/commits/{pull['head']['sha']}/check-runs?per_page=100")["check_runs"]
    assert {each["name"]: each["conclusion"] for each in runs if each["name"] in CHECKS} == dict.fromkeys(
        CHECKS, "success"
    )
    log = logs(here.forge, run["id"])
    assert "PRIVATE KEY" not in log and "ghs_" not in log
    assert here.ask("PUT", f"/pulls/{pull['number']}/merge", {})["merged"] is True


def unjudged(here: World) -> int:
    """A pull request whose commit starts no workflow, so that no gate judges it."""
    sha = here.ask("GET", "/git/ref/heads/main")["object"]["sha"]
    here.ask("POST", "/git/refs", {"ref": "refs/heads/unjudged", "sha": sha}, status=201)
    content = {"message": "More [skip ci]", "content": "eSA9IDIK", "branch": "unjudged"}
    here.ask("PUT", "/contents/more.py", content, status=201)
    return here.pull("unjudged")

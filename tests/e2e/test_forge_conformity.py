"""What the forge answers and sends is what GitHub describes: every route, every webhook it emits."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.forge_drive import DRIVES
from support.forge_drive_runs import WORKFLOW
from support.forge_runs import forge_with_runner
from support.forge_world import FILES, make_world
from support.github_description import NOT_DESCRIBED, Conformity
from support.github_models import Models
from support.receiver import Received, receiving
from tdev.forge.routes import ROUTES
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

_WRONG_MODEL = "/repos/{owner}/{repo}/issues/{issue_number}/events"
"""githubkit's union for this list knows no `closed`, `reopened`, `unlocked` and `merged`, which GitHub sends."""
EXPECTED = {
    ("ping", None),
    ("installation", "created"),
    ("installation", "suspend"),
    ("installation", "deleted"),
    *(("issues", action) for action in ("opened", "edited", "closed", "reopened", "labeled", "unlabeled")),
    *(("issues", action) for action in ("assigned", "unassigned", "locked", "unlocked")),
    *(("issue_comment", action) for action in ("created", "edited", "deleted")),
    *(("label", action) for action in ("created", "edited", "deleted")),
    *(("pull_request", action) for action in ("opened", "edited", "closed", "reopened", "synchronize")),
    *(("pull_request", action) for action in ("labeled", "unlabeled", "assigned", "locked", "unlocked")),
    *(("pull_request", action) for action in ("review_requested", "review_request_removed")),
    *(("pull_request_review", action) for action in ("submitted", "dismissed")),
    *(("check_run", action) for action in ("created", "completed")),
    *(("workflow_run", action) for action in ("requested", "in_progress", "completed")),
    *(("workflow_job", action) for action in ("queued", "in_progress", "completed")),
    *((event, None) for event in ("push", "status", "workflow_dispatch")),
}
"""Events that asking everything must have led to."""


@dataclass(frozen=True)
class Driven:
    """What came of asking everything."""

    conformity: Conformity
    received: list[Received]


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory, shared_state: Path) -> Iterator[Driven]:
    """A forge that was asked everything, with an App that heard of it."""
    folder = tmp_path_factory.mktemp("forge")
    settings = replace(Settings.from_environment(os.environ), home=folder)
    conformity = Conformity(shared_state)
    with receiving() as receiver, forge_with_runner(folder / "state", settings, observe=conformity.observe) as forge:
        world = make_world(forge, receiver.url, receiver.secret, {**FILES, ".github/workflows/tdev.yml": WORKFLOW})
        for drive in DRIVES:
            drive(world)
        queued = "SELECT count(*) FROM hook_deliveries WHERE state = 'queued'"
        deadline = time.monotonic() + 30
        while forge.store.value(queued) and time.monotonic() < deadline:
            time.sleep(0.05)
    yield Driven(conformity, receiver.came)


def test_every_route_was_driven(driven: Driven) -> None:
    table = {(method, template) for method, template, _, _ in ROUTES}
    undriven = sorted(map(" ".join, table - driven.conformity.driven()))
    assert not undriven, "\n".join(undriven)


def test_every_route_is_in_the_description(driven: Driven) -> None:
    operations = {(one.method, one.template): one for one in driven.conformity.exchanges if one.template}
    lost = [key for key, one in operations.items() if driven.conformity.description.problems(one) == [NOT_DESCRIBED]]
    assert lost == []


def test_every_answer_and_every_request_that_was_taken_is_as_described(driven: Driven) -> None:
    failures = driven.conformity.failures()
    assert not failures, "\n".join(failures)


def test_every_answer_and_webhook_fits_the_models_of_githubkit(driven: Driven) -> None:
    models = Models.installed()
    assert models is not None
    answers = [one for one in driven.conformity.exchanges if one.template and one.template != _WRONG_MODEL]
    lines = {f"{one.method} {one.template}: {problem}" for one in answers for problem in models.problems(one)}
    for one in driven.received:
        action = one.payload.get("action")
        lines |= {f"{one.event} {action}: {line}" for line in models.webhook_problems(one.event, action, one.payload)}
    assert not lines, "\n".join(sorted(lines))


def test_every_webhook_is_as_described(driven: Driven) -> None:
    heard = [(one.event, one.payload.get("action"), one.payload) for one in driven.received]
    failures = driven.conformity.webhook_failures(heard)
    assert not failures, "\n".join(failures)
    assert all(one.signed for one in driven.received)


def test_the_webhooks_that_are_emitted(driven: Driven) -> None:
    heard = {(one.event, one.payload.get("action")) for one in driven.received}
    assert heard >= EXPECTED, EXPECTED - heard

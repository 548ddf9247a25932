"""The workflows that docs/actions.md shows: they fit what they call, are pinned, and ask for the rights that it takes.

Also the examples in the pages of the actions. They are read by the forge's own reader, which puts the called
workflows in place and refuses inputs, secrets and rights that do not fit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tdev.forge.workflows import own_project
from tdev.forge.workflows.called import Place, with_calls
from tdev.forge.workflows.file import WorkflowFile, parse
from tdev.forge.workflows.steps import steps_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "actions.md"
PAGES = sorted((ROOT / "actions").glob("*/README.md"))
_FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CALLERS = _FENCE.findall(PAGE.read_text("utf-8"))
_PINNED = re.compile(r"t-developer/tdev(/[\w./-]+)?@v1$|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
_OF_OTHERS = ("aws-actions/configure-aws-credentials", "google-github-actions/auth")
_EVENTS = {"workflow_dispatch", "schedule", "issues", "issue_comment", "pull_request", "push"}


def read(place: Place) -> str | None:
    return own_project.text(place.path) if own_project.is_own(place.repository) else None


def whole(text: str) -> WorkflowFile:
    file = parse(text)
    assert file is not None
    found = with_calls(file, read, Place("", "", ".github/workflows/caller.yml"))
    assert found.problem == ""
    return found


def on(text: str) -> set[str]:
    document: dict[Any, Any] = yaml.safe_load(text)
    return set(document[True])


def test_every_way_in_is_shown() -> None:
    assert {event for text in CALLERS for event in on(text)} == _EVENTS
    called = {job.uses.rpartition("/")[2] for text in CALLERS for job in whole(text).jobs.values() if job.uses}
    assert called == {"build.yml@v1", "evolve.yml@v1", "deliver.yml@v1", "gates.yml@v1"}


@pytest.mark.parametrize("text", CALLERS)
def test_a_documented_caller_fits_what_it_calls(text: str) -> None:
    file = whole(text)
    document = yaml.safe_load(text)
    assert document["permissions"] == {} and "pull_request_target" not in text and "secrets: inherit" not in text
    assert all("permissions" in job for job in document["jobs"].values())
    assert set(document) <= {"name", True, "permissions", "jobs"}
    for key, job in file.jobs.items():
        assert job.uses or job.refused == ""
        if not job.uses and not job.caller:
            assert "timeout-minutes" in document["jobs"][key]


@pytest.mark.parametrize("text", CALLERS)
def test_the_steps_of_a_documented_caller_are_ones_that_the_runner_knows(text: str) -> None:
    for job in whole(text).jobs.values():
        own = tuple(step for step in job.steps if not str(step.get("uses")).startswith(_OF_OTHERS))
        if own:
            assert steps_of(replace(job, steps=own), own_project.text)


@pytest.mark.parametrize("text", [*CALLERS, *(block for page in PAGES for block in _FENCE.findall(page.read_text()))])
def test_what_an_example_uses_is_pinned(text: str) -> None:
    used = re.findall(r"uses:\s*(.+)$", text, re.MULTILINE)
    assert used and [each for each in used if not _PINNED.fullmatch(each)] == []


@pytest.mark.parametrize("text", CALLERS)
def test_an_identity_token_is_for_the_working_job_alone(text: str) -> None:
    holding = {key for key, job in whole(text).jobs.items() if job.id_token}
    assert holding == ({"agent"} if "id-token" in text else set())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_example_of_an_action_gives_it_inputs_that_it_has(page: Path) -> None:
    for block in _FENCE.findall(page.read_text("utf-8")):
        for step in yaml.safe_load(block)["steps"]:
            if str(step.get("uses")).startswith("t-developer/tdev/actions/"):
                name = step["uses"].split("/")[3].partition("@")[0]
                action = yaml.safe_load((ROOT / "actions" / name / "action.yml").read_text("utf-8"))
                assert set(step.get("with", {})) <= set(action.get("inputs") or {})

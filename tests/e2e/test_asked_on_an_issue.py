"""A label without the bot: `tdev job begin` asks GitHub whether who set it may write, and only then begins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command import Ended
from support.publishing import Desk, ran
from tdev.adapters.run_dir import RunDir

pytestmark = pytest.mark.e2e
PAYLOADS = Path(__file__).parents[1] / "payloads"


def sent(here: Desk, login: str) -> dict[str, Any]:
    """The payload of a label that somebody sets."""
    found: dict[str, Any] = json.loads((PAYLOADS / "issues" / "labeled-evolve.json").read_text())
    home = {"id": here.repository["id"], "full_name": "ada/calc", "default_branch": "main", "archived": False}
    issue = {**found["issue"], "number": 1, "title": "modernise", "body": ""}
    return {**found, "repository": home, "issue": issue, "sender": {**found["sender"], "login": login}}


def begun(here: Desk, login: str, token: str) -> Ended:
    event = here.temp / "event.json"
    event.write_text(json.dumps(sent(here, login)))
    job = {
        **here.environment({"repository": {}}),
        "GITHUB_EVENT_NAME": "issues",
        "GITHUB_REPOSITORY_ID": str(here.repository["id"]),
        "GITHUB_REF_NAME": "main",
        "TDEV_ASKED": json.dumps({"kind": "evolve", "goal": "", "base": "", "plan-only": "false"}),
        "GITHUB_TOKEN": token,
    }
    event.write_text(json.dumps(sent(here, login)))
    return ran(here.settings, "job", "begin", "--repo", str(here.source), "--run-dir", str(here.temp / "begun"), **job)


def test_who_may_write_begins_a_run_of_the_issue_s_text(here: Desk) -> None:
    ended = begun(here, "ada", here.token)
    assert ended.exit_code == 0, ended.stderr
    goal = json.loads((here.temp / "begun" / "goal.json").read_text())
    assert (goal["text"], goal["number"], goal["requested_by"], goal["kind"]) == ("modernise", 1, "ada", "evolve")


def test_who_may_not_write_begins_nothing(here: Desk) -> None:
    here.forge.user("mallory")
    ended = begun(here, "mallory", here.token)
    assert ended.exit_code == 3 and "mallory may not write to this repository" in ended.stderr
    assert not (here.temp / "begun").exists()


def test_who_can_not_be_asked_about_begins_nothing(here: Desk) -> None:
    ended = begun(here, "ada", "")
    assert ended.exit_code == 2 and "GITHUB_TOKEN" in ended.stderr
    assert not (here.temp / "begun").exists()


def test_what_an_earlier_job_left_on_the_machine_is_no_part_of_a_new_run(here: Desk) -> None:
    run = RunDir(here.temp / "begun", here.settings)
    other = RunDir(here.temp / "elsewhere" / "begun", here.settings)
    for left in (run.work / "code" / ".git", other.work):
        left.mkdir(parents=True)
    assert begun(here, "ada", here.token).exit_code == 0
    assert not (run.work / "code").exists() and other.work.is_dir(), "only the job's own place is emptied"

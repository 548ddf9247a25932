"""The callers of docs/actions.md, as they stand there, on the forge: a label and a comment become runs, with no bot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge
from support.forge_runs import conclusions, forge_with_runner, logs, reached, until
from support.publishing import FILES, REPOSITORY
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
PAGE = (Path(__file__).parents[2] / "docs" / "actions.md").read_text("utf-8")


def documented(heading: str) -> str:
    """The caller below a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    [text] = re.findall(r"^```yaml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    callers = {"build.yml": documented("Labels"), "evolve.yml": documented("Comments")}
    files = {f".github/workflows/{name}": text for name, text in callers.items()}
    with forge_with_runner(tmp_path / "forge", settings) as running:
        running.repository("ada", "calc", {**FILES, **files})
        yield running


def issue(forge: Forge, title: str, body: str) -> str:
    document = {"title": title, "body": body}
    return str(forge.do("POST", f"{REPOSITORY}/issues", token=forge.token("ada"), json=document, status=201)["number"])


def run_of(forge: Forge, event: str) -> int:
    sql = "SELECT id FROM workflow_runs WHERE event = ? ORDER BY id DESC"
    return int(until(lambda: forge.store.value(sql, event), f"{event} starts a run"))


def test_a_comment_becomes_a_pull_request_and_the_label_of_an_outsider_nothing(forge: Forge) -> None:
    number = issue(forge, "Modernise", "Please.")
    said = {"body": "/tdev evolve modernise"}
    forge.do("POST", f"{REPOSITORY}/issues/{number}/comments", token=forge.token("ada"), json=said, status=201)
    run_id = run_of(forge, "issue_comment")
    assert reached(forge, run_id, seconds=300)["conclusion"] == "success", logs(forge, run_id)
    [pull] = forge.get(f"{REPOSITORY}/pulls")
    assert pull["user"]["login"] == "github-actions[bot]" and pull["head"]["ref"].startswith("tdev/auto/")
    assert conclusions(forge, run_id)["evolve / deliver / publish"] == "success"

    said = {"body": "/tdev evolve modernise"}
    forge.do("POST", f"{REPOSITORY}/issues/{number}/comments", token=forge.token("eve"), json=said, status=201)
    other = until(lambda: (found := run_of(forge, "issue_comment")) != run_id and found, "another run")
    assert reached(forge, int(other), seconds=120)["conclusion"] == "failure"
    assert "eve may not write to this repository" in logs(forge, int(other))


def test_a_label_starts_a_build_and_other_labels_start_none(forge: Forge) -> None:
    number = issue(forge, "Nothing to build", "No requirement is in here.")
    labels = f"{REPOSITORY}/issues/{number}/labels"
    forge.do("POST", labels, token=forge.token("ada"), json={"labels": ["question"]})
    ended = reached(forge, run_of(forge, "issues"), seconds=60)
    assert ended["conclusion"] == "skipped" and conclusions(forge, ended["id"]) == {"build": "skipped"}
    forge.do("POST", labels, token=forge.token("ada"), json={"labels": ["tdev:build"]})
    run_id = until(lambda: (found := run_of(forge, "issues")) != ended["id"] and found, "another run")
    reached(forge, int(run_id), seconds=300)
    [said] = forge.get(f"{REPOSITORY}/issues/{number}/comments")
    assert said["user"]["login"] == "github-actions[bot]" and "# Questions" in said["body"]
    assert conclusions(forge, int(run_id))["build / agent"] == "success"

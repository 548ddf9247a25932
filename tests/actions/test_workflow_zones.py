"""The workflow files keep the trust zones apart: who executes a repository's code holds no right to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
KEY = "secrets.TDEV_APP_PRIVATE_KEY"
_EXECUTING_STEPS = ("tdev job go", "tdev job judge", "tdev job gate")
EXECUTING = [("tdev.yml", "work"), ("tdev.yml", "gate"), ("tdev-gates.yml", "judge")]
WRITING = [("tdev.yml", "publish"), ("tdev-gates.yml", "report")]


def job(file: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / file).read_text("utf-8"))["jobs"][name]
    return found


@pytest.mark.parametrize(("file", "name"), EXECUTING)
def test_a_job_that_executes_reads_and_holds_no_key(file: str, name: str) -> None:
    found = job(file, name)
    assert set(found["permissions"].values()) == {"read"}
    assert KEY not in str(found)
    checkouts = [step for step in found["steps"] if str(step.get("uses")).startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]
    executing = [step for step in found["steps"] if step.get("run", "").startswith(_EXECUTING_STEPS)]
    assert executing and all("GITHUB_TOKEN" not in step.get("env", {}) for step in executing)


@pytest.mark.parametrize(("file", "name"), EXECUTING)
def test_sudo_and_docker_are_gone_before_anything_of_a_repository_runs(file: str, name: str) -> None:
    steps = job(file, name)["steps"]
    [confined] = [number for number, step in enumerate(steps) if "/actions/confine@" in str(step.get("uses"))]
    executing = [number for number, step in enumerate(steps) if step.get("run", "").startswith(_EXECUTING_STEPS)]
    assert confined < min(executing)
    after = [step for step in steps[max(executing) + 1 :] if "upload-artifact" not in str(step.get("uses"))]
    assert not after, "a step that works comes after the agent's"


@pytest.mark.parametrize(("file", "name"), WRITING)
def test_a_job_that_writes_checks_nothing_out_and_gives_the_key_to_one_step(file: str, name: str) -> None:
    found = job(file, name)
    assert not [step for step in found["steps"] if "checkout" in str(step.get("uses"))]
    holding = [step for step in found["steps"] if KEY in str(step)]
    assert [step["run"].split(" --")[0] for step in holding] == [f"tdev job {name}"]
    assert KEY not in str({**found, "steps": []})


def test_the_job_that_judges_holds_no_secret_and_publish_takes_its_run_alone() -> None:
    gate, publish = job("tdev.yml", "gate"), job("tdev.yml", "publish")
    assert "secrets." not in str(gate) and "github.token" not in str(gate)
    assert gate["needs"] == "work" and publish["needs"] == "gate"
    [kept] = [step["with"]["name"] for step in gate["steps"] if "upload-artifact" in str(step.get("uses"))]
    [taken] = [step["with"]["name"] for step in publish["steps"] if "download-artifact" in str(step.get("uses"))]
    assert kept == taken == "tdev-run-judged"
    [step] = [step for step in publish["steps"] if str(step.get("run")).startswith("tdev job publish")]
    assert step["run"] == 'tdev job publish --judged "$JUDGED"'
    assert step["env"]["JUDGED"] == "${{ needs.gate.outputs.manifest }}"
    assert gate["outputs"] == {"manifest": "${{ steps.gate.outputs.manifest }}"}


@pytest.mark.parametrize("file", ["tdev.yml", "tdev-gates.yml"])
def test_no_untrusted_text_gets_into_a_step(file: str) -> None:
    text = (FOLDER / file).read_text("utf-8")
    assert "inputs.goal" not in text and "pull_request.title" not in text and "head.ref" not in text
    assert "pull_request_target" not in text

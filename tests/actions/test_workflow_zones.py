"""The workflow files keep the trust zones apart: who executes a repository's code holds no right to write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
KEY = "secrets.TDEV_APP_PRIVATE_KEY"
MODEL_KEY = "secrets.ANTHROPIC_API_KEY"
OWN = "t-developer/tdev/actions/"
WRITES = {"contents": "write", "pull-requests": "write", "checks": "write", "issues": "write"}
RIGHTS = {
    ("build", "agent"): {"contents": "read"},
    ("build", "deliver"): WRITES,
    ("codeql", "analyze"): {"contents": "read", "security-events": "write"},
    ("deliver", "gate"): {"contents": "read"},
    ("deliver", "learn"): {},
    ("deliver", "publish"): WRITES,
    ("evolve", "agent"): {"contents": "read"},
    ("evolve", "deliver"): WRITES,
    ("gates", "judge"): {"contents": "read", "checks": "read"},
    ("gates", "report"): {"checks": "write", "pull-requests": "write"},
    ("gates", "scanning"): {"security-events": "write"},
    ("tdev", "build"): WRITES,
    ("tdev", "evolve"): WRITES,
    ("tdev-gates", "gates"): {
        "contents": "read",
        "checks": "write",
        "pull-requests": "write",
        "security-events": "write",
    },
}
"""Job -> what its token may do; a job that calls hands on no more than this."""
EXECUTING = [("build", "agent"), ("evolve", "agent"), ("deliver", "gate"), ("gates", "judge")]
WRITING = [("deliver", "publish"), ("gates", "report")]
_ASKS_A_MODEL = {"begin", "spec", "plan", "code"}
_EXECUTES = ("research", "spec", "blueprint", "plan", "code", "evaluate", "tdev job go", "tdev job judge")


def workflow(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{file}.yml").read_text("utf-8"))
    return found


def job(file: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = workflow(file)["jobs"][name]
    return found


def does(step: dict[str, Any]) -> str:
    """What a step does: the name of our action, the action of another, or the command."""
    uses = str(step.get("uses", "")).partition("@")[0]
    return uses.removeprefix(OWN) or str(step.get("run", ""))


def test_every_job_has_the_rights_of_the_table_and_workflows_give_none() -> None:
    files = sorted(file.stem for file in FOLDER.glob("*.yml") if file.stem != "ci")
    found = {(file, name): each["permissions"] for file in files for name, each in workflow(file)["jobs"].items()}
    assert found == RIGHTS
    assert all(workflow(file)["permissions"] == {} for file in files)
    assert all("concurrency" in workflow(file) for file in files if file != "deliver")


@pytest.mark.parametrize(("file", "name"), EXECUTING)
def test_a_job_that_executes_reads_and_holds_no_key(file: str, name: str) -> None:
    found = job(file, name)
    assert set(found["permissions"].values()) == {"read"}
    assert KEY not in str(found) and f"{OWN}token" not in str(found)
    checkouts = [step for step in found["steps"] if str(step.get("uses")).startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]
    executing = [step for step in found["steps"] if does(step).startswith(_EXECUTES)]
    assert executing and all("GITHUB_TOKEN" not in step.get("env", {}) for step in executing)


@pytest.mark.parametrize(("file", "name"), EXECUTING)
def test_sudo_and_docker_are_gone_before_anything_of_a_repository_runs(file: str, name: str) -> None:
    done = [does(step) for step in job(file, name)["steps"]]
    executing = [number for number, what in enumerate(done) if what.startswith(_EXECUTES)]
    assert done.count("confine") == 1 and done.index("confine") < min(executing)
    after = [what for what in done[max(executing) + 1 :] if what != "actions/upload-artifact"]
    assert not after, "a step that works comes after the agent's"


@pytest.mark.parametrize("file", ["build", "evolve"])
def test_the_model_s_key_reaches_the_steps_that_ask_a_model_and_nothing_else(file: str) -> None:
    steps = job(file, "agent")["steps"]
    holding = {does(step) for step in steps if MODEL_KEY in str(step)}
    assert holding == _ASKS_A_MODEL & {does(step) for step in steps}
    assert MODEL_KEY not in str({**job(file, "agent"), "steps": []}) and MODEL_KEY not in str(job(file, "deliver"))
    assert "ANTHROPIC" not in (FOLDER / "deliver.yml").read_text("utf-8")


@pytest.mark.parametrize(("file", "name"), WRITING)
def test_a_job_that_writes_checks_nothing_out_takes_no_cache_and_gives_the_key_to_one_step(
    file: str, name: str
) -> None:
    found = job(file, name)
    assert not [step for step in found["steps"] if "checkout" in str(step.get("uses"))]
    assert [does(step) for step in found["steps"] if KEY in str(step)] == ["token"]
    assert KEY not in str({**found, "steps": []})
    [setup] = [step for step in found["steps"] if does(step) == "setup"]
    assert setup["with"] == {"tools": "false"}


def test_scanning_gets_no_key_takes_no_cache_and_checks_nothing_out() -> None:
    found = job("gates", "scanning")
    assert [does(step) for step in found["steps"]] == ["setup", "actions/download-artifact", "tdev job scanning"]
    assert found["steps"][0]["with"] == {"tools": "false"} and "secrets." not in str(found)
    assert "github.event.pull_request.head.repo.full_name == github.repository" in found["if"]


def test_the_job_that_judges_holds_no_secret_and_publish_takes_its_run_alone() -> None:
    gate, publish = job("deliver", "gate"), job("deliver", "publish")
    assert "secrets." not in str(gate) and "github.token" not in str(gate)
    assert publish["needs"] == "gate" and job("evolve", "deliver")["needs"] == "agent"
    [kept] = [step["with"]["name"] for step in gate["steps"] if "upload-artifact" in str(step.get("uses"))]
    [taken] = [step["with"]["name"] for step in publish["steps"] if "download-artifact" in str(step.get("uses"))]
    assert kept == taken == "tdev-run-judged"
    [step] = [step for step in publish["steps"] if does(step) == "publish"]
    assert step["with"] == {"judged": "${{ needs.gate.outputs.manifest }}"}
    assert gate["outputs"] == {"manifest": "${{ steps.gate.outputs.manifest }}"}


def test_learn_holds_nothing() -> None:
    learn = job("deliver", "learn")
    assert learn["permissions"] == {} and "secrets." not in str(learn) and "token" not in str(learn)


def test_build_differs_from_evolve_by_its_stages_alone() -> None:
    build, evolve = workflow("build"), workflow("evolve")
    more = [step for step in build["jobs"]["agent"]["steps"] if does(step) in ("spec", "blueprint")]
    assert len(more) == 2
    build["jobs"]["agent"]["steps"] = [step for step in build["jobs"]["agent"]["steps"] if step not in more]
    assert str(build["jobs"]).replace("build", "evolve") == str(evolve["jobs"])


@pytest.mark.parametrize("file", ["build", "evolve", "deliver"])
def test_a_request_is_handed_on_as_data_alone(file: str) -> None:
    text = (FOLDER / f"{file}.yml").read_text("utf-8")
    assert set(re.findall(r"^\s*([\w-]+): \$\{\{ inputs\.goal \}\}$", text, re.MULTILINE)) <= {"goal"}
    assert text.count("inputs.goal") == len(re.findall(r"^ {6,10}goal: \$\{\{ inputs\.goal \}\}$", text, re.MULTILINE))


@pytest.mark.parametrize("file", sorted({file for file, _ in RIGHTS}))
def test_no_untrusted_text_gets_into_a_step(file: str) -> None:
    text = (FOLDER / f"{file}.yml").read_text("utf-8")
    assert "pull_request.title" not in text and "head.ref" not in text and "head_ref" not in text
    assert "pull_request_target" not in text and "comment.body" not in text and "issue.body" not in text
    if file.startswith("tdev"):
        assert "inputs.goal" not in text

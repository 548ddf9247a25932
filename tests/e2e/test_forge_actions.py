"""Workflows: jobs split by trust run real `tdev` commands, and leave steps, logs, artifacts, events and claims."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from githubkit.webhooks import parse
from githubkit_schemas.latest import models

from support.command import git
from support.forge import Forge
from support.forge_calc import KEY, calc_forge, pushed, runs_of
from support.forge_runs import (
    REPOSITORY,
    conclusions,
    dispatched,
    log_of,
    logs,
    reached,
)
from support.receiver import Receiver, receiving
from tdev.forge.store import repository_by_name
from tdev.forge.workflows import downloads, oidc
from tdev.forge.workflows.job_states import jobs_of, run_by_id
from tdev.settings import Settings


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


def test_the_job_that_works_hands_over_to_the_job_that_publishes(forge: Forge, token: str, receiver: Receiver) -> None:
    number = dispatched(forge, token, {"run_id": "r-1"})
    run = reached(forge, number)
    assert conclusions(forge, number) == {"work": "success", "publish": "success"}, logs(forge, number)
    assert (run["conclusion"], run["display_title"]) == ("success", "run r-1")
    document = forge.get(f"{REPOSITORY}/actions/runs/{number}/jobs", token=token)
    work, publish = document["jobs"]
    assert [(step["name"], step["conclusion"]) for step in work["steps"]] == [
        ("Set up job", "success"),
        ("Run actions/checkout@v5", "success"),
        ("Explain policy", "success"),
        ("May fail", "skipped"),
        ("Keep", "success"),
    ]
    assert work["completed_at"] <= publish["started_at"]
    log = log_of(forge, number, "publish")
    assert "success-***" in log and "***-***" in log
    assert "tdev run show without--" in log
    assert not [line for line in KEY.splitlines() if line in logs(forge, number)]
    assert "ghs_" not in logs(forge, number)
    assert not forge.store.all("SELECT 1 FROM tokens WHERE hash IN (SELECT token_hash FROM workflow_jobs)")
    receiver.named("check_suite", "completed")
    told = {(each.event, each.payload.get("action")) for each in receiver.came}
    assert told >= {
        ("workflow_dispatch", None), ("workflow_run", "requested"), ("workflow_run", "in_progress"),
        ("workflow_run", "completed"), ("workflow_job", "queued"), ("workflow_job", "in_progress"),
        ("workflow_job", "completed"), ("check_run", "created"), ("check_run", "completed"),
    }  # fmt: skip
    for each in receiver.came:
        assert each.signed
        parse(each.event, each.body)


def test_the_artifact_holds_the_work_tree_and_no_token(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-2"})
    reached(forge, number)
    (artifact,) = forge.get(f"{REPOSITORY}/actions/runs/{number}/artifacts", token=token)["artifacts"]
    assert artifact["name"] == "work"
    _, _, headers = forge.request("GET", f"{REPOSITORY}/actions/artifacts/{artifact['id']}/zip", token=token)
    with urllib.request.urlopen(headers["location"], timeout=20) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert {"calc.py", ".git/config", ".github/tdev.yml"} <= set(archive.namelist())
    assert "ghs_" not in archive.read(".git/config").decode()
    assert "extraheader" not in archive.read(".git/config").decode().lower()


def test_a_failing_command_fails_its_job_and_what_needs_it_is_skipped(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-3", "fail": True})
    assert reached(forge, number)["conclusion"] == "failure"
    assert conclusions(forge, number) == {"work": "failure", "publish": "skipped"}
    assert "Process completed with exit code" in log_of(forge, number, "work")
    names = [
        each["name"] for each in forge.get(f"{REPOSITORY}/actions/runs/{number}/artifacts", token=token)["artifacts"]
    ]
    assert names == ["work"]
    kept = {row["key"]: row["id"] for row in jobs_of(forge.store, run_by_id(forge.store, number))}
    forge.do("POST", f"{REPOSITORY}/actions/runs/{number}/rerun-failed-jobs", token=token, status=201)
    assert reached(forge, number)["run_attempt"] == 2
    assert conclusions(forge, number) == {"work": "failure", "publish": "skipped"}
    forge.do("POST", f"{REPOSITORY}/actions/jobs/{kept['work']}/rerun", token=token, status=403)
    jobs = forge.get(f"{REPOSITORY}/actions/runs/{number}/attempts/1/jobs", token=token)["jobs"]
    assert {job["id"] for job in jobs} == set(kept.values())


def test_rerunning_one_job_keeps_what_it_needs(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-4"})
    reached(forge, number)
    before = {row["key"]: row["id"] for row in jobs_of(forge.store, run_by_id(forge.store, number))}
    forge.do("POST", f"{REPOSITORY}/actions/jobs/{before['publish']}/rerun", token=token, status=201)
    assert reached(forge, number)["conclusion"] == "success", logs(forge, number)
    after = {row["key"]: row["id"] for row in jobs_of(forge.store, run_by_id(forge.store, number))}
    assert after["work"] == before["work"] and after["publish"] != before["publish"]


def test_pushes_and_pull_requests_start_what_asks_for_them(forge: Forge, token: str, tmp_path: Path) -> None:
    work = tmp_path / "work"
    pushed(forge, token, work, "topic", {"calc.py": "x = 2\n"})
    assert not runs_of(forge, token, branch="topic")
    pushed(forge, token, work, "release/1/a", {"calc.py": "x = 3\n"})
    (release,) = runs_of(forge, token, branch="release/1/a")
    assert release["event"] == "push"
    pushed(forge, token, work, "release/2", {"calc.py": "x = 4\n"}, "change [skip ci]")
    assert not runs_of(forge, token, branch="release/2")
    body = {"title": "Two", "head": "topic", "base": "main"}
    pull = forge.do("POST", f"{REPOSITORY}/pulls", token=token, json=body, status=201)
    (run,) = runs_of(forge, token, event="pull_request")
    assert (run["head_branch"], run["head_sha"]) == ("topic", pull["head"]["sha"])
    assert [each["number"] for each in run["pull_requests"]] == [pull["number"]]
    assert reached(forge, run["id"])["conclusion"] == "success", logs(forge, run["id"])
    number = pull["number"]
    expected = f"tdev run show pull_request-refs/pull/{number}/merge-topic-main-{number}"
    assert expected in log_of(forge, run["id"], "validate")
    row = run_by_id(forge.store, run["id"])
    repository = repository_by_name(forge.store, "ada", "calc")
    assert repository is not None
    bare = forge.store.git(repository)
    assert bare.commit_of(f"refs/pull/{number}/merge") == row["sha"]
    assert bare.text("rev-list", "--parents", "-1", row["sha"]).split()[2] == pull["head"]["sha"]
    checks = forge.get(f"{REPOSITORY}/commits/{pull['head']['sha']}/check-runs", token=token)["check_runs"]
    assert [(each["name"], each["app"]["slug"]) for each in checks] == [("validate", "github-actions")]
    pushed(forge, token, work, "topic", {"calc.py": "x = 5\n"})
    assert len(runs_of(forge, token, event="pull_request")) == 2


def test_a_pull_request_with_conflicts_starts_nothing(forge: Forge, token: str, tmp_path: Path) -> None:
    pushed(forge, token, tmp_path / "work", "topic", {"calc.py": "x = 2\n"})
    url = f"{forge.url.replace('://', f'://x:{token}@')}/ada/calc.git"
    other = tmp_path / "other"
    pushed(forge, token, other, "main", {"calc.py": "x = 9\n"})
    assert git(other, "ls-remote", url, "refs/heads/main")
    forge.do(
        "POST", f"{REPOSITORY}/pulls", token=token, json={"title": "c", "head": "topic", "base": "main"}, status=201
    )
    assert not runs_of(forge, token, event="pull_request")


@pytest.mark.parametrize(
    ("inputs", "ref", "words"),
    [
        ({}, "main", "Required input 'run_id' not provided"),
        ({"run_id": "1", "no": "1"}, "main", "Unexpected inputs provided"),
        ({"run_id": "1", "what": "x"}, "main", "not in the list of allowed values"),
        ({"run_id": "1"}, "gone", "No ref found for: gone"),
        ({f"i{number}": "" for number in range(26)}, "main", "only define up to 25"),
        ({"run_id": "x" * 70_000}, "main", "too large"),
    ],
)
def test_a_dispatch_that_does_not_fit_is_422(
    forge: Forge, token: str, inputs: dict[str, Any], ref: str, words: str
) -> None:
    path = f"{REPOSITORY}/actions/workflows/tdev.yml/dispatches"
    status, document, _ = forge.request("POST", path, token=token, json={"ref": ref, "inputs": inputs})
    assert status == 422 and words in document["message"]
    assert not forge.store.all("SELECT 1 FROM workflow_runs WHERE event = 'workflow_dispatch'")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("[{run: curl example.org}]", "`tdev` commands only, not curl"),
        ('[{run: "tdev run list; curl x"}]', "has no shell"),
        ('[{run: "tdev run show ${{ inputs.x }}"}]', "Values reach `run` through `env`"),
        ("[{uses: someone/action@v1}]", "can't use someone/action@v1"),
        ("[{uses: actions/checkout@v5, with: {persist-credentials: true}}]", "leaves no token in a checkout"),
        ('[{run: tdev run list, env: {A: "${{ hashFiles(x) }}"}}]', "does not know the expression"),
        ('[{uses: actions/upload-artifact@v4, with: {path: /etc/passwd}}]', "outside the job's folder"),
        ('[{uses: actions/download-artifact@v4, with: {name: none}}]', "Artifact not found for name: none"),
    ],
)  # fmt: skip
def test_what_the_runner_can_not_do_fails_with_a_sentence(
    forge: Forge, token: str, tmp_path: Path, steps: str, words: str
) -> None:
    text = f"on: push\njobs:\n  only:\n    runs-on: x\n    steps: {steps}\n"
    pushed(forge, token, tmp_path / "work", "odd", {".github/workflows/odd.yml": text})
    (run,) = runs_of(forge, token, branch="odd")
    assert reached(forge, run["id"])["conclusion"] == "failure"
    assert words in log_of(forge, run["id"], "only")


def test_a_file_that_makes_no_sense_is_a_startup_failure(forge: Forge, token: str, tmp_path: Path) -> None:
    text = "on: push\njobs:\n  a: {needs: b, runs-on: x, steps: [{run: tdev run list}]}\n"
    pushed(forge, token, tmp_path / "work", "odd", {".github/workflows/odd.yml": text})
    (run,) = runs_of(forge, token, branch="odd")
    assert (run["status"], run["conclusion"]) == ("completed", "startup_failure")


def test_identity_tokens_hold_for_the_job_and_verify_against_the_key_set(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-5"})
    reached(forge, number)
    job = jobs_of(forge.store, run_by_id(forge.store, number))[0]
    forge.store.update("workflow_jobs", job["id"], status="in_progress")
    variables = oidc.request_variables(forge.store, job)
    address = f"{variables['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=tdev"
    header = {"Authorization": f"bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=header), timeout=20) as answer:
        given = json.load(answer)["value"]
    root = f"{forge.url}/_services/token/.well-known"
    with urllib.request.urlopen(f"{root}/openid-configuration", timeout=20) as answer:
        configuration = json.load(answer)
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(given)
    claims = jwt.decode(given, key.key, algorithms=["RS256"], audience="tdev", issuer=configuration["issuer"])
    assert claims["sub"] == "repo:ada/calc:ref:refs/heads/main"
    assert claims["job_workflow_ref"] == "ada/calc/.github/workflows/tdev.yml@refs/heads/main"
    assert claims["check_run_id"] == str(job["check_run_id"])
    assert claims["exp"] - claims["iat"] == oidc.SECONDS
    forge.store.update("workflow_jobs", job["id"], status="completed")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, headers=header), timeout=20)
    assert refused.value.code == 401


def test_documents_fit_githubs_models(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-8"})
    reached(forge, number)
    root = f"{REPOSITORY}/actions"
    models.WorkflowRun.model_validate(forge.get(f"{root}/runs/{number}", token=token))
    for job in forge.get(f"{root}/runs/{number}/jobs", token=token)["jobs"]:
        models.Job.model_validate(job)
    for workflow in forge.get(f"{root}/workflows", token=token)["workflows"]:
        models.Workflow.model_validate(workflow)
    for artifact in forge.get(f"{root}/artifacts", token=token)["artifacts"]:
        models.Artifact.model_validate(artifact)


def test_downloads_need_the_forges_own_signature(forge: Forge, token: str) -> None:
    number = dispatched(forge, token, {"run_id": "r-6"})
    reached(forge, number)
    job = jobs_of(forge.store, run_by_id(forge.store, number))[0]
    address = downloads.address(forge.store, "job-logs", job["id"])
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address.replace("sig=", "sig=0"), timeout=20)
    assert refused.value.code == 403
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert "##[group]Run actions/checkout@v5" in answer.read().decode()
    with urllib.request.urlopen(downloads.address(forge.store, "run-logs", number), timeout=20) as answer:
        assert answer.status == 200 and answer.read(2) == b"PK"

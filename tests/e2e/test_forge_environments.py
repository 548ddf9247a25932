"""Environments with reviewers, secrets and variables; answers and events are what GitHub's description says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge
from support.forge_runs import REPOSITORY, conclusions, dispatched, forge_with_runner, log_of, logs, reached, until
from support.github_description import Conformity
from support.receiver import Receiver, receiving
from tdev.forge.store import repository_by_name
from tdev.forge.workflows import environments
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

WORKFLOW = """
on: {workflow_dispatch: {inputs: {where: {type: string, default: live}}}}
permissions: {contents: read}
jobs:
  build: {runs-on: x, steps: [{uses: t-developer/tdev/actions/setup@v1}]}
  deploy:
    needs: build
    runs-on: x
    environment: {name: "${{ inputs.where }}", url: "https://example.org"}
    steps:
      - continue-on-error: true
        env:
          {PLACE: "${{ vars.PLACE }}", HOST: "${{ vars.HOST }}", KEY: "${{ secrets.KEY }}-${{ secrets.MACHINE_KEY }}"}
        run: tdev run show "at-$PLACE-$HOST-$KEY"
      - uses: actions/upload-artifact@v4
        with: {path: "${{ github.workspace }}", if-no-files-found: ignore}
"""
EVENTS = ("workflow_run", "workflow_job", "workflow_dispatch", "check_run", "check_suite", "push")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def conformity(shared_state: Path) -> Conformity:
    return Conformity(shared_state)


@pytest.fixture
def forge(tmp_path: Path, settings: Settings, receiver: Receiver, conformity: Conformity) -> Iterator[Forge]:
    with forge_with_runner(tmp_path / "forge", settings, observe=conformity.observe) as running:
        app, _ = running.app("checker", {"checks": "write"}, EVENTS, receiver.url, receiver.secret)
        running.install(app, "ada")
        running.repository("ada", "calc", {"a.py": "x = 1\n", ".github/workflows/tdev.yml": WORKFLOW}, private=True)
        running.collaborator("ada", "calc", "grace", "read")
        yield running


@pytest.fixture
def token(forge: Forge) -> str:
    return forge.token("ada")


def guard(forge: Forge, token: str, *people: str, selfless: bool = False) -> int:
    """The id of the environment `live`, whose jobs wait for one of these people."""
    reviewers = [{"type": "User", "id": forge.user(login)["id"]} for login in people]
    document = {"reviewers": reviewers, "prevent_self_review": selfless}
    return int(forge.do("PUT", f"{REPOSITORY}/environments/live", token=token, json=document)["id"])


def test_a_job_waits_for_a_reviewer_and_goes_on_with_the_environments_secrets(
    forge: Forge, token: str, conformity: Conformity, receiver: Receiver
) -> None:
    number = guard(forge, token, "ada", "grace", selfless=True)
    repository = repository_by_name(forge.store, "ada", "calc")
    assert repository is not None
    set_secret(forge.store, repository["id"], "KEY", "of-the-repository")
    set_secret(forge.store, repository["id"], "KEY", "of-the-environment", environment_id=number)
    root = f"{REPOSITORY}/environments/live"
    for place, name, value in ((f"{REPOSITORY}/actions", "PLACE", "home"), (root, "PLACE", "live"),
                               (f"{REPOSITORY}/actions", "HOST", "h")):  # fmt: skip
        forge.do("POST", f"{place}/variables", token=token, json={"name": name, "value": value}, status=201)
    run = dispatched(forge, token)
    assert reached(forge, run, "waiting")["conclusion"] is None
    path = f"{REPOSITORY}/actions/runs/{run}"
    (pending,) = forge.get(f"{path}/pending_deployments", token=token)
    assert pending["environment"]["id"] == number and not pending["current_user_can_approve"]
    document = {"environment_ids": [number], "state": "approved", "comment": "go"}
    assert forge.request("POST", f"{path}/pending_deployments", token=token, json=document)[0] == 403
    grace = forge.token("grace")
    (deployment,) = forge.do("POST", f"{path}/pending_deployments", token=grace, json=document)
    assert deployment["environment"] == "live"
    assert reached(forge, run)["conclusion"] == "success", logs(forge, run)
    log = log_of(forge, run, "deploy")
    assert "at-live-h-***-***" in log
    assert "of-the-" not in log
    (approval,) = forge.get(f"{path}/approvals", token=token)
    assert (approval["state"], approval["user"]["login"], approval["comment"]) == ("approved", "grace", "go")
    assert forge.request("POST", f"{path}/pending_deployments", token=grace, json=document)[0] == 422
    receiver.named("workflow_job", "waiting")
    until(lambda: not forge.store.value("SELECT 1 FROM hook_deliveries WHERE state = 'queued'"), "all was sent")
    heard = [(each.event, each.payload.get("action"), each.payload) for each in receiver.came]
    assert conformity.webhook_failures(heard) == []
    assert conformity.failures() == []


def test_a_rejected_job_fails_and_can_be_run_again(forge: Forge, token: str, conformity: Conformity) -> None:
    number = guard(forge, token, "ada")
    run = dispatched(forge, token)
    reached(forge, run, "waiting")
    path = f"{REPOSITORY}/actions/runs/{run}"
    document = {"environment_ids": [number], "state": "rejected", "comment": "not today"}
    forge.do("POST", f"{path}/pending_deployments", token=token, json=document)
    assert reached(forge, run)["conclusion"] == "failure"
    assert conclusions(forge, run) == {"build": "success", "deploy": "failure"}
    forge.do("POST", f"{path}/rerun-failed-jobs", token=token, status=201)
    reached(forge, run, "waiting")
    assert forge.do("POST", f"{path}/cancel", token=token, status=202) == {}
    assert reached(forge, run)["conclusion"] == "cancelled"
    assert conclusions(forge, run) == {"build": "success", "deploy": "cancelled"}
    assert conformity.failures() == []


def test_an_environment_is_made_when_a_job_names_it(forge: Forge, token: str) -> None:
    run = dispatched(forge, token, {"where": "staging"})
    assert reached(forge, run)["conclusion"] == "success", logs(forge, run)
    assert "tdev" in log_of(forge, run, "build")
    document = forge.get(f"{REPOSITORY}/environments", token=token)
    assert [each["name"] for each in document["environments"]] == ["staging"]


def test_settings_over_the_rest_api_are_as_github_describes_them(
    forge: Forge, token: str, conformity: Conformity
) -> None:
    number = guard(forge, token, "grace")
    repository = repository_by_name(forge.store, "ada", "calc")
    assert repository is not None
    for place, environment in ((f"{REPOSITORY}/actions", 0), (f"{REPOSITORY}/environments/live", number)):
        set_secret(forge.store, repository["id"], "key", "v", environment_id=environment)
        (secret,) = forge.get(f"{place}/secrets", token=token)["secrets"]
        assert secret["name"] == "KEY" and "value" not in secret
        forge.get(f"{place}/secrets/key", token=token)
        forge.do("DELETE", f"{place}/secrets/KEY", token=token, status=204)
        forge.get(f"{place}/secrets/KEY", token=token, status=404)
        one = {"name": "a", "value": "1"}
        forge.do("POST", f"{place}/variables", token=token, json=one, status=201)
        forge.do("POST", f"{place}/variables", token=token, json=one, status=409)
        forge.do("POST", f"{place}/variables", token=token, json={**one, "name": "GITHUB_X"}, status=422)
        forge.do("PATCH", f"{place}/variables/A", token=token, json={"name": "B", "value": "2"}, status=204)
        assert forge.get(f"{place}/variables/B", token=token)["value"] == "2"
        assert forge.get(f"{place}/variables", token=token)["total_count"] == 1
        forge.do("DELETE", f"{place}/variables/B", token=token, status=204)
    grace = forge.token("grace")
    assert forge.request("GET", f"{REPOSITORY}/actions/secrets", token=grace)[0] == 403
    assert forge.request("PUT", f"{REPOSITORY}/environments/x", token=grace, json={})[0] in (403, 404)
    for wrong in ({"wait_timer": 5}, {"reviewers": [{"type": "Team", "id": 1}]}, {"reviewers": [{"id": 999}]}):
        assert forge.request("PUT", f"{REPOSITORY}/environments/live", token=token, json=wrong)[0] == 422
    forge.do("DELETE", f"{REPOSITORY}/environments/live", token=token, status=204)
    assert environments.find(forge.store, repository["id"], "live") is None
    assert conformity.failures() == []


def test_workflows_runs_jobs_and_artifacts_are_as_github_describes_them(
    forge: Forge, token: str, conformity: Conformity
) -> None:
    run = dispatched(forge, token)
    reached(forge, run)
    root = f"{REPOSITORY}/actions"
    for path in ("workflows", "workflows/tdev.yml", "workflows/tdev.yml/runs", "runs", f"runs/{run}",
                 f"runs/{run}/jobs", f"runs/{run}/jobs?filter=all", f"runs/{run}/attempts/1/jobs",
                 f"runs/{run}/attempts/1",
                 f"runs/{run}/artifacts", "artifacts", f"runs/{run}/approvals"):  # fmt: skip
        forge.get(f"{root}/{path}", token=token)
    job = forge.get(f"{root}/runs/{run}/jobs", token=token)["jobs"][1]
    forge.get(f"{root}/jobs/{job['id']}", token=token)
    forge.get(f"{root}/jobs/{job['id']}/logs", token=token, status=302)
    forge.get(f"{root}/runs/{run}/logs", token=token, status=302)
    forge.get(f"{root}/runs/{run}/attempts/2/jobs", token=token, status=404)
    forge.do("PUT", f"{root}/workflows/tdev.yml/disable", token=token, status=204)
    path = f"{root}/workflows/tdev.yml/dispatches"
    assert forge.request("POST", path, token=token, json={"ref": "main"})[0] == 403
    forge.do("PUT", f"{root}/workflows/tdev.yml/enable", token=token, status=204)
    forge.do("POST", f"{root}/jobs/{job['id']}/rerun", token=token, status=201)
    reached(forge, run)
    forge.do("POST", f"{root}/runs/{run}/rerun", token=token, status=201)
    assert reached(forge, run)["run_attempt"] == 3
    document = forge.get(f"{root}/runs/{run}/attempts/2", token=token)
    assert (document["run_attempt"], document["conclusion"]) == (2, "success")
    assert document["previous_attempt_url"].endswith("/attempts/1")
    forge.get(f"{root}/runs/{run}/attempts/4", token=token, status=404)
    assert conformity.failures() == []

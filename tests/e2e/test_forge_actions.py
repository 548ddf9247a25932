"""Dispatched workflows: real `tdev` commands run with a job's environment, and leave steps, logs, artifacts, claims."""

from __future__ import annotations

import json
import time
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
from support.forge_services import Services, add_app, add_repository, serving, work_tree
from support.receiver import Receiver, receiving
from tdev.forge import actions, deliveries, downloads, oidc
from tdev.forge.answers import ApiError
from tdev.forge.api.actions import artifact_document
from tdev.forge.job_work import artifact_path, log_path
from tdev.forge.program import run_logged
from tdev.forge.runner import StagesRunner
from tdev.forge.store import Row, add_personal_token
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

WORKFLOW = """
name: tdev
run-name: run ${{ inputs.run_id }}
on:
  workflow_dispatch:
    inputs:
      run_id: {type: string, required: true}
      commands: {type: string}
      what: {type: choice, options: [policy, tools], default: policy}
permissions:
  contents: read
  id-token: write
jobs:
  research:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Explain ${{ inputs.what }}
        env:
          WHAT: ${{ inputs.what }}
        run: tdev "$WHAT" validate
"""
CALC = {"calc.py": "x = 1\n", ".github/workflows/tdev.yml": WORKFLOW}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def forge(tmp_path: Path, settings: Settings, receiver: Receiver) -> Iterator[Services]:
    runner = StagesRunner({**settings.child_environment, **settings.installer_environment}, settings.home)
    with serving(tmp_path / "forge", settings, runner) as running:
        ada, _ = add_repository(running.store, private=True)
        events = ["workflow_run", "workflow_job", "workflow_dispatch"]
        add_app(running.store, ada, receiver.url, receiver.secret, events)
        work = work_tree(tmp_path / "work", CALC)
        url = running.clone_url(add_personal_token(running.store, ada["id"]))
        git(work, "push", "--quiet", url, "HEAD:refs/heads/main")
        yield running


def dispatched(forge: Services, inputs: dict[str, Any], ref: str = "main") -> Row:
    store = forge.store
    repository, ada = store.one("SELECT * FROM repositories"), store.one("SELECT * FROM users WHERE login = 'ada'")
    assert repository is not None and ada is not None
    workflow = actions.workflow_of(store, repository, "tdev.yml")
    return actions.dispatch(store, repository, workflow, ada, ref, inputs)


def ended(forge: Services, run: Row, seconds: float = 60) -> Row:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = actions.run_by_id(forge.store, run["id"])
        if row["status"] == "completed":
            return row
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def log_of(forge: Services, run: Row) -> str:
    return log_path(forge.store, actions.jobs_of(forge.store, run)[0]["id"]).read_text()


def test_the_commands_of_the_file_run_and_the_events_tell_of_it(forge: Services, receiver: Receiver) -> None:
    run = dispatched(forge, {"run_id": "r-1"})
    assert run["display_title"] == "run r-1"
    done = ended(forge, run)
    log = log_of(forge, run)
    assert done["conclusion"] == "success", log
    steps = json.loads(actions.jobs_of(forge.store, run)[0]["steps"])
    assert [(step["name"], step["conclusion"]) for step in steps] == [
        ("Check out", "success"),
        ("Explain policy", "success"),
    ]
    last = receiver.named("workflow_run", "completed")
    for each in receiver.came:
        assert each.signed
        parse(each.event, each.body)
    told = {(each.event, each.payload.get("action")) for each in receiver.came}
    assert told >= {
        ("workflow_dispatch", None),
        ("workflow_run", "requested"),
        ("workflow_run", "in_progress"),
        ("workflow_job", "queued"),
        ("workflow_job", "in_progress"),
    }
    assert last.payload["workflow_run"]["conclusion"] == "success"
    check = forge.store.one("SELECT * FROM check_runs")
    assert check is not None and (check["status"], check["conclusion"]) == ("completed", "success")


def test_a_real_run_leaves_its_run_directory_as_artifact(forge: Services) -> None:
    run = dispatched(
        forge, {"run_id": "r-2", "commands": 'tdev evolve "modernise" --repo . --plan-only\ntdev run list'}
    )
    done = ended(forge, run, 120)
    assert done["conclusion"] == "success", log_of(forge, run)
    artifact = forge.store.one("SELECT * FROM artifacts WHERE run_id = ?", run["id"])
    assert artifact is not None and artifact["name"].startswith("tdev-run-")
    with zipfile.ZipFile(artifact_path(forge.store, artifact["id"])) as archive:
        assert {"goal.json", "insights.json", "plan.json"} <= set(archive.namelist())
    with urllib.request.urlopen(downloads.address(forge.store, "run-logs", run["id"]), timeout=20) as answer:
        assert answer.status == 200 and answer.read(2) == b"PK"


def test_a_failing_command_fails_the_run_and_skips_the_rest(forge: Services) -> None:
    run = dispatched(forge, {"run_id": "r-3", "commands": "tdev run show no-such-run\ntdev run list"})
    assert ended(forge, run)["conclusion"] == "failure"
    steps = json.loads(actions.jobs_of(forge.store, run)[0]["steps"])
    assert [step["conclusion"] for step in steps] == ["success", "failure", "skipped"]
    assert "Process completed with exit code" in log_of(forge, run)


def test_other_programs_are_refused_in_the_log(forge: Services) -> None:
    run = dispatched(forge, {"run_id": "r-4", "commands": "curl example.org"})
    assert ended(forge, run)["conclusion"] == "failure"
    assert "`tdev` commands only, not curl" in log_of(forge, run)


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
def test_a_dispatch_that_does_not_fit_is_422(forge: Services, inputs: dict[str, Any], ref: str, words: str) -> None:
    with pytest.raises(ApiError, match=words) as refused:
        dispatched(forge, inputs, ref)
    assert refused.value.http_status == 422
    assert not forge.store.all("SELECT 1 FROM workflow_runs")


def test_identity_tokens_hold_for_the_job_and_verify_against_the_key_set(forge: Services, tmp_path: Path) -> None:
    run = dispatched(forge, {"run_id": "r-5"})
    ended(forge, run)
    job = actions.jobs_of(forge.store, run)[0]
    forge.store.update("workflow_jobs", job["id"], status="in_progress")
    variables = oidc.request_variables(forge.store, job)
    address = f"{variables['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=tdev"
    header = {"Authorization": f"bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=header), timeout=20) as answer:
        token = json.load(answer)["value"]
    root = f"{forge.url}/_services/token/.well-known"
    with urllib.request.urlopen(f"{root}/openid-configuration", timeout=20) as answer:
        configuration = json.load(answer)
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
    issuer = configuration["issuer"]
    claims = jwt.decode(token, key.key, algorithms=["RS256"], audience="tdev", issuer=issuer)
    assert claims["sub"] == "repo:ada/calc:ref:refs/heads/main"
    assert claims["job_workflow_ref"] == "ada/calc/.github/workflows/tdev.yml@refs/heads/main"
    assert claims["exp"] - claims["iat"] == oidc.SECONDS
    forge.store.update("workflow_jobs", job["id"], status="completed")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, headers=header), timeout=20)
    assert refused.value.code == 401


def test_documents_fit_githubs_models(forge: Services) -> None:
    run = ended(forge, dispatched(forge, {"run_id": "r-8"}))
    job = actions.jobs_of(forge.store, run)[0]
    workflow = forge.store.one("SELECT * FROM workflows")
    assert workflow is not None
    now = forge.store.now()
    number = forge.store.insert(
        "artifacts", repository_id=run["repository_id"], run_id=run["id"], name="kept", size=1, sha256="0" * 64,
        created_at=now, updated_at=now, expires_at="2099-01-01T00:00:00Z",
    )  # fmt: skip
    artifact = forge.store.one("SELECT * FROM artifacts WHERE id = ?", number)
    assert artifact is not None
    models.WorkflowRun.model_validate(actions.run_document(forge.store, run))
    models.Job.model_validate(actions.job_document(forge.store, run, job))
    models.Workflow.model_validate(actions.workflow_document(forge.store, workflow))
    models.Artifact.model_validate(artifact_document(forge.store, artifact))
    delivery = forge.store.one("SELECT * FROM hook_deliveries WHERE state = 'sent'")
    assert delivery is not None
    models.HookDelivery.model_validate(deliveries.document(delivery, "http://127.0.0.1/"))
    models.HookDeliveryItem.model_validate(deliveries.item(delivery))


def test_downloads_need_the_forges_own_signature(forge: Services) -> None:
    run = dispatched(forge, {"run_id": "r-6"})
    ended(forge, run)
    address = downloads.address(forge.store, "job-logs", actions.jobs_of(forge.store, run)[0]["id"])
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address.replace("sig=", "sig=0"), timeout=20)
    assert refused.value.code == 403
    with urllib.request.urlopen(address, timeout=20) as answer:
        text = answer.read().decode()
    assert "##[group]Check out" in text
    assert "ghs_" not in text


def test_a_cancelled_run_stops_its_program(forge: Services) -> None:
    run = dispatched(forge, {"run_id": "r-7", "commands": "tdev run list\n" * 200})
    deadline = time.monotonic() + 20
    while actions.run_by_id(forge.store, run["id"])["status"] != "in_progress" and time.monotonic() < deadline:
        time.sleep(0.02)
    forge.store.update("workflow_runs", run["id"], cancel=1)
    assert ended(forge, run)["conclusion"] == "cancelled"
    assert "canceled" in log_of(forge, run)


async def _sleep_forever(folder: Path) -> int | None:
    return await run_logged(
        ("sleep", "60"), cwd=folder, environment={"PATH": "/usr/bin:/bin"}, write=lambda text: None, timeout=0.3
    )


def test_a_program_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    import asyncio

    started = time.monotonic()
    assert asyncio.run(_sleep_forever(tmp_path)) is None
    assert time.monotonic() - started < 10

"""Requests about what guards and runs: statuses, rulesets, protection, environments, workflows, runs, artifacts.

The third part of tests/support/forge_drive.py, with the same contract. The runs are real ones.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from support.forge_runs import dispatched, reached
from support.forge_world import World
from tdev.forge.store import repository_by_name
from tdev.forge.workflows.secrets import set_secret

WORKFLOW = """
name: tdev
on: {workflow_dispatch: {inputs: {fail: {type: boolean}}}}
jobs:
  work:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - {name: May fail, if: inputs.fail, run: tdev run show no-such-run}
      - {uses: actions/upload-artifact@v4, with: {name: work, path: calc.py}}
  publish:
    needs: work
    runs-on: ubuntu-latest
    environment: production
    steps: [{run: tdev --version}]
"""


def _scan(world: World, sha: str) -> None:
    """Code scanning."""
    driver = {"name": "T-Developer", "semanticVersion": "0.1.0", "rules": [{"id": "a"}]}
    run = {"tool": {"driver": driver}, "automationDetails": {"id": "tdev/gates/"}, "results": []}
    packed = gzip.compress(json.dumps({"version": "2.1.0", "runs": [run]}).encode())
    document = {"commit_sha": sha, "ref": "refs/heads/main", "sarif": base64.b64encode(packed).decode()}
    made = world.ask("POST", "/code-scanning/sarifs", 202, json=document)
    world.ask("POST", "/code-scanning/sarifs", 400, json={**document, "sarif": "eA=="})
    world.ask("GET", f"/code-scanning/sarifs/{made['id']}")
    world.ask("GET", "/code-scanning/sarifs/nonsense", 404)
    [analysis] = world.ask("GET", "/code-scanning/analyses?tool_name=T-Developer")
    assert (analysis["commit_sha"], analysis["category"], analysis["rules_count"]) == (sha, "tdev/gates", 1)


def drive_guards(world: World) -> None:
    """Statuses, rulesets, branch protection."""
    sha = world.ask("GET", "/git/ref/heads/main")["object"]["sha"]
    document = {"state": "success", "context": "ci", "description": "Passed", "target_url": "https://example.com/1"}
    world.ask("POST", f"/statuses/{sha}", 201, json=document, token=world.bot)
    world.ask("POST", f"/statuses/{sha}", 422, json={"state": "great"})
    _scan(world, sha)
    world.ask("GET", f"/commits/{sha}/statuses")
    world.ask("GET", f"/commits/{sha}/status")
    checks = {"strict_required_status_checks_policy": False, "required_status_checks": [{"context": "tdev/tests"}]}
    ruleset = {
        "name": "guard",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/guarded"], "exclude": []}},
        "rules": [{"type": "deletion"}, {"type": "required_status_checks", "parameters": checks}],
    }
    made = world.ask("POST", "/rulesets", 201, json=ruleset)
    one = f"/rulesets/{made['id']}"
    world.ask("POST", "/rulesets", 422, json={"name": "x", "enforcement": "perhaps"})
    world.ask("GET", "/rulesets")
    world.ask("GET", one)
    world.ask("GET", "/rulesets/9999", 404)
    world.ask("GET", "/rules/branches/guarded")
    world.ask("PUT", one, json={"enforcement": "disabled"})
    world.ask("DELETE", one, 204)
    world.ask("GET", "/branches/main/protection", 404)
    protection = {
        "required_status_checks": {"strict": True, "contexts": ["tdev/tests"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    world.ask("PUT", "/branches/main/protection", json=protection)
    world.ask("GET", "/branches/main/protection")
    world.ask("GET", "/branches/main")
    world.ask("DELETE", "/branches/main/protection", 204)


def drive_environments(world: World) -> None:
    """Environments, secrets, variables."""
    row = repository_by_name(world.forge.store, "ada", "calc")
    assert row is not None
    ada = world.ask("GET", "//user")["id"]
    place = "/environments/production"
    made = world.ask("PUT", place, json={"reviewers": [{"type": "User", "id": ada}], "prevent_self_review": False})
    world.found["environment"] = made["id"]
    world.ask("GET", place)
    world.ask("GET", "/environments")
    world.ask("GET", "/environments/none", 404)
    for root, environment_id in (("/actions", 0), (place, made["id"])):
        set_secret(world.forge.store, row["id"], "KEY", "a secret value", environment_id=environment_id)
        world.ask("GET", f"{root}/secrets")
        world.ask("GET", f"{root}/secrets/KEY")
        world.ask("DELETE", f"{root}/secrets/KEY", 204)
        world.ask("GET", f"{root}/secrets/KEY", 404)
        world.ask("POST", f"{root}/variables", 201, json={"name": "COLOR", "value": "red"})
        world.ask("GET", f"{root}/variables")
        world.ask("GET", f"{root}/variables/COLOR")
        world.ask("PATCH", f"{root}/variables/COLOR", 204, json={"value": "blue"})
        world.ask("DELETE", f"{root}/variables/COLOR", 204)
        world.ask("GET", f"{root}/variables/COLOR", 404)


def _run(world: World, status: str, **inputs: Any) -> str:
    """A new run that has reached a status; its path."""
    number = dispatched(world.forge, world.ada, inputs or None)
    reached(world.forge, number, status)
    return f"/actions/runs/{number}"


def drive_actions(world: World) -> None:
    """Workflows, and a run that waits for a review."""
    world.ask("GET", "/actions/workflows")
    one = "/actions/workflows/tdev.yml"
    world.ask("GET", one)
    world.ask("GET", "/actions/workflows/none.yml", 404)
    world.ask("PUT", f"{one}/disable", 204)
    world.ask("PUT", f"{one}/enable", 204)
    world.ask("POST", f"{one}/dispatches", 422, json={"ref": "none"})
    run = _run(world, "waiting")
    world.ask("GET", run)
    world.ask("GET", f"{run}/pending_deployments")
    review = {"environment_ids": [world.found["environment"]], "state": "approved", "comment": "Go"}
    world.ask("POST", f"{run}/pending_deployments", 403, json=review, token=world.bob)
    world.ask("POST", f"{run}/pending_deployments", json=review)
    reached(world.forge, int(run.rsplit("/", 1)[1]))
    world.found["run"] = run
    world.ask("GET", f"{run}/approvals")
    world.ask("GET", f"{one}/runs?status=success&branch=main&event=workflow_dispatch")
    world.ask("GET", "/actions/runs?per_page=1")
    world.ask("GET", run)
    world.ask("GET", "/actions/runs/99999", 404)
    world.ask("GET", f"{run}/logs", 302)
    jobs = world.ask("GET", f"{run}/jobs?filter=latest")["jobs"]
    world.ask("GET", f"{run}/attempts/1")
    world.ask("GET", f"{run}/attempts/1")
    world.ask("GET", f"{run}/attempts/1/jobs")
    world.ask("GET", f"/actions/jobs/{jobs[0]['id']}")
    world.ask("GET", f"/actions/jobs/{jobs[0]['id']}/logs", 302)
    world.ask("GET", "/actions/jobs/99999", 404)


def drive_artifacts(world: World) -> None:
    """What the run left."""
    artifacts = world.ask("GET", f"{world.found['run']}/artifacts")["artifacts"]
    one = f"/actions/artifacts/{artifacts[0]['id']}"
    world.ask("GET", "/actions/artifacts?name=work")
    world.ask("GET", one)
    world.ask("GET", f"{one}/zip", 302)
    world.ask("DELETE", one, 204)
    world.ask("GET", one, 404)


def drive_reruns(world: World) -> None:
    """Stopping runs and running them again."""
    waiting = _run(world, "waiting")
    world.ask("POST", f"{waiting}/cancel", 202)
    reached(world.forge, int(waiting.rsplit("/", 1)[1]))
    world.ask("POST", f"{waiting}/cancel", 409)
    waiting = _run(world, "waiting")
    world.ask("POST", f"{waiting}/force-cancel", 202)
    reached(world.forge, int(waiting.rsplit("/", 1)[1]))
    failed = _run(world, "completed", fail="true")
    number = int(failed.rsplit("/", 1)[1])
    world.ask("POST", f"{failed}/rerun-failed-jobs", 201)
    reached(world.forge, number)
    world.ask("POST", f"{failed}/rerun", 201)
    reached(world.forge, number)
    job = world.ask("GET", f"{failed}/jobs")["jobs"][0]["id"]
    world.ask("POST", f"/actions/jobs/{job}/rerun", 201)
    reached(world.forge, number)
    world.ask("DELETE", "/environments/production", 204)


DRIVES = (drive_guards, drive_environments, drive_actions, drive_artifacts, drive_reruns)
"""In this order."""

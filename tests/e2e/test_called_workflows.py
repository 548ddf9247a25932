"""A repository's own workflows call ours, without a bot and without an App; and the gates as steps of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge
from support.forge_runs import conclusions, dispatched, forge_with_runner, log_of, logs, reached
from support.publishing import FILES, REPOSITORY
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
RIGHTS = "{contents: write, pull-requests: write, checks: write, issues: write}"
CALLER = f"""
on:
  workflow_dispatch:
    inputs:
      goal: {{type: string}}
      number: {{type: string}}
      kind: {{type: string, default: KIND}}
      plan-only: {{type: string, default: "PLAN"}}
permissions: {{}}
jobs:
  KIND:
    uses: t-developer/tdev/.github/workflows/KIND.yml@v1
    permissions: {RIGHTS}
    with: {{goal: "${{{{ inputs.goal }}}}", number: "${{{{ inputs.number }}}}", plan-only: PLAN}}
  tell:
    needs: KIND
    runs-on: ubuntu-24.04
    permissions: {{}}
    steps:
      - name: Tell
        continue-on-error: true
        env: {{FOUND: "${{{{ needs.KIND.outputs.outcome }}}}-${{{{ needs.KIND.outputs.pull-request }}}}"}}
        run: tdev run show "$FOUND"
"""
CONTRACT = """
  contract:
    needs: build
    runs-on: ubuntu-24.04
    permissions: {contents: read}
    env: {TDEV_ASKED: "${{ toJSON(inputs) }}"}
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with: {persist-credentials: false, fetch-depth: 0}
      - uses: t-developer/tdev/actions/setup@v1
      - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0
        with: {name: tdev-run, path: "${{ runner.temp }}/tdev-run"}
      - id: contract
        continue-on-error: true
        uses: t-developer/tdev/actions/gate-contract@v1
      - name: Tell
        continue-on-error: true
        env: {FOUND: "${{ steps.contract.outcome }}-${{ steps.contract.outputs.verdict }}"}
        run: tdev run show "$FOUND"
"""
GATES = """
on: workflow_dispatch
permissions: {}
jobs:
  gates:
    runs-on: ubuntu-24.04
    permissions: {contents: read}
    outputs: {said: "${{ steps.security.outputs.verdict }}-${{ steps.quality.outputs.verdict }}"}
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with: {persist-credentials: false, fetch-depth: 0}
      - uses: t-developer/tdev/actions/setup@v1
      - id: security
        uses: t-developer/tdev/actions/gate-security@v1
      - id: quality
        uses: t-developer/tdev/actions/gate-quality@v1
      - uses: t-developer/tdev/actions/gate-tests@v1
        with: {base: no-such-branch}
        continue-on-error: true
"""
REQUIREMENT = (Path(__file__).parents[2] / "examples" / "meeting-rooms.md").read_text("utf-8")


def caller(kind: str, plan: str) -> str:
    return CALLER.replace("KIND", kind).replace("PLAN", plan)


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    files = {
        "evolve.yml": caller("evolve", "false"),
        "build.yml": caller("build", "true") + CONTRACT,
        "gates.yml": GATES,
    }
    with forge_with_runner(tmp_path / "forge", settings) as running:
        running.repository(
            "ada", "calc", {**FILES, **{f".github/workflows/{name}": text for name, text in files.items()}}
        )
        yield running


def test_a_call_with_a_goal_becomes_a_pull_request_by_the_job_s_own_token(forge: Forge) -> None:
    token = forge.token("ada")
    run_id = dispatched(forge, token, {"goal": "modernise"}, workflow="evolve.yml")
    assert reached(forge, run_id, seconds=240)["conclusion"] == "success", logs(forge, run_id)
    [pull] = forge.get(f"{REPOSITORY}/pulls")
    assert pull["user"]["login"] == "github-actions[bot]" and pull["head"]["ref"] == "tdev/auto/modernise"
    jobs = (
        "evolve / agent",
        "evolve / deliver / gate",
        "evolve / deliver / publish",
        "evolve / deliver / learn",
        "tell",
    )
    assert conclusions(forge, run_id) == dict.fromkeys(jobs, "success")
    assert f"published-{pull['number']}" in log_of(forge, run_id, "tell")
    assert "The job's own token" in log_of(forge, run_id, "evolve/deliver/publish")


def test_a_plan_of_a_build_is_told_on_the_issue_and_has_no_contract_that_could_pass(forge: Forge) -> None:
    token = forge.token("ada")
    issue = {"title": "Rooms", "body": REQUIREMENT}
    number = forge.do("POST", f"{REPOSITORY}/issues", token=token, json=issue, status=201)["number"]
    run_id = dispatched(forge, token, {"goal": REQUIREMENT, "number": str(number)}, workflow="build.yml")
    assert reached(forge, run_id, seconds=240)["conclusion"] == "success", logs(forge, run_id)
    [said] = forge.get(f"{REPOSITORY}/issues/{number}/comments")
    assert "# Plan" in said["body"] and forge.get(f"{REPOSITORY}/pulls") == []
    assert "plan-only-" in log_of(forge, run_id, "tell")
    assert "failure-error" in log_of(forge, run_id, "contract")


def test_gates_are_steps_with_a_verdict_and_one_that_can_not_run_fails(forge: Forge) -> None:
    run_id = dispatched(forge, forge.token("ada"), workflow="gates.yml")
    assert reached(forge, run_id, seconds=240)["conclusion"] == "success", logs(forge, run_id)
    jobs = forge.get(f"{REPOSITORY}/actions/runs/{run_id}/jobs")["jobs"]
    assert "There is no commit 'no-such-branch'" in log_of(forge, run_id, "gates")
    said = forge.store.value("SELECT outputs FROM workflow_jobs WHERE id = ?", jobs[0]["id"])
    assert said in (
        '{"said": "waived-pass"}',
        '{"said": "pass-pass"}',
        '{"said": "waived-skipped"}',
        '{"said": "pass-skipped"}',
    )

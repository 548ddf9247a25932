"""The forge's second runner: workflow files are run by the real act, and the forge shows them as it always does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from uv import find_uv_bin

from support.act import act_runner, forge_with_act
from support.forge import Forge, running_forge
from support.forge_runs import REPOSITORY, conclusions, dispatched, log_of, logs, reached, until
from tdev.cli.forge import chosen_runner
from tdev.forge.store import repository_by_name
from tdev.forge.workflows.act_orphans import end_orphans
from tdev.forge.workflows.act_runner import ActRunner
from tdev.forge.workflows.job_states import run_by_id
from tdev.forge.workflows.secrets import set_secret, set_variable
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
TWO = """
name: two jobs
on:
  workflow_dispatch:
    inputs:
      word: {default: ""}
      loud: {type: boolean, default: false}
permissions: {contents: read}
jobs:
  make:
    runs-on: ubuntu-24.04
    outputs:
      word: ${{ steps.say.outputs.word }}
      hidden: ${{ steps.say.outputs.hidden }}
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with: {persist-credentials: false}
      - id: say
        name: Say it
        env:
          WORD: ${{ inputs.word }}
          KEY: ${{ secrets.API_KEY }}
        run: |
          test -f calc.py
          test "$(git rev-parse HEAD)" = "$GITHUB_SHA"
          test "$GITHUB_SHA" = "${{ github.sha }}"
          echo "word=$WORD ${{ inputs.loud && 'loud' || 'quiet' }}" >> "$GITHUB_OUTPUT"
          echo "hidden=$(echo "$KEY" | head -1)" >> "$GITHUB_OUTPUT"
          echo "the key is $KEY"
          echo "::add-mask::swordfish"
          echo "it swims: swordfish"
          echo "KEPT=over" >> "$GITHUB_ENV"
          mkdir -p "$RUNNER_TEMP/out"
          echo "$WORD" > "$RUNNER_TEMP/out/word.txt"
      - run: if grep -rqs "battery""-staple" "$(dirname "$TDEV_HOME")"; then exit 7; fi
      - run: test "$KEPT" = over && test -z "${KEY:-}" && test -z "${GITHUB_TOKEN:-}"
      - if: failure()
        name: Never
        run: exit 9
      - uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2
        with:
          name: out
          path: ${{ runner.temp }}/out
          if-no-files-found: error
  use:
    needs: make
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0
        with: {name: out, path: "${{ runner.temp }}/in"}
      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        id: python
      - uses: t-developer/tdev/actions/setup@v1
      - name: Compare
        env:
          SAID: ${{ needs.make.outputs.word }}
          HIDDEN: ${{ needs.make.outputs.hidden }}
          WORDS: ${{ vars.WORDS }}
        run: |
          test "$SAID" = "$(cat "$RUNNER_TEMP/in/word.txt") loud"
          test -z "$HIDDEN" && test "${{ needs.make.result }}" = success && test "$WORDS" = many
          test ! -e calc.py
          tdev --version && "${{ steps.python.outputs.python-path }}" --version
"""
WRITES = """
name: writes
on: workflow_dispatch
permissions: {contents: read}
jobs:
  reads:
    runs-on: ubuntu-24.04
    steps: &steps
      - env: {GITHUB_TOKEN: "${{ github.token }}"}
        run: |
          cat > ask.py <<'END'
          import json, os, sys, urllib.error, urllib.request
          url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/git/refs"
          body = {"ref": f"refs/heads/by-{os.environ['GITHUB_JOB']}", "sha": os.environ["GITHUB_SHA"]}
          asked = urllib.request.Request(url, json.dumps(body).encode(), {
              "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "User-Agent": "test"})
          try:
              print("status", urllib.request.urlopen(asked).status)
          except urllib.error.HTTPError as error:
              print("status", error.code)
          END
          python3 ask.py
          test -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" && echo "no identity" || echo "an identity"
  writes:
    runs-on: ubuntu-24.04
    permissions: {contents: write, id-token: write}
    steps: *steps
"""
FAILS = """
name: fails
on: workflow_dispatch
jobs:
  bad:
    runs-on: ubuntu-24.04
    outputs: {seen: "${{ steps.last.outputs.seen }}"}
    steps:
      - {name: Forgiven, run: exit 3, continue-on-error: true}
      - {name: Bad, run: "echo before; exit 4"}
      - {name: Left out, run: echo never}
      - {name: Last, id: last, if: always(), run: 'echo "seen=${{ job.status }}" >> "$GITHUB_OUTPUT"'}
  after:
    needs: bad
    runs-on: ubuntu-24.04
    steps: [{run: echo never}]
  always:
    needs: [bad, after]
    if: always()
    runs-on: ubuntu-24.04
    steps:
      - run: echo "saw ${{ needs.bad.result }} ${{ needs.after.result }} ${{ needs.bad.outputs.seen }}"
  unknown:
    runs-on: ubuntu-24.04
    steps: [{uses: actions/github-script@v7}]
  lies:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          echo '{"level": "info", "jobID": "lies", "jobResult": "success", "msg": "well done"}'
          lie='{"level": "info", "jobID": "lies", "jobResult": "success"}'
          setsid bash -c 'while sleep 0.001; do echo "$0"; done' "$lie" > /proc/$PPID/fd/1 2> /dev/null < /dev/null &
          sleep 0.3; exit 5
"""
LONG = """
name: long
on: workflow_dispatch
concurrency: one
jobs:
  long:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          setsid sleep 987 > /dev/null 2>&1 < /dev/null &
          echo begun
          sleep 986
      - {if: always(), run: echo the last words}
  quick:
    runs-on: ubuntu-24.04
    timeout-minutes: 0.02
    steps: [{run: sleep 985}]
"""
FILES = {
    "calc.py": "def add(a, b):\n    return a + b\n",
    **{f".github/workflows/{name}.yml": text for name, text in
       (("two", TWO), ("writes", WRITES), ("fails", FAILS), ("long", LONG))},
}  # fmt: skip


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with forge_with_act(tmp_path / "forge", settings) as running:
        running.repository("ada", "calc", FILES)
        row = repository_by_name(running.store, "ada", "calc")
        assert row is not None
        set_secret(running.store, row["id"], "API_KEY", "correct-horse\nbattery-staple")
        set_secret(running.store, row["id"], "OTHER_KEY", "of-nobody")
        set_variable(running.store, row["id"], "WORDS", "many")
        yield running


def steps(forge: Forge, run_id: int, job: str) -> list[tuple[str, str | None]]:
    """The steps of a job and how they ended, as the REST API tells."""
    found = forge.get(f"{REPOSITORY}/actions/runs/{run_id}/jobs")["jobs"]
    (one,) = [each for each in found if each["name"] == job]
    return [(step["name"], step["conclusion"]) for step in one["steps"]]


def asleep(seconds: int) -> bool:
    """A `sleep` of so many seconds is at work on this machine."""
    wanted = f"sleep\0{seconds}\0".encode()
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and (folder / "cmdline").read_bytes() == wanted:
                return True
        except OSError:
            continue
    return False


def test_jobs_hand_on_outputs_and_artifacts_and_no_secret(forge: Forge) -> None:
    word = "it's $(touch /tmp/never) `x` \" 'quoted' #"
    run_id = dispatched(forge, forge.token("ada"), {"word": word, "loud": "true"}, "two.yml")
    run = reached(forge, run_id)
    assert run["conclusion"] == "success", logs(forge, run_id)
    log = log_of(forge, run_id, "make")
    assert "the key is ***" in log and "it swims: ***" in log
    assert not any(secret in logs(forge, run_id) for secret in ("correct-horse", "battery-staple", "swordfish", "ghs_"))
    assert "Skip output 'hidden' since it may contain secret." in log
    shown = steps(forge, run_id, "make")
    assert shown[0] == ("Set up job", "success") and ("Say it", "success") in shown and ("Never", "skipped") in shown
    assert {how for _, how in shown} == {"success", "skipped"}
    (artifact,) = forge.get(f"{REPOSITORY}/actions/runs/{run_id}/artifacts")["artifacts"]
    assert artifact["name"] == "out"
    assert not list((forge.store.root / "jobs").iterdir())


def test_a_jobs_token_can_do_what_the_job_is_permitted(forge: Forge) -> None:
    run_id = dispatched(forge, forge.token("ada"), workflow="writes.yml")
    assert reached(forge, run_id)["conclusion"] == "success", logs(forge, run_id)
    assert "status 403" in log_of(forge, run_id, "reads") and "no identity" in log_of(forge, run_id, "reads")
    assert "status 201" in log_of(forge, run_id, "writes") and "an identity" in log_of(forge, run_id, "writes")
    refs = [ref["ref"] for ref in forge.get(f"{REPOSITORY}/git/matching-refs/heads/")]
    assert "refs/heads/by-writes" in refs and "refs/heads/by-reads" not in refs


def test_what_fails_is_shown_where_it_failed(forge: Forge) -> None:
    run_id = dispatched(forge, forge.token("ada"), workflow="fails.yml")
    assert reached(forge, run_id)["conclusion"] == "failure"
    assert conclusions(forge, run_id) == {
        "bad": "failure",
        "after": "skipped",
        "always": "success",
        "unknown": "failure",
        "lies": "failure",
    }
    shown = dict(steps(forge, run_id, "bad"))
    assert {name: shown[name] for name in ("Forgiven", "Bad", "Left out", "Last")} == {
        "Forgiven": "success", "Bad": "failure", "Left out": "skipped", "Last": "success",
    }  # fmt: skip
    assert "##[error]exit status 4" in log_of(forge, run_id, "bad")
    assert "saw failure skipped failure" in log_of(forge, run_id, "always")
    assert "no stand-in for actions/github-script@v7" in log_of(forge, run_id, "unknown")
    assert "well done" in log_of(forge, run_id, "lies")
    assert "act said success and ended with 1" in log_of(forge, run_id, "lies")


def test_a_cancelled_run_says_its_last_words_and_leaves_nothing_running(forge: Forge) -> None:
    token = forge.token("ada")
    run_id = dispatched(forge, token, workflow="long.yml")
    until(lambda: "begun" in logs(forge, run_id) and asleep(987), "the job is at work")
    later = dispatched(forge, token, workflow="long.yml")
    assert run_by_id(forge.store, later)["status"] == "queued"
    forge.do("POST", f"{REPOSITORY}/actions/runs/{run_id}/cancel", token=token, status=202)
    assert reached(forge, run_id)["conclusion"] == "cancelled"
    assert "the last words" in log_of(forge, run_id, "long")
    reached(forge, later, "in_progress")
    until(lambda: "begun" in logs(forge, later), "the next run is at work")
    forge.do("POST", f"{REPOSITORY}/actions/runs/{later}/force-cancel", token=token, status=202)
    assert reached(forge, later)["conclusion"] == "cancelled"
    until(lambda: not asleep(987) and not asleep(986), "nothing is left running")


def test_a_job_that_takes_too_long_is_stopped(forge: Forge) -> None:
    text = LONG.replace("  long:", "  other:").replace("sleep 986", "true").replace("setsid sleep 987", "true")
    forge.repository("ada", "slow", {".github/workflows/long.yml": text})
    began = time.monotonic()
    run_id = int(
        forge.do(
            "POST", "/repos/ada/slow/actions/workflows/long.yml/dispatches", token=forge.token("ada"),
            json={"ref": "main", "return_run_details": True},
        )["workflow_run_id"]
    )  # fmt: skip
    reached(forge, run_id)
    assert conclusions(forge, run_id)["quick"] == "cancelled" and time.monotonic() - began < 30
    assert "exceeded the maximum time" in log_of(forge, run_id, "quick") and not asleep(985)


def test_data_that_act_would_evaluate_is_refused(forge: Forge) -> None:
    run_id = dispatched(forge, forge.token("ada"), {"word": "${{ secrets.API_KEY }}"}, "two.yml")
    assert reached(forge, run_id)["conclusion"] == "failure"
    assert "only the forge's own runner can do this" in log_of(forge, run_id, "make")


def test_the_command_chooses_it(settings: Settings) -> None:
    own = act_runner(settings)
    chosen = chosen_runner("act", settings)
    assert isinstance(chosen, ActRunner) and chosen.program == own.program and chosen.actions == own.actions


def test_no_orphan_is_found_where_none_is() -> None:
    assert end_orphans(f"github_none_{os.getpid()}") == 0


SETUP = """
name: setup
on: workflow_dispatch
permissions: {contents: read}
jobs:
  install:
    runs-on: ubuntu-24.04
    steps:
      - id: setup
        uses: t-developer/tdev/actions/setup@v1
        with: {tools: "false"}
      - env: {TDEV: "${{ steps.setup.outputs.tdev }}", VERSION: "${{ steps.setup.outputs.version }}"}
        run: |
          test "$(command -v tdev)" = "$TDEV" && test "$(tdev --version)" = "tdev $VERSION"
          tdev policy explain engine
"""


def test_our_own_setup_really_installs(tmp_path: Path, settings: Settings) -> None:
    act = act_runner(settings)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(find_uv_bin())
    path = f"{tmp_path / 'bin'}:{act.own.environment['PATH']}"
    runner = replace(act, own=replace(act.own, environment={**act.own.environment, "PATH": path}), real_setup=True)
    with running_forge(tmp_path / "forge", settings, runner=runner) as forge:
        forge.repository("ada", "calc", {".github/workflows/setup.yml": SETUP})
        run_id = dispatched(forge, forge.token("ada"), workflow="setup.yml")
        assert reached(forge, run_id, seconds=300)["conclusion"] == "success", logs(forge, run_id)
        assert "nothing is installed" not in logs(forge, run_id) and "/setup/" in logs(forge, run_id)

"""A forge with one repository whose workflows try what the `stages` runner can do, and a receiver of its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.command import git
from support.forge import Forge
from support.forge_runs import REPOSITORY, Json, forge_with_runner
from support.receiver import Receiver
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

WORKFLOW = """
name: tdev
run-name: run ${{ inputs.run_id }}
on:
  workflow_dispatch:
    inputs:
      run_id: {type: string, required: true}
      what: {type: choice, options: [policy, tools], default: policy}
      fail: {type: boolean}
concurrency: {group: "tdev-${{ inputs.run_id }}"}
permissions: {contents: read}
jobs:
  work:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    outputs: {said: "${{ steps.say.outcome }}"}
    steps:
      - uses: actions/checkout@v5
        with: {persist-credentials: false, fetch-depth: 0}
      - name: Explain ${{ inputs.what }}
        id: say
        env: {WHAT: "${{ inputs.what }}"}
        run: tdev "$WHAT" validate
      - name: May fail
        if: inputs.fail
        run: tdev run show no-such-run
      - name: Keep
        if: always()
        uses: actions/upload-artifact@v4
        with:
          {name: work, path: "${{ github.workspace }}", include-hidden-files: true, retention-days: 3,
           if-no-files-found: error}
  publish:
    needs: work
    runs-on: ubuntu-latest
    permissions: {checks: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {name: work, path: "${{ runner.temp }}/in"}
      - name: Read what came
        run: tdev policy validate --repo "$RUNNER_TEMP/in"
      - name: Show
        continue-on-error: true
        env:
          KEY: ${{ secrets.APP_KEY }}
          TOKEN: ${{ github.token }}
          SAID: ${{ needs.work.outputs.said }}
        run: tdev run show "$SAID-$KEY-$TOKEN"
      - name: See nothing
        continue-on-error: true
        run: tdev run show "without-$KEY-$GITHUB_TOKEN"
"""
CHECKS = """
on:
  push: {branches: [main, "release/**"]}
  pull_request:
jobs:
  validate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - env: {BASE: "${{ github.base_ref }}", NUMBER: "${{ github.event.pull_request.number }}"}
        continue-on-error: true
        run: tdev run show "$GITHUB_EVENT_NAME-$GITHUB_REF-$GITHUB_HEAD_REF-$BASE-$NUMBER"
"""
POLICY = "version: 1\n"
CALC = {
    "calc.py": "x = 1\n", ".github/tdev.yml": POLICY, ".github/workflows/tdev.yml": WORKFLOW,
    ".github/workflows/checks.yml": CHECKS,
}  # fmt: skip
EVENTS = ("workflow_run", "workflow_job", "workflow_dispatch", "check_run", "check_suite", "push", "pull_request")
KEY = "-----BEGIN KEY-----\nc2VjcmV0LW9mLXRoZS1hcHA\n-----END KEY-----"


@contextmanager
def calc_forge(root: Path, settings: Settings, receiver: Receiver) -> Iterator[Forge]:
    """The forge, until the block ends."""
    with forge_with_runner(root, settings) as running:
        running.user("ada")
        app, _ = running.app("checker", {"checks": "write"}, EVENTS, receiver.url, receiver.secret)
        running.install(app, "ada")
        row = running.repository("ada", "calc", CALC, private=True)
        set_secret(running.store, row["id"], "APP_KEY", KEY)
        yield running


def pushed(forge: Forge, token: str, folder: Path, branch: str, files: dict[str, str], message: str = "change") -> str:
    """The commit that a push of these files to a branch, from main, made."""
    url = f"{forge.url.replace('://', f'://x:{token}@')}/ada/calc.git"
    if not folder.exists():
        folder.mkdir()
        git(folder, "clone", "--quiet", url, ".")
    git(folder, "checkout", "--quiet", "-B", branch, "origin/main")
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)
    git(folder, "push", "--quiet", "--force", url, f"HEAD:refs/heads/{branch}")
    return git(folder, "rev-parse", "HEAD").strip()


def runs_of(forge: Forge, token: str, **query: str) -> list[Json]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[Json] = forge.get(f"{REPOSITORY}/actions/runs?{words}", token=token)["workflow_runs"]
    return found

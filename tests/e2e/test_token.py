"""The writing token: narrowed, masked, and gone at the end of the job, also of one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import Ended
from support.forge import Forge
from support.forge_runs import REPOSITORY, conclusions, dispatched, forge_with_runner, logs, reached
from support.publishing import PERMISSIONS, ran
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
WORKFLOW = """
on: workflow_dispatch
permissions: {}
jobs:
  writes:
    runs-on: ubuntu-24.04
    permissions: {}
    steps:
      - uses: t-developer/tdev/actions/setup@v1
        with: {tools: "false"}
      - id: token
        uses: t-developer/tdev/actions/token@v1
        with: {app-id: "${{ secrets.TDEV_APP_ID }}", private-key: "${{ secrets.TDEV_APP_PRIVATE_KEY }}"}
      - name: Look
        continue-on-error: true
        env: {APP: "${{ steps.token.outputs.app }}", SEEN: "${{ steps.token.outputs.token }}"}
        run: tdev run show "$APP-$SEEN"
      - name: Fail
        run: tdev run show no-such-run
"""


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with forge_with_runner(tmp_path / "forge", settings) as running:
        row = running.repository("ada", "calc", {".github/workflows/token.yml": WORKFLOW})
        running.repository("ada", "other", {"a.py": "a = 1\n"})
        app, key = running.app("tdev-test", PERMISSIONS)
        running.install(app, "ada")
        set_secret(running.store, row["id"], "TDEV_APP_ID", str(app["client_id"]))
        set_secret(running.store, row["id"], "TDEV_APP_PRIVATE_KEY", key)
        yield running


def told(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def command(forge: Forge, settings: Settings, folder: Path, *words: str, **more: str) -> Ended:
    job = {
        "GITHUB_API_URL": forge.api_url,
        "GITHUB_REPOSITORY": "ada/calc",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STATE": str(folder / "state"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    return ran(settings, "token", *words, **{**job, **more})


def test_a_token_is_for_one_repository_and_one_task_and_ends(forge: Forge, settings: Settings, tmp_path: Path) -> None:
    app, key = forge.app("second", PERMISSIONS)
    forge.install(app, "ada")
    made = command(forge, settings, tmp_path, "create", "report", TDEV_APP_ID=str(app["id"]), TDEV_APP_PRIVATE_KEY=key)
    assert made.exit_code == 0, made.stderr
    token = told(tmp_path / "output")["token"]
    assert told(tmp_path / "output") == {"token": token, "app": "second"} and told(tmp_path / "state") == {
        "token": token
    }
    assert made.stdout.splitlines()[0] == f"::add-mask::{token}" and made.stdout.count(token) == 1
    sha = forge.get(f"{REPOSITORY}/git/ref/heads/main")["object"]["sha"]
    check = {"name": "tdev/tests", "head_sha": sha}
    forge.do("POST", f"{REPOSITORY}/check-runs", token=token, json=check, status=201)
    forge.do("POST", f"{REPOSITORY}/issues", token=token, json={"title": "x"}, status=403)
    forge.do("POST", "/repos/ada/other/check-runs", token=token, json=check, status=403)
    ended = command(forge, settings, tmp_path, "revoke", STATE_token=token)
    assert ended.exit_code == 0 and "is revoked" in ended.stdout
    forge.do("POST", f"{REPOSITORY}/check-runs", token=token, json=check, status=401)
    again = command(forge, settings, tmp_path, "revoke", STATE_token=token)
    assert again.exit_code == 0 and "good for nothing any more" in again.stdout


def test_without_an_app_it_is_the_job_s_own_which_is_not_revoked(
    forge: Forge, settings: Settings, tmp_path: Path
) -> None:
    made = command(forge, settings, tmp_path, "create", "publish", GITHUB_TOKEN="ghs_own")
    assert made.exit_code == 0 and told(tmp_path / "output") == {"token": "ghs_own", "app": "github-actions"}
    assert not (tmp_path / "state").exists()
    assert "no token to revoke" in command(forge, settings, tmp_path, "revoke").stdout


def test_half_of_an_app_is_an_error_and_so_is_nothing(forge: Forge, settings: Settings, tmp_path: Path) -> None:
    half = command(forge, settings, tmp_path, "create", "publish", TDEV_APP_ID="1", GITHUB_TOKEN="ghs_own")
    assert half.exit_code == 2 and "private key is not set" in half.stderr
    nothing = command(forge, settings, tmp_path, "create", "publish")
    assert nothing.exit_code == 2 and "no token to publish with" in nothing.stderr
    assert not (tmp_path / "output").exists()


def test_the_action_hides_it_and_revokes_it_though_the_job_fails(forge: Forge) -> None:
    run_id = dispatched(forge, forge.token("ada"), workflow="token.yml")
    reached(forge, run_id, seconds=120)
    assert conclusions(forge, run_id) == {"writes": "failure"}
    log = logs(forge, run_id)
    assert "tdev-test-***" in log and "ghs_" not in log and "PRIVATE KEY" not in log
    assert log.index("There is no run 'no-such-run'") < log.index("The token is revoked.")
    left = forge.store.value("SELECT count(*) FROM tokens WHERE installation_id IS NOT NULL")
    assert left == 0, "a token outlives its job"

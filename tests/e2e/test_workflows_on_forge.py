"""The workflow files themselves, carried out by the forge's runner: a person's pull request is judged.

A run to its pull request is in test_label_to_pull_request.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge
from support.forge_runs import conclusions, forge_with_runner, logs, reached, until
from support.publishing import FILES, PERMISSIONS, REPOSITORY
from tdev.forge.store import Row
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
CHECKS = {"tdev/security", "tdev/tests", "tdev/quality"}


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with forge_with_runner(tmp_path / "forge", settings) as running:
        files = {f".github/workflows/{name}": (WORKFLOWS / name).read_text() for name in ("tdev.yml", "tdev-gates.yml")}
        row = running.repository("ada", "calc", {**FILES, **files})
        install(running, row)
        yield running


def install(forge: Forge, repository: Row) -> None:
    """An App on the repository, and its key among the secrets."""
    app, key = forge.app("tdev-test", PERMISSIONS)
    forge.install(app, "ada")
    set_secret(forge.store, repository["id"], "TDEV_APP_ID", str(app["id"]))
    set_secret(forge.store, repository["id"], "TDEV_APP_PRIVATE_KEY", key)


def checks(forge: Forge, sha: str) -> dict[str, str]:
    """Our checks on a commit that are completed: name -> conclusion."""
    runs = forge.get(f"{REPOSITORY}/commits/{sha}/check-runs?per_page=100")["check_runs"]
    return {run["name"]: run["conclusion"] for run in runs if run["name"] in CHECKS and run["status"] == "completed"}


def judging(forge: Forge) -> int:
    """Id of the run of tdev-gates.yml."""
    sql = "SELECT id FROM workflow_runs WHERE event = 'pull_request'"
    return int(until(lambda: forge.store.value(sql), "the pull request starts a run"))


def test_the_pull_request_of_a_person_is_judged(forge: Forge) -> None:
    token = forge.token("ada")
    main = forge.get(f"{REPOSITORY}/git/ref/heads/main")["object"]["sha"]
    forge.do("POST", f"{REPOSITORY}/git/refs", token=token, json={"ref": "refs/heads/mine", "sha": main}, status=201)
    old = forge.get(f"{REPOSITORY}/contents/test_calc.py?ref=mine")["sha"]
    document = {"message": "No tests", "branch": "mine", "sha": old}
    made = forge.do("DELETE", f"{REPOSITORY}/contents/test_calc.py", token=token, json=document)
    head = made["commit"]["sha"]
    document = {"title": "Mine", "head": "mine", "base": "main"}
    forge.do("POST", f"{REPOSITORY}/pulls", token=token, json=document, status=201)
    gates = judging(forge)
    assert reached(forge, gates, seconds=240)["conclusion"] == "success", logs(forge, gates)
    found = checks(forge, head)
    assert found["tdev/security"] == "success" and found["tdev/tests"] == "failure"
    [analysis] = forge.get(f"{REPOSITORY}/code-scanning/analyses", token=token)
    assert (analysis["commit_sha"], analysis["ref"]) == (head, "refs/pull/1/head")
    assert analysis["results_count"] > 0 and "findings were uploaded for commit" in logs(forge, gates)
    assert conclusions(forge, gates)["gates / scanning"] == "success"

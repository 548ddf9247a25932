"""Findings given to code scanning: uploaded, or a note where there are none or it is off; never another commit's."""

from __future__ import annotations

from typing import Any

import pytest

from support.command import Ended, git
from support.publishing import REPOSITORY, Desk, payload, ran
from tdev.adapters.workspace import BUNDLE_FILE
from tdev.core.artifacts.patch import Patch

pytestmark = pytest.mark.e2e
BRANCH = "tdev/auto/modernise"


def upload(here: Desk, head: str) -> Ended:
    """`tdev job scanning` for a pull request with that head, by the job's own token."""
    base = here.run.read(Patch).base_sha
    pull = {"head": {"sha": head}, "base": {"sha": base, "ref": "main"}, "number": 7}
    event: dict[str, Any] = {"repository": payload()["repository"], "pull_request": pull}
    environment = here.environment(event, GITHUB_TOKEN=here.token)
    for name in ("TDEV_APP_ID", "TDEV_APP_PRIVATE_KEY"):
        environment.pop(name)
    return ran(here.settings, "job", "scanning", **environment)


def analyses(here: Desk) -> Any:
    return here.forge.get(f"{REPOSITORY}/code-scanning/analyses", token=here.token)


def test_findings_are_uploaded_and_what_is_off_or_missing_is_a_note(here: Desk) -> None:
    head = here.run.read(Patch).head_sha
    git(here.source, "fetch", "--quiet", str(here.run.path / BUNDLE_FILE), f"refs/heads/{BRANCH}")
    here.push("FETCH_HEAD:refs/heads/theirs")
    ended = upload(here, head)
    assert ended.exit_code == 0 and f"findings were uploaded for commit {head[:12]}" in ended.stdout, ended.stderr
    [analysis] = analyses(here)
    assert (analysis["commit_sha"], analysis["ref"]) == (head, "refs/pull/7/head")
    assert (analysis["tool"]["name"], analysis["category"]) == ("T-Developer", "tdev/gates")

    ended = upload(here, here.run.read(Patch).base_sha)
    assert ended.exit_code != 0 and "was judged, not" in ended.stderr

    here.forge.store.update("repositories", here.repository["id"], private=1)
    ended = upload(here, head)
    assert ended.exit_code == 0 and "::notice" in ended.stdout
    assert "not uploaded; the checks stand all the same" in ended.stdout and "Advanced Security" in ended.stdout
    here.forge.store.update("repositories", here.repository["id"], private=0)

    sarif = here.run.path / "verdict.sarif"
    text = sarif.read_text()
    sarif.write_text(text.replace('"results"', '"results" '))
    ended = upload(here, head)
    assert ended.exit_code != 0 and "was changed" in ended.stderr
    sarif.unlink()
    ended = upload(here, head)
    assert ended.exit_code == 0 and "There are no findings to upload" in ended.stdout
    assert len(analyses(here)) == 1

"""Pull requests of the forge: opened, moved by pushes, reviewed, merged and closed through its REST API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import git
from support.forge import Forge, running_forge
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
PULLS = "/repos/ada/calc/pulls"


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        running.repository("ada", "calc", {"calc.py": "x = 1\n", "README.md": "# calc\n"})
        yield running


@pytest.fixture
def work(forge: Forge, tmp_path: Path) -> Path:
    """A clone of ada/calc that may push."""
    url = forge.url.replace("://", f"://x:{forge.token('ada')}@")
    git(tmp_path, "clone", "--quiet", f"{url}/ada/calc.git", "work")
    return tmp_path / "work"


def push(work: Path, branch: str, files: dict[str, str], message: str = "change", start: str = "origin/main") -> str:
    """A branch with one commit more than `start`, pushed; returns its id."""
    git(work, "fetch", "--quiet", "origin")
    git(work, "checkout", "--quiet", "-B", branch, start)
    for path, text in files.items():
        (work / path).write_text(text)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", message)
    git(work, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}")
    return git(work, "rev-parse", "HEAD")


def opened(forge: Forge, token: str, head: str, base: str = "main", **more: Any) -> dict[str, Any]:
    document = {"title": "Two", "head": head, "base": base, **more}
    return dict(forge.do("POST", PULLS, token=token, json=document, status=201))


def test_open_read_merge(forge: Forge, work: Path) -> None:
    token = forge.token("ada")
    head = push(work, "two", {"calc.py": "x = 2\ny = 3\n"}, "two")
    made = opened(forge, token, "ada:two", body="Why.")
    assert (made["number"], made["state"], made["merged"], made["draft"]) == (1, "open", False, False)
    assert (made["commits"], made["additions"], made["deletions"], made["changed_files"]) == (1, 2, 1, 1)
    assert (made["mergeable"], made["mergeable_state"]) == (True, "clean")
    assert made["head"]["sha"] == head and made["base"]["ref"] == "main"
    refused = forge.do("POST", PULLS, token=token, json={"title": "t", "head": "two", "base": "main"}, status=422)
    assert refused["errors"][0]["message"] == "A pull request already exists for ada:two."
    assert [row["number"] for row in forge.get(f"{PULLS}?head=ada:two&state=open")] == [1]
    assert forge.get(f"{PULLS}?head=ada:three") == []
    files = forge.get(f"{PULLS}/1/files")
    assert [(row["filename"], row["status"], row["additions"]) for row in files] == [("calc.py", "modified", 2)]
    assert files[0]["patch"].startswith("@@ -1 +1,2 @@")
    assert [row["sha"] for row in forge.get(f"{PULLS}/1/commits")] == [head]
    _, diff, headers = forge.request("GET", f"{PULLS}/1", headers={"Accept": "application/vnd.github.v3.diff"})
    assert diff.startswith("diff --git a/calc.py b/calc.py") and "json" not in headers["content-type"]
    wrong = forge.do("PUT", f"{PULLS}/1/merge", token=token, json={"sha": "0" * 40}, status=409)
    assert wrong["message"].startswith("Head branch was modified")
    merged = forge.do("PUT", f"{PULLS}/1/merge", token=token, json={"sha": head})
    assert merged["merged"] is True
    after = forge.get(f"{PULLS}/1")
    assert (after["state"], after["merged"], after["merge_commit_sha"]) == ("closed", True, merged["sha"])
    assert (after["commits"], after["additions"]) == (1, 2) and after["merged_by"]["login"] == "ada"
    git(work, "fetch", "--quiet", "origin")
    assert git(work, "rev-parse", "origin/main") == merged["sha"]
    assert git(work, "log", "-1", "--format=%s", "origin/main") == "Merge pull request #1 from ada/two"
    assert forge.request("GET", f"{PULLS}/1/merge")[0] == 204
    again = forge.do("PUT", f"{PULLS}/1/merge", token=token, json={}, status=405)
    assert again["message"] == "Pull Request is not mergeable"


def test_what_can_not_be_opened(forge: Forge, work: Path) -> None:
    token = forge.token("ada")
    git(work, "push", "--quiet", "origin", "HEAD:refs/heads/same")
    document = {"title": "t", "head": "same", "base": "main"}
    refused = forge.do("POST", PULLS, token=token, json=document, status=422)
    assert refused["errors"][0]["message"] == "No commits between main and same"
    for name, branch in (("head", "none"), ("base", "none"), ("head", "eve:same")):
        refused = forge.do("POST", PULLS, token=token, json={**document, name: branch}, status=422)
        assert refused["errors"][0] == {"resource": "PullRequest", "field": name, "code": "invalid"}
    forge.do("POST", PULLS, token=forge.token("eve"), json=document, status=403)
    assert forge.get("/repos/ada/calc/issues") == []

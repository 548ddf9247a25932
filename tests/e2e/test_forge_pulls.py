"""Pull requests of the forge: opened, moved by pushes, reviewed, merged and closed through its REST API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import git
from support.forge import Forge
from support.forge_judged import heard, judged_forge
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
PULLS = "/repos/ada/calc/pulls"


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with judged_forge(tmp_path / "forge", settings, {"calc.py": "x = 1\n", "README.md": "# calc\n"}) as running:
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
    assert [row["number"] for row in forge.get(f"/repos/ada/calc/commits/{head}/pulls")] == [1]
    assert forge.get(f"/repos/ada/calc/commits/{made['base']['sha']}/pulls") == []
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


def actions(forge: Forge, *names: str) -> list[str]:
    return [f"{name}.{action}" if action else name for name, action, _ in heard(forge, names or ("pull_request",))]


def write(forge: Forge, number: int, **document: Any) -> dict[str, Any]:
    return dict(forge.do("PATCH", f"{PULLS}/{number}", token=forge.token("ada"), json=document))


def test_a_push_moves_the_head_and_tells(forge: Forge, work: Path) -> None:
    first = push(work, "two", {"calc.py": "x = 2\n"})
    opened(forge, forge.token("ada"), "two")
    second = push(work, "two", {"calc.py": "x = 3\n"}, start="two")
    now = forge.get(f"{PULLS}/1")
    assert (now["head"]["sha"], now["commits"]) == (second, 2)
    assert actions(forge) == ["pull_request.opened", "pull_request.synchronize"]
    told = heard(forge, ("pull_request",))[1][2]
    assert (told["before"], told["after"], told["number"]) == (first, second, 1)
    assert git(work, "ls-remote", "origin", "refs/pull/1/head").split()[0] == second
    git(work, "push", "--quiet", "origin", ":refs/heads/two")
    gone = forge.get(f"{PULLS}/1")
    assert (gone["state"], gone["merged"]) == ("closed", False)
    refused = forge.do("PATCH", f"{PULLS}/1", token=forge.token("ada"), json={"state": "open"}, status=422)
    assert "has been deleted" in refused["errors"][0]["message"]


def test_a_push_that_contains_the_head_merges(forge: Forge, work: Path) -> None:
    forge.do("POST", "/repos/ada/calc/issues", token=forge.token("ada"), json={"title": "Bug"}, status=201)
    forge.do("POST", "/repos/ada/calc/issues", token=forge.token("ada"), json={"title": "Bug"}, status=201)
    head = push(work, "two", {"calc.py": "x = 2\n"}, "Closes #2")
    opened(forge, forge.token("ada"), "two", body="Fixes #1, not #999. Prefixes #2.")
    git(work, "push", "--quiet", "origin", "HEAD:refs/heads/main")
    now = forge.get(f"{PULLS}/3")
    assert (now["merged"], now["state"], now["merge_commit_sha"]) == (True, "closed", head)
    assert [forge.get(f"/repos/ada/calc/issues/{number}")["state_reason"] for number in (1, 2)] == ["completed"] * 2
    assert actions(forge, "pull_request", "push", "issues")[-4:] == [
        "pull_request.closed", "issues.closed", "issues.closed", "push",
    ]  # fmt: skip


def test_stacked_pull_requests_move_down(forge: Forge, work: Path) -> None:
    token = forge.token("ada")
    push(work, "one", {"calc.py": "x = 2\n"})
    push(work, "two", {"more.py": "y = 1\n"}, start="one")
    opened(forge, token, "one")
    second = opened(forge, token, "two", "one")
    assert (second["base"]["ref"], second["commits"], second["changed_files"]) == ("one", 1, 1)
    forge.do("PATCH", "/repos/ada/calc", token=token, json={"delete_branch_on_merge": True})
    forge.do("PUT", f"{PULLS}/1/merge", token=token, json={"merge_method": "merge"})
    forge.do("GET", "/repos/ada/calc/branches/one", status=404)
    moved = forge.get(f"{PULLS}/2")
    assert (moved["state"], moved["base"]["ref"], moved["commits"]) == ("open", "main", 1)
    told = heard(forge, ("pull_request",))[-1]
    assert told[1] == "edited" and told[2]["changes"]["base"]["ref"]["from"] == "one"


def test_squash_is_one_commit_and_rebase_keeps_each(forge: Forge, work: Path) -> None:
    token = forge.token("ada")
    for branch, path in (("two", "a.py"), ("three", "b.py")):
        push(work, branch, {path: "1\n"}, f"first {path}")
        git(work, "commit", "--quiet", "--allow-empty", "-m", "nothing")
        (work / path).write_text("2\n")
        git(work, "commit", "--quiet", "-am", f"second {path}")
        git(work, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
        opened(forge, token, branch, title=f"Add {path}")
    forge.do("PUT", f"{PULLS}/1/merge", token=token, json={"merge_method": "squash"})
    rebased = forge.do("PUT", f"{PULLS}/2/merge", token=token, json={"merge_method": "rebase"})
    git(work, "fetch", "--quiet", "origin")
    subjects = git(work, "log", "--format=%s", "-4", "origin/main").splitlines()
    assert subjects[:3] == ["second b.py", "first b.py", "Add a.py (#1)"]
    assert git(work, "rev-parse", "origin/main") == rebased["sha"]
    assert "* first a.py" in git(work, "log", "-1", "--format=%b", "origin/main~2")
    assert git(work, "show", "origin/main:a.py") == git(work, "show", "origin/main:b.py") == "2"
    third = forge.do("PUT", f"{PULLS}/2/merge", token=token, json={"merge_method": "octopus"}, status=422)
    assert third["errors"][0]["field"] == "merge_method"


def test_conflicts_and_drafts_are_not_merged(forge: Forge, work: Path) -> None:
    token = forge.token("ada")
    push(work, "two", {"calc.py": "x = 2\n"})
    push(work, "three", {"other.py": "x = 3\n"})
    opened(forge, token, "two")
    assert opened(forge, token, "three", draft=True)["mergeable_state"] == "draft"
    push(work, "main", {"calc.py": "x = 9\n"})
    now = forge.get(f"{PULLS}/1")
    assert (now["mergeable"], now["mergeable_state"]) == (False, "dirty")
    assert now["base"]["sha"] == git(work, "rev-parse", "HEAD")
    assert forge.do("PUT", f"{PULLS}/1/merge", token=token, status=405)["message"] == "Pull Request is not mergeable"
    assert forge.do("PUT", f"{PULLS}/2/merge", token=token, status=405)["message"] == "Pull Request is still a draft"
    forge.do("PATCH", "/repos/ada/calc", token=token, json={"allow_squash_merge": False})
    refused = forge.do("PUT", f"{PULLS}/1/merge", token=token, json={"merge_method": "squash"}, status=405)
    assert refused["message"] == "Squash merges are not allowed on this repository."


def test_an_app_merges_workflows_only_with_the_permission(forge: Forge, work: Path) -> None:
    (work / ".github" / "workflows").mkdir(parents=True)
    push(work, "two", {".github/workflows/ci.yml": "on: push\njobs: {}\n"})
    opened(forge, forge.token("ada"), "two")
    for slug, more, status in (("weak", {}, 403), ("strong", {"workflows": "write"}, 200)):
        app, key = forge.app(slug, {"contents": "write", "pull_requests": "write", **more})
        token = forge.installation_token(app, key, forge.install(app, "ada"))
        forge.do("PUT", f"{PULLS}/1/merge", token=token, json={}, status=status)


def test_change_close_and_reopen(forge: Forge, work: Path) -> None:
    push(work, "two", {"calc.py": "x = 2\n"})
    push(work, "base", {"other.py": "y = 1\n"})
    opened(forge, forge.token("ada"), "two")
    assert write(forge, 1, title="Better", body="Text", base="base")["base"]["ref"] == "base"
    assert write(forge, 1, state="closed")["mergeable_state"] == "unknown"
    assert write(forge, 1, state="open")["mergeable_state"] == "clean"
    told = heard(forge, ("pull_request",))
    assert [action for _, action, _ in told] == ["opened", "edited", "closed", "reopened"]
    assert set(told[1][2]["changes"]) == {"title", "body", "base"}
    forge.do("PATCH", f"{PULLS}/1", token=forge.token("eve"), json={"title": "Mine"}, status=403)
    forge.do("PATCH", f"{PULLS}/1", token=forge.token("ada"), json={"base": "none"}, status=422)
    by = [row["number"] for row in forge.get(f"{PULLS}?base=base&sort=updated&direction=desc")]
    assert by == [1] and forge.get(f"{PULLS}?state=closed") == []


def test_reviewers_and_reviews(forge: Forge, work: Path) -> None:
    token, bob = forge.token("ada"), forge.token("bob")
    push(work, "two", {"calc.py": "x = 2\n"})
    opened(forge, token, "two")
    path = f"{PULLS}/1/requested_reviewers"
    asked = forge.do("POST", path, token=token, json={"reviewers": ["bob"]}, status=201)
    assert [user["login"] for user in asked["requested_reviewers"]] == ["bob"]
    forge.do("POST", path, token=token, json={"reviewers": ["ada"]}, status=422)
    forge.do("POST", path, token=token, json={"reviewers": ["nobody"]}, status=422)
    waiting = forge.do("POST", f"{PULLS}/1/reviews", token=bob, json={"body": "Hm"})
    assert waiting["state"] == "PENDING" and forge.get(f"{PULLS}/1/reviews", token=token) == []
    sent = f"{PULLS}/1/reviews/{waiting['id']}"
    assert (
        forge.do("POST", f"{sent}/events", token=bob, json={"event": "REQUEST_CHANGES"})["state"] == "CHANGES_REQUESTED"
    )
    assert forge.get(path) == {"users": [], "teams": []}
    forge.do("PUT", f"{sent}/dismissals", token=bob, json={"message": "Done"}, status=403)
    assert forge.do("PUT", f"{sent}/dismissals", token=token, json={"message": "Done"})["state"] == "DISMISSED"
    forge.do("POST", f"{PULLS}/1/reviews", token=bob, json={"event": "COMMENT"}, status=422)
    forge.do("POST", path, token=token, json={"reviewers": ["bob"]}, status=201)
    forge.do("DELETE", path, token=token, json={"reviewers": ["bob"]})
    assert actions(forge, "pull_request", "pull_request_review")[1:] == [
        "pull_request.review_requested", "pull_request_review.submitted", "pull_request_review.dismissed",
        "pull_request.review_requested", "pull_request.review_request_removed",
    ]  # fmt: skip


def test_the_patch_and_odd_file_names(forge: Forge, work: Path) -> None:
    push(work, "two", {"zwölf drei.py": "x = 1\r\nform\ffeed\n"}, "Ünicode\n\nbody")
    opened(forge, forge.token("ada"), "two")
    row = forge.get(f"{PULLS}/1/files")[0]
    assert (row["filename"], row["status"], row["additions"]) == ("zwölf drei.py", "added", 2)
    assert row["patch"].startswith("@@ -0,0 +1,2 @@\n+x = 1\r\n+form\ffeed")
    _, text, _ = forge.request("GET", f"{PULLS}/1", headers={"Accept": "application/vnd.github.patch"})
    assert text.startswith("From ") and "\n---\n" in text

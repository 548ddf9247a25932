"""Repositories, files, git objects, branches, commits and comparisons, over HTTP and checked with git itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import git
from support.forge import API, Forge, running_forge
from support.receiver import receiving
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

CALC = "/repos/ada/calc"


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        yield running


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decoded(document: dict[str, Any]) -> bytes:
    return base64.b64decode(document["content"])


def test_reading_files_and_folders(forge: Forge) -> None:
    long = "".join(f"line {number}\n" for number in range(200_000))
    forge.repository("ada", "calc", {"README.md": "# calc\n", "src/a b/ü.py": "x = 1\n", "long.txt": long})
    top = forge.get(f"{CALC}/contents")
    assert [(each["name"], each["type"]) for each in top] == [
        ("README.md", "file"), ("long.txt", "file"), ("src", "dir"),
    ]  # fmt: skip
    file = forge.get(f"{CALC}/contents/src/a%20b/%C3%BC.py?ref=main")
    assert decoded(file) == b"x = 1\n" and file["encoding"] == "base64" and file["size"] == 6
    assert forge.get(f"{CALC}/readme")["path"] == "README.md"
    big = forge.get(f"{CALC}/contents/long.txt")
    assert (big["content"], big["encoding"]) == ("", "none")
    status, body, _ = forge.raw("GET", f"{API}{CALC}/contents/long.txt", None, {"Accept": "application/vnd.github.raw"})
    assert (status, body) == (200, long.encode())
    forge.get(f"{CALC}/contents/none.py", status=404)
    missing = forge.get(f"{CALC}/contents/README.md?ref=nowhere", status=404)
    assert missing["message"] == "No commit found for the ref nowhere"
    listed = forge.request("GET", f"{CALC}/contents/src", headers={"Accept": "application/vnd.github.object"})[1]
    assert (listed["type"], [each["name"] for each in listed["entries"]]) == ("dir", ["a b"])


def test_writing_replacing_and_deleting_a_file(forge: Forge) -> None:
    forge.repository("ada", "calc", {"a.py": "x = 1\n"})
    token = forge.token("ada")
    path = f"{CALC}/contents/src/new.py"
    made = forge.do("PUT", path, token=token, json={"message": "Add", "content": encoded("1\n")}, status=201)
    first = made["content"]["sha"]
    assert made["commit"]["message"] == "Add" and made["commit"]["author"]["name"] == "ada"
    again = {"message": "Change", "content": encoded("2\n")}
    assert '"sha" wasn' in forge.do("PUT", path, token=token, json=again, status=422)["message"]
    forge.do("PUT", path, token=token, json={**again, "sha": "0" * 40}, status=409)
    changed = forge.do("PUT", path, token=token, json={**again, "sha": first})
    forge.do("PUT", path, token=token, json={**again, "sha": first}, status=409)
    forge.do("DELETE", path, token=token, json={"message": "Away", "sha": first}, status=409)
    forge.do("DELETE", path, token=token, json={"message": "Away", "sha": changed["content"]["sha"]})
    forge.get(path, status=404)
    for wrong in (".git/config", "../a", "src/./a"):
        forge.do("PUT", f"{CALC}/contents/{wrong.replace('/', '%2F')}", token=token, json=again, status=422)
    forge.do("PUT", f"{CALC}/contents/x", token=token, json={"message": "x", "content": "%%%"}, status=422)
    forge.do("PUT", f"{CALC}/contents/x", token=token, json={**again, "branch": "none"}, status=404)
    assert [each["commit"]["message"] for each in forge.get(f"{CALC}/commits")] == [
        "Away", "Change", "Add", "Initial commit",
    ]  # fmt: skip


def test_first_file_of_an_empty_repository(forge: Forge) -> None:
    forge.repository("ada", "empty", {})
    forge.get("/repos/ada/empty/commits", status=409)
    assert forge.get("/repos/ada/empty/contents/x", status=404)["message"] == "This repository is empty."
    body = {"message": "First", "content": encoded("x\n")}
    forge.do("PUT", "/repos/ada/empty/contents/x", token=forge.token("ada"), json=body, status=201)
    assert forge.get("/repos/ada/empty/branches/main")["commit"]["commit"]["message"] == "First"


def test_a_commit_from_blob_tree_and_ref(forge: Forge, tmp_path: Path) -> None:
    repository = forge.repository("ada", "calc", {"a.py": "x = 1\n", "old/b.py": "y = 1\n"})
    token = forge.token("ada")
    head = forge.get(f"{CALC}/git/ref/heads/main")["object"]["sha"]
    blob = forge.do("POST", f"{CALC}/git/blobs", token=token, json={"content": "z = 1\n"}, status=201)["sha"]
    assert decoded(forge.get(f"{CALC}/git/blobs/{blob}")) == b"z = 1\n"
    entries = [
        {"path": "src/z.py", "mode": "100755", "type": "blob", "sha": blob},
        {"path": "a.py", "mode": "100644", "type": "blob", "content": "x = 2\n"},
        {"path": "old/b.py", "mode": "100644", "type": "blob", "sha": None},
    ]
    given = {"base_tree": head, "tree": entries}
    tree = forge.do("POST", f"{CALC}/git/trees", token=token, json=given, status=201)["sha"]
    listed = forge.get(f"{CALC}/git/trees/{tree}?recursive=1")["tree"]
    assert [(each["path"], each["mode"]) for each in listed] == [
        ("a.py", "100644"), ("src", "040000"), ("src/z.py", "100755"),
    ]  # fmt: skip
    author = {"name": "Grace", "email": "grace@example.org", "date": "2024-05-06T07:08:09Z"}
    given = {"message": "By hand", "tree": tree, "parents": [head], "author": author}
    made = forge.do("POST", f"{CALC}/git/commits", token=token, json=given, status=201)
    assert made["author"] == author
    sha = made["sha"]
    new = {"ref": "refs/heads/feature/x", "sha": sha}
    forge.do("POST", f"{CALC}/git/refs", token=token, json=new, status=201)
    forge.do("POST", f"{CALC}/git/refs", token=token, json=new, status=422)
    forge.do("POST", f"{CALC}/git/refs", token=token, json={"ref": "refs/heads/y", "sha": "1" * 40}, status=422)
    forge.do("POST", f"{CALC}/git/refs", token=token, json={"ref": "feature", "sha": sha}, status=422)
    assert forge.get(f"{CALC}/branches/feature/x")["commit"]["sha"] == sha
    git(tmp_path, "clone", "--quiet", "--branch", "feature/x", f"{forge.url}/ada/calc.git", "copy")
    assert (tmp_path / "copy" / "src" / "z.py").stat().st_mode & 0o100
    forge.do("PATCH", f"{CALC}/git/refs/heads/main", token=token, json={"sha": sha})
    back = {"sha": head}
    assert (
        "fast forward"
        in forge.do("PATCH", f"{CALC}/git/refs/heads/main", token=token, json=back, status=422)["message"]
    )
    forge.do("PATCH", f"{CALC}/git/refs/heads/main", token=token, json={**back, "force": True})
    assert forge.store.git(repository).commit_of("refs/heads/main") == head
    assert [each["ref"] for each in forge.get(f"{CALC}/git/matching-refs/heads/fea")] == ["refs/heads/feature/x"]
    forge.do("DELETE", f"{CALC}/git/refs/heads/feature/x", token=token, status=204)
    forge.do("DELETE", f"{CALC}/git/refs/heads/feature/x", token=token, status=422)
    forge.do("DELETE", f"{CALC}/git/refs/heads/main", token=token, status=422)
    forge.get(f"{CALC}/git/ref/heads/feature/x", status=404)


def test_commits_and_comparisons(forge: Forge) -> None:
    forge.repository("ada", "calc", {"a.py": "x = 1\n", "b.bin": "\0\1"})
    token = forge.token("ada")
    head = forge.get(f"{CALC}/commits/main")["sha"]
    forge.do("POST", f"{CALC}/git/refs", token=token, json={"ref": "refs/heads/f", "sha": head}, status=201)
    old = forge.get(f"{CALC}/contents/a.py")["sha"]
    body = {"message": "Two\n\nBody", "content": encoded("x = 1\ny = 2\n"), "sha": old, "branch": "f"}
    made = forge.do("PUT", f"{CALC}/contents/a.py", token=token, json=body)["commit"]["sha"]
    seen = forge.get(f"{CALC}/compare/main...f")
    assert (seen["status"], seen["ahead_by"], seen["behind_by"]) == ("ahead", 1, 0)
    assert [(each["filename"], each["patch"]) for each in seen["files"]] == [("a.py", "@@ -1 +1,2 @@\n x = 1\n+y = 2")]
    assert forge.get(f"{CALC}/compare/f...main")["status"] == "behind"
    assert forge.get(f"{CALC}/compare/f...f")["status"] == "identical"
    forge.get(f"{CALC}/compare/main...none", status=404)
    commit = forge.get(f"{CALC}/commits/{made[:10]}")
    assert commit["stats"] == {"total": 1, "additions": 1, "deletions": 0}
    assert commit["author"]["login"] == "ada" and commit["parents"][0]["sha"] == head
    first = forge.get(f"{CALC}/commits/{head}")
    assert [(each["filename"], each["status"], "patch" in each) for each in first["files"]] == [
        ("a.py", "added", True), ("b.bin", "added", False),
    ]  # fmt: skip
    diff = forge.request("GET", f"{CALC}/compare/main...f", headers={"Accept": "application/vnd.github.diff"})[1]
    assert diff.startswith("diff --git a/a.py b/a.py")
    patch = forge.request("GET", f"{CALC}/commits/f", headers={"Accept": "application/vnd.github.patch"})[1]
    assert "Subject: [PATCH] Two" in patch
    assert len(forge.get(f"{CALC}/commits?sha=f&path=a.py")) == 2
    assert len(forge.get(f"{CALC}/commits?sha=f&author=ada")) == 2
    assert forge.get(f"{CALC}/commits?sha=f&author=bob") == []
    forge.get(f"{CALC}/commits/{'9' * 40}", status=422)
    forge.get(f"{CALC}/commits?sha=main~0", status=404)


def test_changes_through_the_api_are_told_as_push(forge: Forge) -> None:
    forge.repository("ada", "calc")
    with receiving() as receiver:
        app, _ = forge.app("checker", {"contents": "read"}, ["push"], receiver.url, receiver.secret)
        forge.install(app, "ada")
        body = {"message": "Add", "content": encoded("1\n")}
        made = forge.do("PUT", f"{CALC}/contents/x.py", token=forge.token("ada"), json=body, status=201)
        told = receiver.named("push")
    assert told.signed and told.payload["after"] == made["commit"]["sha"]
    assert told.payload["head_commit"]["added"] == ["x.py"]


def test_protection_and_workflow_files_hold_for_the_api_too(forge: Forge) -> None:
    repository = forge.repository("ada", "calc")
    app, key = forge.app("writer", {"contents": "write"})
    token = forge.installation_token(app, key, forge.install(app, "ada"))
    body = {"message": "Add", "content": encoded("1\n")}
    forge.do("PUT", f"{CALC}/contents/.github/workflows/a.yml", token=token, json=body, status=403)
    forge.do("PUT", f"{CALC}/contents/a.py", token=token, json=body, status=201)
    forge.store.run(
        "INSERT INTO protections VALUES (?, 'main', ?)",
        repository["id"], '{"required_pull_request_reviews": {"required_approving_review_count": 1}}',
    )  # fmt: skip
    refused = forge.do("PUT", f"{CALC}/contents/b.py", token=token, json=body, status=409)
    assert refused["message"] == "Changes must be made through a pull request."
    assert forge.get(f"{CALC}/branches/main")["protected"] is True
    assert [each["name"] for each in forge.get(f"{CALC}/branches?protected=true")] == ["main"]


def test_repositories_and_roles(forge: Forge) -> None:
    forge.repository("ada", "calc", private=True)
    bob, ada = forge.token("bob"), forge.token("ada")
    forge.get(CALC, token=bob, status=404)
    forge.get(CALC, status=404)
    forge.do("PUT", f"{CALC}/collaborators/bob", token=ada, json={"permission": "pull"}, status=204)
    assert forge.get(CALC, token=bob)["permissions"]["push"] is False
    body = {"message": "Add", "content": encoded("1\n")}
    forge.do("PUT", f"{CALC}/contents/x", token=bob, json=body, status=403)
    forge.do("PATCH", CALC, token=bob, json={"description": "x"}, status=404)
    assert forge.do("PATCH", CALC, token=ada, json={"description": "x"})["description"] == "x"
    assert forge.get(f"{CALC}/collaborators/bob/permission", token=ada)["permission"] == "read"
    made = forge.do("POST", "/user/repos", token=bob, json={"name": "own", "auto_init": True}, status=201)
    assert made["full_name"] == "bob/own" and forge.get("/repos/bob/own/branches/main")["name"] == "main"
    forge.do("POST", "/user/repos", token=bob, json={"name": "own"}, status=422)

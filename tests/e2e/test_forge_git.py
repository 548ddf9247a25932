"""Real git clients clone from and push to the forge, with tokens, rules and large packs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import git
from support.forge_services import Services, add_repository, serving, work_tree
from tdev.forge.store import (
    Row,
    add_installation_token,
    add_personal_token,
    add_user,
    repository_by_id,
    set_collaborator,
)
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Services]:
    with serving(tmp_path / "forge", settings) as running:
        yield running


def attempt(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Git as a client that can't be asked for a password."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}
    return subprocess.run(("git", *words), cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def test_push_and_clone_a_large_repository(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store)
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    blob = random.Random(1).randbytes(12 * 1024 * 1024)
    (work / "blob.bin").write_bytes(blob)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "large")
    assert attempt(work, "push", "--quiet", url, "HEAD:refs/heads/main").returncode == 0
    head = git(work, "rev-parse", "HEAD")
    assert forge.store.git(repository).commit_of("refs/heads/main") == head
    for number, words in enumerate(((), ("--depth=1",), ("--filter=blob:none", "--no-checkout"))):
        done = attempt(tmp_path, "clone", "--quiet", *words, forge.clone_url(), f"copy{number}")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy0" / "blob.bin").read_bytes() == blob
    assert repository_by_id(forge.store, repository["id"])["pushed_at"] >= repository["pushed_at"]


def test_a_fetch_with_many_haves_is_compressed_by_the_client(forge: Services, tmp_path: Path) -> None:
    ada, _ = add_repository(forge.store)
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    attempt(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    attempt(tmp_path, "clone", "--quiet", url, "copy")
    copy = tmp_path / "copy"
    for number in range(80):
        git(copy, "commit", "--quiet", "--allow-empty", "-m", f"local {number}")
    git(work, "commit", "--quiet", "--allow-empty", "-m", "new")
    attempt(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    done = attempt(copy, "fetch", "--quiet", "origin")
    assert done.returncode == 0, done.stderr
    assert git(copy, "rev-parse", "origin/main") == git(work, "rev-parse", "HEAD")


def installation_token(forge: Services, ada: Row, repository: Row, permissions: dict[str, str]) -> str:
    """A token of an installed App with these permissions on one repository."""
    from support.forge_services import add_app

    row = forge.store.one("SELECT * FROM installations") or add_app(forge.store, ada, "", "", [])
    return add_installation_token(forge.store, row, permissions=permissions, repository_ids=[repository["id"]])[0]


def test_permissions_are_enforced(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store, private=True)
    bob = add_user(forge.store, "bob")
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})

    def pushes(token: str) -> str:
        done = attempt(work, "push", forge.clone_url(token), "HEAD:refs/heads/main")
        return "ok" if done.returncode == 0 else done.stderr

    stranger = add_personal_token(forge.store, bob["id"])
    assert "not found" in pushes(stranger)
    assert "could not read Username" in pushes("")
    assert "Authentication failed" in pushes("ghp_wrong")
    set_collaborator(forge.store, repository["id"], bob["id"], "read")
    assert "403" in pushes(stranger)
    assert attempt(work, "ls-remote", forge.clone_url(stranger)).returncode == 0
    assert "403" in pushes(installation_token(forge, ada, repository, {"contents": "read"}))
    assert "403" in pushes(installation_token(forge, ada, repository, {"issues": "write"}))
    assert forge.store.git(repository).commit_of("refs/heads/main") == ""
    assert pushes(installation_token(forge, ada, repository, {"contents": "write"})) == "ok"
    set_collaborator(forge.store, repository["id"], bob["id"], "write")
    git(work, "commit", "--quiet", "--allow-empty", "-m", "more")
    assert pushes(stranger) == "ok"


def test_protected_branch_refuses_and_other_branches_of_the_same_push_pass(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store)
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    attempt(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    before = git(work, "rev-parse", "HEAD")
    protection = {"required_pull_request_reviews": {"required_approving_review_count": 1}, "enforce_admins": True}
    document = json.dumps({**protection, "required_status_checks": None, "restrictions": None})
    forge.store.insert("protections", repository_id=repository["id"], branch="main", document=document)
    git(work, "commit", "--quiet", "--allow-empty", "-m", "straight to main")
    done = attempt(work, "push", url, "HEAD:refs/heads/main", "HEAD:refs/heads/topic")
    assert done.returncode != 0
    assert "GH006: Protected branch update failed for refs/heads/main." in done.stderr
    assert "Changes must be made through a pull request." in done.stderr
    assert "[remote rejected] HEAD -> main" in done.stderr
    assert forge.store.git(repository).commit_of("refs/heads/main") == before
    assert forge.store.git(repository).commit_of("refs/heads/topic") == git(work, "rev-parse", "HEAD")
    assert "deletion of the current branch prohibited" in attempt(work, "push", url, ":refs/heads/main").stderr
    forge.store.insert("protections", repository_id=repository["id"], branch="topic", document=document)
    assert "Cannot delete this branch" in attempt(work, "push", url, ":refs/heads/topic").stderr


def test_ruleset_refuses_force_and_deletion_and_missing_checks(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store)
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    attempt(work, "push", "--quiet", url, "HEAD:refs/heads/main", "HEAD:refs/heads/release/1")
    checks = {"required_status_checks": [{"context": "tdev/tests"}], "strict_required_status_checks_policy": False}
    rules = [{"type": "deletion"}, {"type": "non_fast_forward"}]
    conditions = {"ref_name": {"include": ["~DEFAULT_BRANCH", "refs/heads/release/*"], "exclude": []}}
    now = forge.store.now()
    number = forge.store.insert(
        "rulesets", repository_id=repository["id"], name="main", target="branch", enforcement="active",
        document=json.dumps({"conditions": conditions, "rules": rules}), created_at=now, updated_at=now,
    )  # fmt: skip
    git(work, "commit", "--quiet", "--amend", "-m", "another start")
    assert "Cannot force-push" in attempt(work, "push", "--force", url, "HEAD:refs/heads/main").stderr
    assert "GH013" in attempt(work, "push", url, ":refs/heads/release/1").stderr
    attempt(work, "pull", "--quiet", "--rebase", url, "main")
    rules.append({"type": "required_status_checks", "parameters": checks})
    forge.store.update("rulesets", number, document=json.dumps({"conditions": conditions, "rules": rules}))
    git(work, "commit", "--quiet", "--allow-empty", "-m", "unchecked")
    assert 'status check "tdev/tests" is expected' in attempt(work, "push", url, "HEAD:refs/heads/main").stderr
    forge.store.insert(
        "statuses", repository_id=repository["id"], sha=git(work, "rev-parse", "HEAD"), context="tdev/tests",
        state="success", user_id=ada["id"], created_at=now,
    )  # fmt: skip
    done = attempt(work, "push", url, "HEAD:refs/heads/main")
    assert done.returncode == 0, done.stderr


def test_pull_references_are_not_for_pushing(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store)
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    assert "deny updating a hidden ref" in attempt(work, "push", url, "HEAD:refs/pull/1/head").stderr
    assert not forge.store.git(repository).text("for-each-ref")


@pytest.mark.parametrize(
    ("body", "status"), [(b"00zz", 400), (b"0001", 400), (b"", 400), (b"0009hallo", 400)], ids=repr
)
def test_a_push_that_is_none_is_400(forge: Services, body: bytes, status: int) -> None:
    ada, _ = add_repository(forge.store)
    token = add_personal_token(forge.store, ada["id"])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-git-receive-pack-request"}
    asked = urllib.request.Request(f"{forge.url}/ada/calc.git/git-receive-pack", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=20)
    assert refused.value.code == status

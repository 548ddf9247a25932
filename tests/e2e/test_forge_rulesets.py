"""Rulesets and branch protection of the forge: what they show, and that they really block pushes and merges."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import git
from support.forge import Forge
from support.forge_judged import judged_forge
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
REPO = "/repos/ada/calc"
MAIN = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with judged_forge(tmp_path / "forge", settings, {"calc.py": "x = 1\n"}) as running:
        running.collaborator("ada", "calc", "bob", "write")
        yield running


@pytest.fixture
def work(forge: Forge, tmp_path: Path) -> Path:
    """A clone whose pushes are ada's."""
    url = forge.url.replace("://", f"://x:{forge.token('ada')}@")
    git(tmp_path, "clone", "--quiet", f"{url}/ada/calc.git", "work")
    return tmp_path / "work"


def push(work: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}
    return subprocess.run(
        ("git", "push", "--quiet", "origin", *words),
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def change(work: Path, text: str = "x = 2\n", start: str = "origin/main") -> str:
    git(work, "checkout", "--quiet", "--detach", start)
    (work / "calc.py").write_text(text)
    git(work, "commit", "--quiet", "-am", "change")
    return git(work, "rev-parse", "HEAD")


def pull(forge: Forge, work: Path, branch: str = "two") -> str:
    head = change(work)
    assert push(work, f"HEAD:refs/heads/{branch}").returncode == 0
    document = {"title": "Two", "head": branch, "base": "main"}
    forge.do("POST", f"{REPO}/pulls", token=forge.token("bob"), json=document, status=201)
    return head


def ruleset(forge: Forge, *rules: dict[str, Any], status: int = 201, **more: Any) -> Any:
    document = {"name": "main", "enforcement": "active", "conditions": MAIN, "rules": list(rules), **more}
    return forge.do("POST", f"{REPO}/rulesets", token=forge.token("ada"), json=document, status=status)


def required(*checks: dict[str, Any], strict: bool = False) -> dict[str, Any]:
    parameters = {"required_status_checks": list(checks), "strict_required_status_checks_policy": strict}
    return {"type": "required_status_checks", "parameters": parameters}


def reviewed(number: int = 1, **more: Any) -> dict[str, Any]:
    names = ("require_code_owner_review", "require_last_push_approval", "required_review_thread_resolution")
    off = dict.fromkeys((*names, "dismiss_stale_reviews_on_push"), False)
    return {"type": "pull_request", "parameters": {**off, "required_approving_review_count": number, **more}}


def checking(forge: Forge, slug: str) -> tuple[int, str]:
    """Id of a new App that may check, and a token."""
    app, key = forge.app(slug, {"checks": "write", "contents": "write", "pull_requests": "write"})
    return app["id"], forge.installation_token(app, key, forge.install(app, "ada"))


def say(forge: Forge, token: str, head: str, conclusion: str | None, name: str = "ci") -> None:
    document = {"name": name, "head_sha": head, **({"conclusion": conclusion} if conclusion else {})}
    forge.do("POST", f"{REPO}/check-runs", token=token, json=document, status=201)


def merge(forge: Forge, status: int = 200, **more: Any) -> Any:
    return forge.do("PUT", f"{REPO}/pulls/1/merge", token=forge.token("bob"), json=more, status=status)


def test_a_required_check_is_satisfied_by_its_own_app_alone(forge: Forge, work: Path) -> None:
    (number, token), (_, other) = checking(forge, "checker"), checking(forge, "other")
    ruleset(forge, required({"context": "ci", "integration_id": number}))
    head = pull(forge, work)
    assert forge.get(f"{REPO}/pulls/1")["mergeable_state"] == "blocked"
    assert 'Required status check "ci" is expected.' in merge(forge, 405)["message"]
    say(forge, other, head, "success")
    forge.do(
        "POST",
        f"{REPO}/statuses/{head}",
        token=forge.token("bob"),
        json={"context": "ci", "state": "success"},
        status=201,
    )
    assert 'Required status check "ci" is expected.' in merge(forge, 405)["message"]
    say(forge, token, head, None)
    assert 'Required status check "ci" is in progress.' in merge(forge, 405)["message"]
    say(forge, token, head, "failure")
    assert 'Required status check "ci" is failing.' in merge(forge, 405)["message"]
    say(forge, token, head, "neutral")
    assert forge.get(f"{REPO}/pulls/1")["mergeable_state"] == "clean"
    assert merge(forge)["merged"] is True


def test_required_checks_bind_pushes_too(forge: Forge, work: Path) -> None:
    number, token = checking(forge, "checker")
    rules = (required({"context": "ci", "integration_id": number}), {"type": "deletion"}, {"type": "non_fast_forward"})
    ruleset(forge, *rules, conditions={"ref_name": {"include": ["~ALL"], "exclude": []}})
    head = change(work)
    refused = push(work, "HEAD:refs/heads/main")
    assert refused.returncode != 0 and "GH013" in refused.stderr and '"ci" is expected' in refused.stderr
    assert push(work, "HEAD:refs/heads/free").returncode == 0
    say(forge, token, head, "success")
    assert push(work, "HEAD:refs/heads/main").returncode == 0
    assert "Cannot delete this branch" in push(work, ":refs/heads/free").stderr
    older = git(work, "rev-parse", "HEAD~1")
    say(forge, token, older, "success")
    assert "Cannot force-push" in push(work, "--force", f"{older}:refs/heads/main").stderr
    moved = {"sha": older, "force": True}
    assert forge.do("PATCH", f"{REPO}/git/refs/heads/main", token=forge.token("ada"), json=moved, status=422)


def test_strict_checks_want_the_branch_up_to_date(forge: Forge, work: Path) -> None:
    _, token = checking(forge, "checker")
    head = pull(forge, work)
    git(work, "checkout", "--quiet", "--detach", "origin/main")
    (work / "more.py").write_text("y = 1\n")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "more")
    assert push(work, "HEAD:refs/heads/main").returncode == 0
    ruleset(forge, required({"context": "ci"}, strict=True))
    say(forge, token, head, "success")
    assert forge.get(f"{REPO}/pulls/1")["mergeable_state"] == "behind"
    merge(forge, 405)
    wrong = {"expected_head_sha": "0" * 40}
    forge.do("PUT", f"{REPO}/pulls/1/update-branch", token=forge.token("bob"), json=wrong, status=422)
    forge.do(
        "PUT", f"{REPO}/pulls/1/update-branch", token=forge.token("bob"), json={"expected_head_sha": head}, status=202
    )
    new = forge.get(f"{REPO}/pulls/1")["head"]["sha"]
    assert new != head and len(forge.get(f"{REPO}/commits/{new}")["parents"]) == 2
    say(forge, token, new, "success")
    assert merge(forge)["merged"] is True


def test_reviews_are_counted_from_who_may_write(forge: Forge, work: Path) -> None:
    ruleset(forge, reviewed(1, dismiss_stale_reviews_on_push=True))
    assert "through a pull request" in push(work, f"{change(work)}:refs/heads/main").stderr
    pull(forge, work)
    reviews = f"{REPO}/pulls/1/reviews"
    own = forge.do("POST", reviews, token=forge.token("bob"), json={"event": "APPROVE"}, status=422)
    assert own["errors"] == ["Can not approve your own pull request"]
    forge.do("POST", reviews, token=forge.token("eve"), json={"event": "APPROVE"})
    assert "At least 1 approving review is required" in merge(forge, 405)["message"]
    ada = forge.do("POST", reviews, token=forge.token("ada"), json={"event": "APPROVE"})
    assert forge.get(f"{REPO}/pulls/1")["mergeable_state"] == "clean"
    git(work, "commit", "--quiet", "--allow-empty", "-m", "one more")
    assert push(work, "HEAD:refs/heads/two").returncode == 0
    assert forge.get(f"{reviews}/{ada['id']}")["state"] == "DISMISSED"
    merge(forge, 405)
    forge.do("POST", reviews, token=forge.token("ada"), json={"event": "REQUEST_CHANGES", "body": "No."})
    assert "Changes have been requested" in merge(forge, 405)["message"]
    forge.do("POST", reviews, token=forge.token("ada"), json={"event": "APPROVE"})
    assert merge(forge)["merged"] is True


def test_bypass_actors_pass(forge: Forge, work: Path) -> None:
    number, token = checking(forge, "checker")
    actors = [{"actor_type": "Integration", "actor_id": number, "bypass_mode": "pull_request"}]
    made = ruleset(forge, reviewed(2), bypass_actors=actors)
    pull(forge, work)
    merge(forge, 405)
    forge.do("PUT", f"{REPO}/pulls/1/merge", token=forge.token("ada"), json={}, status=405)
    assert "bypass_actors" not in forge.get(f"{REPO}/rulesets/{made['id']}")
    forge.do("PUT", f"{REPO}/pulls/1/merge", token=token, json={})


def test_rules_of_a_branch_and_patterns(forge: Forge) -> None:
    conditions = {
        "ref_name": {"include": ["refs/heads/release/*", "refs/heads/tdev/**/*"], "exclude": ["refs/heads/release/old"]}
    }
    made = ruleset(forge, {"type": "creation"}, {"type": "update"}, conditions=conditions)
    kinds = {
        branch: [row["type"] for row in forge.get(f"{REPO}/rules/branches/{branch}")]
        for branch in ("main", "release/1", "release/old", "release/1/2", "tdev/auto/deep/one")
    }
    both = ["creation", "update"]
    assert kinds == {"main": [], "release/1": both, "release/old": [], "release/1/2": [], "tdev/auto/deep/one": both}
    row = forge.get(f"{REPO}/rules/branches/release/1")[0]
    assert (row["ruleset_id"], row["ruleset_source"]) == (made["id"], "ada/calc")
    off = {"enforcement": "disabled"}
    changed = forge.do("PUT", f"{REPO}/rulesets/{made['id']}", token=forge.token("ada"), json=off)
    assert changed["rules"] == made["rules"] and forge.get(f"{REPO}/rules/branches/release/1") == []
    assert [(each["name"], "rules" in each) for each in forge.get(f"{REPO}/rulesets")] == [("main", False)]
    forge.do("DELETE", f"{REPO}/rulesets/{made['id']}", token=forge.token("ada"), status=204)
    forge.do("GET", f"{REPO}/rulesets/{made['id']}", status=404)


@pytest.mark.parametrize(
    "change",
    [
        {"enforcement": "evaluate"},
        {"target": "push"},
        {"name": ""},
        {"rules": [{"type": "required_signatures"}]},
        {"rules": [{"type": "required_status_checks", "parameters": {}}]},
        {"rules": [reviewed(1, require_code_owner_review=True)]},
        {"rules": [{"type": "pull_request", "parameters": {"required_approving_review_count": 1}}]},
        {"conditions": {"ref_name": {"include": ["main"]}}},
        {"bypass_actors": [{"actor_type": "Team", "actor_id": 1}]},
    ],
)
def test_rules_that_would_not_hold_are_refused(forge: Forge, change: dict[str, Any]) -> None:
    ruleset(forge, status=422, **change) if "rules" not in change else ruleset(forge, *change["rules"], status=422)
    assert forge.get(f"{REPO}/rulesets") == []


def test_who_may_not_set_rules(forge: Forge) -> None:
    document = {"name": "main", "enforcement": "active"}
    forge.do("POST", f"{REPO}/rulesets", token=forge.token("bob"), json=document, status=403)
    forge.do("PUT", f"{REPO}/branches/main/protection", token=forge.token("bob"), json={}, status=403)


def test_classic_protection(forge: Forge, work: Path) -> None:
    number, token = checking(forge, "checker")
    path, ada = f"{REPO}/branches/main/protection", forge.token("ada")
    assert forge.do("GET", path, token=ada, status=404)["message"] == "Branch not protected"
    document = {
        "required_status_checks": {"strict": False, "contexts": [], "checks": [{"context": "ci", "app_id": number}]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    forge.do("PUT", path, token=ada, json={"enforce_admins": True}, status=422)
    made = forge.do("PUT", path, token=ada, json=document)
    assert made["required_status_checks"]["checks"] == [{"context": "ci", "app_id": number}]
    assert forge.get(path, token=ada) == made
    head = pull(forge, work)
    refused = push(work, f"{head}:refs/heads/main")
    assert "GH006" in refused.stderr and "through a pull request" in refused.stderr
    message = merge(forge, 405)["message"]
    assert "approving review is required" in message and '"ci" is expected' in message
    say(forge, token, head, "success")
    merge(forge, 405)
    forge.do("PUT", path, token=ada, json={**document, "enforce_admins": None})
    merge(forge, 405)
    forge.do("DELETE", path, token=ada, status=204)
    assert merge(forge, merge_method="squash")["merged"] is True


def test_linear_history_takes_no_merge_commits(forge: Forge, work: Path) -> None:
    ruleset(forge, {"type": "required_linear_history"})
    head = pull(forge, work)
    (work / "side.py").write_text("y = 1\n")
    git(work, "checkout", "--quiet", "--detach", "origin/main")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "side")
    git(work, "merge", "--quiet", "--no-edit", head)
    assert "must not contain merge commits" in push(work, "HEAD:refs/heads/main").stderr
    assert merge(forge, 405)["message"] == "Merge commits are not allowed on this repository."
    assert merge(forge, merge_method="rebase")["merged"] is True

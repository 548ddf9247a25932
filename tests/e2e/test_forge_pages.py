"""The forge's pages, as a browser gets them: issue, pull request with checks and diff, run; everything escaped."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import git
from support.forge_services import Services, add_repository, serving, work_tree
from tdev.forge.store import Row, add_personal_token, next_number
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
HOSTILE = "<script>alert('x')</script> & \"quotes\" {braces}"


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Services]:
    with serving(tmp_path / "forge", settings) as running:
        yield running


def shown(url: str, token: str = "") -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        assert "default-src 'none'; style-src 'self'" in answer.headers["Content-Security-Policy"]
        return str(answer.read().decode())


def add_issue(forge: Services, repository: Row, ada: Row, title: str) -> int:
    now = forge.store.now()
    return forge.store.insert(
        "issues", repository_id=repository["id"], number=next_number(forge.store, repository["id"]), title=title,
        body=HOSTILE, user_id=ada["id"], created_at=now, updated_at=now,
    )  # fmt: skip


def test_issue_with_labels_and_comments(forge: Services) -> None:
    ada, repository = add_repository(forge.store)
    issue = add_issue(forge, repository, ada, HOSTILE)
    label = forge.store.insert("labels", repository_id=repository["id"], name="tdev:build", color="ededed")
    forge.store.insert("issue_labels", issue_id=issue, label_id=label)
    now = forge.store.now()
    forge.store.insert(
        "comments", repository_id=repository["id"], issue_id=issue, user_id=ada["id"], body="- [x] research",
        created_at=now, updated_at=now,
    )  # fmt: skip
    page = shown(f"{forge.url}/ada/calc/issues/1")
    assert "<script" not in page and "&lt;script&gt;" in page and "{braces}" in page
    assert "tdev:build" in page and 'fill="#ededed"' in page
    assert '<li class="task"><input type="checkbox" disabled checked> research</li>' in page
    assert "#1" in shown(f"{forge.url}/ada/calc/issues")
    assert "ada/calc" in shown(forge.url)


def test_pull_request_with_checks_and_diff(forge: Services, tmp_path: Path) -> None:
    ada, repository = add_repository(forge.store)
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n"})
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    git(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    base = git(work, "rev-parse", "HEAD")
    (work / "calc.py").write_text("x = '<b>2</b>'\n")
    git(work, "commit", "--quiet", "-am", "two")
    git(work, "push", "--quiet", url, "HEAD:refs/heads/tdev/auto/two")
    head = git(work, "rev-parse", "HEAD")
    issue, now = add_issue(forge, repository, ada, "Two"), forge.store.now()
    forge.store.insert(
        "pulls", issue_id=issue, repository_id=repository["id"], head_ref="tdev/auto/two", head_sha=head,
        base_ref="main", base_sha=base,
    )  # fmt: skip
    check = forge.store.insert(
        "check_runs", suite_id=1, repository_id=repository["id"], app_id=1, head_sha=head, name="tdev/tests",
        status="completed", conclusion="success", external_id="", details_url="javascript:alert(1)", started_at=now,
        title="12 passed", summary="All **green**.",
    )  # fmt: skip
    note = {"path": "calc.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": HOSTILE}
    forge.store.insert("annotations", check_run_id=check, document=json.dumps(note))
    page = shown(f"{forge.url}/ada/calc/pull/1")
    assert "tdev/tests" in page and "12 passed" in page and "javascript:" not in page
    assert '<tr class="del"><td class="no">1</td><td class="no"></td><td>-x = 1</td></tr>' in page
    assert "+x = &#x27;&lt;b&gt;2&lt;/b&gt;&#x27;" in page
    assert '<tr class="note">' in page and "<script" not in page
    assert "This branch has no conflicts" in page
    run = shown(f"{forge.url}/ada/calc/runs/{check}")
    assert "All <strong>green</strong>." in run and "calc.py:1" in run
    assert "javascript:" not in run and "<script" not in run
    assert forge.url in run and "Two" in run
    with urllib.request.urlopen(f"{forge.url}/ada/calc/pull/1.diff", timeout=20) as answer:
        assert answer.read().startswith(b"diff --git") and answer.headers["Content-Type"].startswith("text/plain")
    with urllib.request.urlopen(f"{forge.url}/-/forge.css", timeout=20) as answer:
        assert b".box" in answer.read()
    assert "x = &#x27;&lt;b&gt;2" in shown(f"{forge.url}/ada/calc/blob/tdev/auto/two/calc.py")
    with urllib.request.urlopen(f"{forge.url}/ada/calc/issues/1", timeout=20) as answer:
        assert answer.url.endswith("/pull/1")


def test_private_repositories_are_not_there_without_a_token(forge: Services) -> None:
    ada, _ = add_repository(forge.store, private=True)
    with pytest.raises(urllib.error.HTTPError) as refused:
        shown(f"{forge.url}/ada/calc")
    assert refused.value.code == 404
    assert "ada/calc" not in shown(forge.url)
    assert "ada/calc" in shown(f"{forge.url}/ada/calc", add_personal_token(forge.store, ada["id"]))

"""The table of routes: every path finds its own row, whatever stands in its parameters."""

from __future__ import annotations

from collections import Counter

import pytest

from tdev.forge.routes import ROUTES, find

CALC = "/repos/ada/calc"


@pytest.mark.parametrize(
    ("path", "template", "parameters"),
    [
        ("/contents", "/contents/{path}", {"path": ""}),
        ("/contents/", "/contents/{path}", {"path": ""}),
        ("/contents/a/b%20c.py", "/contents/{path}", {"path": "a/b c.py"}),
        ("/branches/feature/x", "/branches/{branch}", {"branch": "feature/x"}),
        ("/branches/feature%2Fx", "/branches/{branch}", {"branch": "feature/x"}),
        ("/git/ref/heads/a/b", "/git/ref/{ref}", {"ref": "heads/a/b"}),
        ("/compare/main...a/b", "/compare/{basehead}", {"basehead": "main...a/b"}),
        ("/commits/a/b", "/commits/{ref}", {"ref": "a/b"}),
        ("/commits/a/b/check-runs", "/commits/{ref}/check-runs", {"ref": "a/b"}),
        ("/issues/comments/7", "/issues/comments/{comment_id}", {"comment_id": "7"}),
        ("/issues/7/comments", "/issues/{issue_number}/comments", {"issue_number": "7"}),
        ("/labels/tdev:build", "/labels/{name}", {"name": "tdev:build"}),
    ],
)
def test_a_path_finds_its_route(path: str, template: str, parameters: dict[str, str]) -> None:
    found = find("GET", f"{CALC}{path}")
    assert found is not None
    assert found[0].template == f"/repos/{{owner}}/{{repo}}{template}"
    assert found[1] == {"owner": "ada", "repo": "calc", **parameters}


@pytest.mark.parametrize("path", ["/nothing", "/repos/ada", f"{CALC}/issues/", f"{CALC}/git/ref/", "/app/", ""])
def test_a_path_of_no_route(path: str) -> None:
    assert find("GET", path) is None


def test_methods_are_kept_apart_and_head_is_get() -> None:
    assert find("POST", "/app") is None
    found = find("HEAD", "/app")
    assert found is not None and found[0].method == "GET"


def test_every_row_stands_once_and_says_its_permission_rightly() -> None:
    assert [row for row, count in Counter((row[0], row[1]) for row in ROUTES).items() if count > 1] == []
    for _, template, permission, _ in ROUTES:
        levels = [word.partition(":")[2] for word in permission.split("|")] if ":" in permission else []
        assert permission in ("", "app") or set(levels) <= {"read", "write", "open", "admin"}, template

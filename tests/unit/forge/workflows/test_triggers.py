"""Triggers: the forms of `on`, and GitHub's filter patterns."""

from __future__ import annotations

import pytest

from tdev.forge.workflows.triggers import Happened, matches, starts, triggers_of

PUSH = Happened("push", "", "refs/heads/main", ("docs/a.md",))


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("main", "main", True),
        ("*", "a/b", False),
        ("**", "a/b", True),
        ("release/**", "release/1/x", True),
        ("**/x.py", "x.py", True),
        ("**/x.py", "a/b/x.py", True),
        ("*.py", "a/x.py", False),
        ("v[12].[0-9]+", "v2.10", True),
        ("colou?r", "color", True),
        ("a.b", "aXb", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert matches([pattern], name) is fits


def test_a_later_pattern_takes_back_what_an_earlier_one_let_in() -> None:
    assert not matches(["release/**", "!release/old/**"], "release/old/1")
    assert matches(["release/**", "!release/old/**", "release/old/2"], "release/old/2")


@pytest.mark.parametrize(
    ("declared", "happened", "expected"),
    [
        ("push", PUSH, True),
        (["push", "pull_request"], PUSH, True),
        ("pull_request", PUSH, False),
        ({"push": {"branches": ["dev"]}}, PUSH, False),
        ({"push": {"branches-ignore": ["dev"]}}, PUSH, True),
        ({"push": {"tags": ["v*"]}}, PUSH, False),
        ({"push": {"branches": ["main"]}}, Happened("push", "", "refs/tags/v1"), False),
        ({"push": {"tags": ["v*"]}}, Happened("push", "", "refs/tags/v1"), True),
        ({"push": {"paths": ["src/**"]}}, PUSH, False),
        ({"push": {"paths-ignore": ["docs/**"]}}, PUSH, False),
        ({"push": {"paths": ["docs/*"]}}, PUSH, True),
        ({"pull_request": None}, Happened("pull_request", "opened", "refs/heads/main"), True),
        ({"pull_request": None}, Happened("pull_request", "labeled", "refs/heads/main"), False),
        ({"pull_request": {"types": ["labeled"]}}, Happened("pull_request", "labeled", "refs/heads/main"), True),
        ("issues", Happened("issues", "opened", "refs/heads/main"), True),
        ({"issues": {"types": ["labeled"]}}, Happened("issues", "labeled", "refs/heads/main"), True),
        ({"issues": {"types": ["labeled"]}}, Happened("issues", "unlabeled", "refs/heads/main"), False),
        ({"issue_comment": {"types": ["created"]}}, Happened("issue_comment", "created", "refs/heads/main"), True),
        ({"issue_comment": {"types": ["created"]}}, Happened("issues", "created", "refs/heads/main"), False),
        ({"pull_request": {"branches": ["x"]}}, Happened("pull_request", "opened", "refs/heads/main"), False),
    ],
)
def test_filters(declared: object, happened: Happened, expected: bool) -> None:
    assert starts(triggers_of(declared), happened) is expected

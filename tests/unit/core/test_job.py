"""What a job is asked: a run id and a branch become words and folders, so their form is checked first."""

from __future__ import annotations

from typing import Any

import pytest

from tdev.core import job
from tdev.core.artifacts.goal import GoalKind
from tdev.errors import ConfigurationError

HOME = {"id": 7, "full_name": "ada/calc", "default_branch": "main", "more": "is left alone"}
INPUTS = {"run_id": "20261121-050000-000000-abc123", "kind": "evolve", "base": "main", "commands": "x"}


def payload(**inputs: Any) -> dict[str, Any]:
    return {"repository": HOME, "inputs": {**INPUTS, **inputs}}


def test_the_inputs_of_a_dispatch() -> None:
    asked = job.asked(payload(goal="$(rm -rf /)\n`x`", plan_only="true", number="12", requested_by="ada", branch=None))
    assert (asked.kind, asked.plan_only, asked.number, asked.requested_by) == (GoalKind.EVOLVE, True, 12, "ada")
    assert asked.goal == "$(rm -rf /)\n`x`"
    assert asked.from_branch == "main"
    assert job.asked(payload(branch="tdev/auto/x")).from_branch == "tdev/auto/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run_id", ""),
        ("run_id", "../x"),
        ("run_id", "20261121-050000-000000-abc123/.."),
        ("kind", "destroy"),
        ("goal", "x" * 60_001),
        ("base", "--upload-pack=x"),
        ("base", "a..b"),
        ("base", "a b"),
        ("base", "refs/heads/main"),
        ("branch", "main"),
        ("branch", "tdev/auto/../../main"),
        ("number", "-1"),
        ("number", "x"),
        ("plan_only", "perhaps"),
        ("requested_by", "a/b"),
    ],
)
def test_a_wrong_input_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        job.asked(payload(**{name: value}))


@pytest.mark.parametrize("document", [{}, {"inputs": []}, {"repository": "x"}, {"inputs": INPUTS}])
def test_no_dispatch_at_all(document: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        job.asked(document)


def test_a_pull_request() -> None:
    pull = {"number": 3, "head": {"sha": "a" * 40}, "base": {"sha": "b" * 40, "ref": "main"}}
    found = job.proposed({"repository": HOME, "pull_request": pull})
    assert (found.number, found.head_sha, found.base_sha, found.base_ref) == (3, "a" * 40, "b" * 40, "main")
    with pytest.raises(ConfigurationError, match="head_sha"):
        job.proposed({"repository": HOME, "pull_request": {**pull, "head": {"sha": "--all"}}})


@pytest.mark.parametrize("name", ["main", "feature/x-1", "v1.0", "ä", "a@b", "tdev/auto/modernise"])
def test_names_of_branches(name: str) -> None:
    assert job.is_branch(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "/a", "a/", "a.lock", "a//b", ".a", "a/.b", "a~1", "a^", "a:b", "@", "a@{1}"]
)
def test_what_is_no_name_of_a_branch(name: str) -> None:
    assert not job.is_branch(name)

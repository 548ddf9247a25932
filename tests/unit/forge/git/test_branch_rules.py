"""Patterns of references in rulesets: Ruby's File.fnmatch with its rule about slashes."""

from __future__ import annotations

import pytest

from tdev.forge.git.branch_rules import applies, matches


@pytest.mark.parametrize(
    ("pattern", "ref", "fits"),
    [
        ("refs/heads/main", "refs/heads/main", True),
        ("refs/heads/main", "refs/heads/main2", False),
        ("refs/heads/m.in", "refs/heads/main", False),
        ("refs/heads/*", "refs/heads/main", True),
        ("refs/heads/*", "refs/heads/tdev/auto", False),
        ("refs/heads/**/*", "refs/heads/main", True),
        ("refs/heads/**/*", "refs/heads/tdev/auto/1", True),
        ("refs/heads/tdev/**", "refs/heads/tdev/auto/1", False),
        ("refs/heads/v?", "refs/heads/v1", True),
        ("refs/heads/v?", "refs/heads/v/", False),
        ("refs/heads/v[0-9]", "refs/heads/v7", True),
        ("refs/heads/v[!0-9]", "refs/heads/v7", False),
        ("refs/heads/v[0-9", "refs/heads/v[0-9", True),
    ],
)
def test_matches(pattern: str, ref: str, fits: bool) -> None:
    assert matches(pattern, ref) is fits


def test_what_a_ruleset_names() -> None:
    repository = {"default_branch": "main"}
    ruleset = {"target": "branch", "conditions": {"ref_name": {"include": ["~ALL"], "exclude": ["~DEFAULT_BRANCH"]}}}
    assert applies(ruleset, repository, "refs/heads/two")  # type: ignore[arg-type]
    assert not applies(ruleset, repository, "refs/heads/main")  # type: ignore[arg-type]
    assert not applies(ruleset, repository, "refs/tags/v1")  # type: ignore[arg-type]
    assert applies({**ruleset, "target": "tag"}, repository, "refs/tags/v1")  # type: ignore[arg-type]
    assert not applies({"target": "branch"}, repository, "refs/heads/main")  # type: ignore[arg-type]

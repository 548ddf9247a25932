"""Globs that would silently match nothing are errors."""

from __future__ import annotations

import pytest

from tdev.policy.glob_syntax import checked_glob


@pytest.mark.parametrize(
    "pattern", ["**", "src/**", "**/a.py", "*.py", "a?b", ".*/**", "docs/", "a/**/b/*_*_*.py", "한/**"]
)
def test_globs(pattern: str) -> None:
    assert checked_glob(pattern) == pattern


@pytest.mark.parametrize(
    "pattern",
    ["", " a", "/a", "./a", "~/a", "!a", "a\\b", "a//b", "a/./b", "../a", "[ab]", "{a,b}", "a**", "**a/b", "***",
     "a\nb", "a\u202eb", "x" * 201],
)  # fmt: skip
def test_what_is_no_glob(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^\w"):
        checked_glob(pattern)

"""The matcher of globs, against a plain recursive reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.globs import fits


def reference(path: list[str], pattern: list[str]) -> bool:
    """Parts of a path against parts of a glob, tried in every way."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(path)
        return any(reference(path[start:], pattern[1:]) for start in range(len(path) + 1))
    return bool(path) and part(path[0], pattern[0]) and reference(path[1:], pattern[1:])


def part(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(part(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in (text[0], "?") and part(text[1:], pattern[1:])


globs = st.lists(st.just("**") | st.text("ab?*.", min_size=1, max_size=5), min_size=1, max_size=5).filter(
    lambda parts: not any("**" in each and each != "**" for each in parts)
)
paths = st.lists(st.text("ab.", min_size=1, max_size=5), min_size=1, max_size=6)


@given(paths, globs)
def test_it_agrees_with_the_reference(path: list[str], pattern: list[str]) -> None:
    assert fits("/".join(path), "/".join(pattern)) is reference(path, pattern)


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a", "a*a", False),
        ("aa", "a*a", True),
        ("src/a/b", "src/", True),
        ("src", "src/", False),
        ("a.b", "a?b", True),
        ("a/b", "a?b", False),
        ("axb", "a.b", False),
        ("x\ny", "*", True),
        ("a/b/c/d/e", "**/b/**/d/**", True),
        ("a/d/b/e", "**/b/**/d/**", False),
    ],
)
def test_cases(path: str, pattern: str, expected: bool) -> None:
    assert fits(path, pattern) is expected

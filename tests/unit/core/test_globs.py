"""Globs of paths, and languages by path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.globs import matches
from tdev.core.languages import language_of


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("a/b/c.py", "**", True),
        ("a/b/c.py", "**/c.py", True),
        ("c.py", "**/c.py", True),
        ("ac.py", "**/c.py", False),
        ("a/b/c.py", "a/**", True),
        ("a", "a/**", False),
        ("a/b/c.py", "a/*", False),
        ("a/b.py", "a/*.py", True),
        ("a/b/c.py", "a/", True),
        (".github/x", ".*/**", True),
        ("github/x", ".*/**", False),
        ("a.py", "?.py", True),
        ("a[1].py", "a[1].py", True),
        ("a\nb.py", "**", True),
        ("a/x/y/b", "a/**/b", True),
        ("a/b", "a/**/b", True),
    ],
)
def test_globs(path: str, pattern: str, fits: bool) -> None:
    assert matches(path, (pattern,)) is fits


def test_no_pattern_fits_nothing() -> None:
    assert not matches("a", ())


@given(st.text(max_size=40))
def test_a_path_without_stars_fits_itself(path: str) -> None:
    if not set(path) & set("*?") and not path.endswith("/"):
        assert matches(path, (path,))


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "Python"),
        ("a/b.PYI", "Python"),
        ("Makefile", "Make"),
        ("x/Dockerfile", "Docker"),
        ("a.tar.gz", ""),
        ("LICENSE", ""),
        (".gitignore", ""),
        ("go", ""),
        ("a.go", "Go"),
    ],
)
def test_languages(path: str, language: str) -> None:
    assert language_of(path) == language

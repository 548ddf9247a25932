from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tdev.core.changed_lines import Hunk, changed_lines, hunks


def test_added_altered_and_removed_lines() -> None:
    diff = (
        "diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n"
        "@@ -3 +3 @@ def f():\n-old\n+new\n@@ -7,0 +8,2 @@\n+one\n+two\n@@ -9,2 +11,0 @@\n-a\n-b\n"
        "diff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/bin b/bin\nBinary files a/bin and b/bin differ\n"
    )
    assert changed_lines(diff) == {"x.py": (3, 8, 9)}


def test_text_that_looks_like_a_header_is_text() -> None:
    diff = (
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,3 @@\n--- a/evil.py\n+++ b/evil.py\n+@@ -1 +1,500 @@\n"
        "+diff --git a/y b/y\n\\ No newline at end of file\n"
    )
    assert changed_lines(diff) == {"x": (1, 2, 3)}


def test_the_last_line_without_an_end_on_both_sides() -> None:
    told = "\\ No newline at end of file"
    diff = (
        f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -4,2 +4,3 @@\n-three\n-four\n{told}\n+3\n+\\ 4\n+5\n{told}\n"
        "diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+one\n"
    )
    assert list(hunks(diff)) == [
        Hunk("x", "x", 4, ("three", "four"), ("3", "\\ 4", "5")),
        Hunk("y", "y", 1, (), ("one",)),
    ]
    assert changed_lines(diff) == {"x": (4, 5, 6), "y": (1,)}
    assert list(hunks(diff[: diff.index("+5")])) == [Hunk("x", "x", 4, ("three", "four"), ("3", "\\ 4", ""))]


@pytest.mark.e2e
def test_names_as_git_writes_them(make_repository: Callable[..., Path]) -> None:
    names = ["a b.py", "tab\there.py", 'quote".py', "ünï.py", "back\\slash.py"]
    folder = make_repository(dict.fromkeys(names, "x = 1\n"))
    for name in names:
        (folder / name).write_text("x = 1\ny = 2\n")
    done = subprocess.run(
        ("git", "-c", "core.quotePath=false", "diff", "-U0", "--dst-prefix=b/"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert changed_lines(done.stdout) == dict.fromkeys(sorted(names), (2,))

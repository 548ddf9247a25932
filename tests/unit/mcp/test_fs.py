"""The server `fs`: what it reads and writes, and that no link leads it out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from support.mcp_session import called, configuration
from tdev.adapters.confined_files import files_below, list_folder, read_file, write_file
from tdev.errors import Refused
from tdev.mcp import fs
from tdev.policy.model import Scope
from tdev.settings import Settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root, outside = tmp_path / "checkout", tmp_path / "outside"
    for folder in (root / "src/deep", root / ".git", root / ".github", outside):
        folder.mkdir(parents=True)
    (root / "src/a.py").write_text("one\ntwo\nthree\n")
    (root / "src/run.sh").write_text("echo one\n")
    (root / "src/run.sh").chmod(0o755)
    (root / "src/raw.bin").write_bytes(b"\xff\x00one")
    (root / ".git/config").write_text("one")
    (outside / "secret.txt").write_text("SECRET one")
    (root / "link").symlink_to(outside)
    (root / "src/secret").symlink_to(outside / "secret.txt")
    os.mkfifo(root / "fifo")
    return root


def ask(settings: Settings, root: Path, *calls: tuple[str, dict[str, Any]], **changes: Any) -> list[str]:
    return called(fs, "fs", settings, configuration(root, **changes), calls)


def test_reading_by_pages_listing_and_searching(settings: Settings, root: Path) -> None:
    page, rest, entries, found, one = ask(
        settings,
        root,
        ("read", {"path": "src/a.py", "lines": 2}),
        ("read", {"path": str(root / "src/a.py"), "first_line": 3}),
        ("list", {}),
        ("search", {"text": "ONE", "ignore_case": True}),
        ("search", {"text": "two", "path": "src/a.py"}),
    )
    assert page == "     1 one\n     2 two\n(3 lines in all; go on with first_line=3)"
    assert rest == "     3 three"
    assert [line.split()[-1] for line in entries.splitlines()] == [".github", "fifo", "link", "src"]
    assert found.splitlines() == ["src/a.py:1: one", "src/run.sh:1: echo one"]
    assert one == "src/a.py:2: two"


def test_writing_and_editing(settings: Settings, root: Path) -> None:
    answers = ask(
        settings,
        root,
        ("write", {"path": "new/folder/b.py", "content": "é\n"}),
        ("edit", {"path": "src/a.py", "old": "two", "new": "2"}),
        ("edit", {"path": "src/a.py", "old": "e", "new": "E"}),
        ("edit", {"path": "src/a.py", "old": "e", "new": "E", "every": True}),
        ("edit", {"path": "src/a.py", "old": "", "new": "x"}),
        ("write", {"path": "src/run.sh", "content": "echo two\n"}),
        ("write", {"path": "src/big", "content": "x" * (fs.MOST_WRITTEN + 1)}),
    )
    assert [answer.startswith("error") for answer in answers] == [False, False, True, False, True, False, True]
    assert "stands 3 times" in answers[2]
    assert (root / "new/folder/b.py").read_text() == "é\n"
    assert (root / "src/a.py").read_text() == "onE\n2\nthrEE\n"
    assert (root / "src/run.sh").stat().st_mode & 0o777 == 0o755
    assert not (root / "src/big").exists()
    assert not list(root.rglob(".*.new"))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../outside/secret.txt",
        "link/secret.txt",
        "src/secret",
        ".git/config",
        "fifo",
        "src",
        "",
        "a\0b",
        "none",
        "src/raw.bin",
        "link",
        "src/../../outside/secret.txt",
        "~/x",
        "/proc/self/environ",
    ],
)
def test_what_can_not_be_read(settings: Settings, root: Path, path: str) -> None:
    read, edited, found = ask(
        settings,
        root,
        ("read", {"path": path}),
        ("edit", {"path": path, "old": "one", "new": "two"}),
        ("search", {"text": "SECRET", "path": path or "."}),
    )
    assert read.startswith("error: ")
    assert edited.startswith("error: ")
    assert "SECRET one" not in read + edited + found


@pytest.mark.parametrize(
    "path", [".github/x.yml", "CLAUDE.md", "src/AGENTS.md", "link/new", "docs/x", "src/secret", "src"]
)
def test_what_can_not_be_written(settings: Settings, root: Path, path: str) -> None:
    [answer] = ask(settings, root, ("write", {"path": path, "content": "x"}), scope=Scope(write=("src/**",)))
    assert answer.startswith("error: ")
    assert (root.parent / "outside/secret.txt").read_text() == "SECRET one"
    assert not (root.parent / "outside/new").exists()


def test_a_link_that_comes_between_check_and_use_leads_nowhere(root: Path) -> None:
    """What a program in the sandbox could do after the call was judged: the opening itself follows no link."""
    for path in ("link/secret.txt", "src/secret", "src/deep/../a.py", "../outside/secret.txt", "/etc/passwd", "."):
        with pytest.raises(Refused):
            read_file(root, path, 100)
        with pytest.raises(Refused):
            write_file(root, path, b"x")
    (root / "src").rename(root / "gone")
    (root / "src").symlink_to(root.parent / "outside")
    with pytest.raises(Refused):
        write_file(root, "src/new.txt", b"x")
    with pytest.raises(Refused):
        list_folder(root, "src")
    assert list(files_below(root, "")) == ["gone/a.py", "gone/raw.bin", "gone/run.sh"]
    assert not (root.parent / "outside/new.txt").exists()
    assert (root.parent / "outside/secret.txt").read_text() == "SECRET one"


def test_a_file_that_is_too_large_is_refused(root: Path) -> None:
    assert read_file(root, "src/a.py", 14) == b"one\ntwo\nthree\n"
    with pytest.raises(Refused, match="larger"):
        read_file(root, "src/a.py", 13)

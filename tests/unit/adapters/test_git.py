"""Git on real repositories: odd names, renames, binaries, commits with trailers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters.git import Git, open_repository
from tdev.errors import Refused
from tdev.settings import Settings

Make = Callable[[Mapping[str, str | bytes]], Path]


def test_changed_files_with_odd_names_renames_and_binaries(make_repository: Make, settings: Settings) -> None:
    body = "".join(f"line {number}\n" for number in range(50))
    folder = make_repository({"a file.txt": body, "gone.txt": "x\n", "ünï\tcode.txt": "1\n", "pic": b"\0\1"})
    base = git(folder, "rev-parse", "HEAD")
    (folder / "a file.txt").rename(folder / "renamed\nfile.txt")
    (folder / "gone.txt").unlink()
    (folder / "ünï\tcode.txt").write_text("1\n2\n")
    (folder / "pic").write_bytes(b"\0\2")
    (folder / "new.py").write_text("x = 1\n")
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "change")
    changed = {file.path: file for file in Git(folder, settings.child_environment).changed_files(base, "HEAD")}
    assert {path: file.status for path, file in changed.items()} == {
        "renamed\nfile.txt": "R",
        "gone.txt": "D",
        "ünï\tcode.txt": "M",
        "pic": "M",
        "new.py": "A",
    }
    assert changed["pic"].binary
    assert (changed["ünï\tcode.txt"].added, changed["gone.txt"].removed) == (1, 1)


def test_commits_name_their_task(make_repository: Make, settings: Settings) -> None:
    folder = make_repository({"a": "1"})
    base = git(folder, "rev-parse", "HEAD")
    for number in (1, 2):
        (folder / "a").write_text(str(number) * 3)
        git(folder, "commit", "-qam", f"step {number}\n\nwhy\n\nTdev-Run: r\nTdev-Task: T{number}")
    commits = Git(folder, settings.child_environment).commits(base, "HEAD")
    assert [(commit.subject, commit.task) for commit in commits] == [("step 1", "T1"), ("step 2", "T2")]


def test_hooks_and_user_configuration_do_not_run(make_repository: Make, settings: Settings, tmp_path: Path) -> None:
    folder = make_repository({"a": "1"})
    marker = tmp_path / "hook-ran"
    for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        hook = folder / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    repository = Git(folder, settings.child_environment)
    repository.run("checkout", "--quiet", "-b", "other")
    (folder / "a").write_text("2")
    repository.run("commit", "--quiet", "--all", "--message=x")
    assert not marker.exists()


def test_a_folder_inside_the_repository_finds_its_top(make_repository: Make, settings: Settings) -> None:
    folder = make_repository({"deep/er/a": "1"})
    assert open_repository(folder / "deep" / "er", settings.child_environment).folder == folder.resolve()


def test_no_repository_is_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(Refused, match="not a git repository"):
        open_repository(tmp_path, settings.child_environment)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_somebody_else_is_refused(make_repository: Make, settings: Settings, tmp_path: Path) -> None:
    folder = make_repository({"a": "1"})
    for path in (folder, folder / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(Refused, match="belongs to another user"):
        open_repository(folder, settings.child_environment, tmp_path)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {folder}\n")
    assert open_repository(folder, settings.child_environment, tmp_path).folder == folder

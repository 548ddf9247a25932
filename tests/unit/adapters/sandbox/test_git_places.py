"""What of git is shown: real clones, shared clones, worktrees, and what a program put in git's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from support.command import git
from tdev.adapters.sandbox.git_places import git_parts

Make = Callable[[Mapping[str, str | bytes]], Path]


def test_a_shared_clone_shows_the_objects_it_borrows(make_repository: Make, tmp_path: Path) -> None:
    source, clone = make_repository({"a": "1"}), tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--shared", str(source), str(clone))
    assert git_parts(clone) == (clone / ".git", source / ".git" / "objects")


def test_a_worktree_shows_the_clone_it_belongs_to(make_repository: Make, tmp_path: Path) -> None:
    source, tree = make_repository({"a": "1"}), tmp_path / "tree"
    git(source, "worktree", "add", "--quiet", "--detach", str(tree))
    assert git_parts(tree) == (tree / ".git", source / ".git")


def test_a_writable_git_keeps_what_decides_what_git_runs(make_repository: Make) -> None:
    folder = make_repository({"a": "1"}) / ".git"
    kept = {path.relative_to(folder).as_posix() for path in git_parts(folder.parent, writable_git=True)}
    assert {"config", "hooks", "info", "objects/info"} <= kept
    assert folder not in git_parts(folder.parent, writable_git=True)


def test_no_git_and_a_link_in_its_place_show_nothing(tmp_path: Path) -> None:
    assert git_parts(tmp_path) == ()
    (tmp_path / ".git").symlink_to("/root")
    assert git_parts(tmp_path) == ()


def test_a_git_file_that_names_another_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /etc\n")
    assert git_parts(tmp_path) == (tmp_path / ".git",)

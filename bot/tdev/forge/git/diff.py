"""What a pull request changes: the range from where the branches parted to the head.

Comes in: Git of a bare repository and two commits. Goes out: how large the change is, whether it merges,
its text as diff or as mails. A commit never changes, so counts and trial merges are kept in memory by
their ids. The documents of its files are made by api/diffs.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tdev.adapters.git import Git
from tdev.errors import TransientError

_KEPT = 4096
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_CLEAN, _CONFLICT, _NOT_RELATED = 0, 1, 128


@dataclass(frozen=True)
class Counts:
    """How large a change is."""

    commits: int
    additions: int
    """Lines."""
    deletions: int
    """Lines."""
    files: int


_counted: dict[tuple[Path, str, str], Counts] = {}
_trees: dict[tuple[Path, str, str], str] = {}


def merge_base(git: Git, base: str, head: str) -> str:
    """Where two commits parted; empty when they have nothing in common."""
    done = git.run("merge-base", base, head, check=False)
    return done.stdout.strip() if done.ok else ""


def is_ancestor(git: Git, older: str, newer: str) -> bool:
    """Every commit of `older` is in `newer`."""
    return git.run("merge-base", "--is-ancestor", older, newer, check=False).ok


def counts(git: Git, base: str, head: str) -> Counts:
    """Commits of `head` that `base` lacks, and the size of their change; zeros without common history."""
    key = (git.folder, base, head)
    if key not in _counted:
        start = merge_base(git, base, head)
        if not start:
            return Counts(0, 0, 0, 0)
        files = git.changed_files(start, head)
        number = int(git.text("rev-list", "--count", f"{base}..{head}"))
        found = Counts(number, sum(file.added for file in files), sum(file.removed for file in files), len(files))
        _keep(_counted, key, found)
    return _counted[key]


def merged_tree(git: Git, base: str, head: str) -> str:
    """The tree that merging two commits gives; empty when they conflict or have nothing in common."""
    key = (git.folder, base, head)
    if key not in _trees:
        done = git.run("merge-tree", "--write-tree", "--no-messages", base, head, check=False)
        if done.exit_code not in (_CLEAN, _CONFLICT, _NOT_RELATED):
            raise TransientError(f"git merge-tree failed: {done.tail(4)}.")
        _keep(_trees, key, done.stdout.split("\n")[0].strip() if done.exit_code == _CLEAN else "")
    return _trees[key]


def _keep(store: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Remember a value; the oldest is forgotten when there are very many."""
    while len(store) >= _KEPT:
        store.pop(next(iter(store)))
    store[key] = value


def unified(git: Git, base: str, head: str) -> str:
    """The diff of a pull request."""
    start = merge_base(git, base, head)
    return git.diff(start, head) if start else ""


def mailbox(git: Git, base: str, head: str) -> str:
    """The commits of a pull request as `git format-patch` writes them."""
    return git.run("format-patch", "--stdout", "--no-signature", f"{base}..{head}").stdout

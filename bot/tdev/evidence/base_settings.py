"""Settings under which a commit is looked at by a program that the repository configures: the base's.

A change may not choose what it is measured by. Where the base configures the program, its files of settings hold for
the head too; where it does not, the head's own. Comes in: a commit, which files can hold settings, and how to tell
that one configures the program. Goes out: what holds, a key for answers about it, and a folder where it stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tdev.adapters.git import Git
from tdev.core.scan.paths import is_python_path
from tdev.evidence.subject import Commit

Configures = Callable[[str, str], bool]
"""Whether a file, given by path and text, configures the program."""


@dataclass(frozen=True)
class Settled:
    """A commit's Python files, and the settings that hold for them."""

    files: Mapping[str, str]
    """Content id by path of every regular Python file."""
    settings: Mapping[str, str]
    """Text by path of the files that configure the program; empty = it is not configured."""
    used: Mapping[str, str]
    """Content id by path of the files of settings that hold, those that say nothing of the program among them."""
    own: Mapping[str, str]
    """Those that the commit itself has."""
    key: str
    """Changes with the Python files and with the settings."""

    def placed(self, commit: Commit, name: str) -> Path:
        """A folder in which the settings stand among the files, not to be written to; `name` is the program's.

        Raises TransientError when git fails.
        """
        return commit.checkout if self.used == self.own else self.copied(commit, name)

    def copied(self, commit: Commit, name: str) -> Path:
        """The same in a clone of its own, which may be written to."""
        return _with_settings(commit, name, self.used, self.own)


def settled(commit: Commit, held: Callable[[str], bool], configures: Configures) -> Settled:
    """What holds for a commit; `held` tells the paths that can hold settings. Raises TransientError when git fails."""
    every = commit.files
    own = {path: blob for path, blob in every.items() if held(path)}
    base = replace(commit, sha=commit.run.goal.repository.base_sha)
    old = {path: blob for path, blob in base.files.items() if held(path)}
    there = _configuring(commit.git, old, configures)
    here = there if old == own else _configuring(commit.git, own, configures)
    used, settings = (old, there) if there else (own, here)
    files = {path: blob for path, blob in every.items() if is_python_path(path)}
    said = f"{sorted(files.items())} {sorted(used.items())}"
    return Settled(files, settings, used, own, hashlib.sha256(said.encode("utf-8", "replace")).hexdigest())


def _configuring(git: Git, files: Mapping[str, str], configures: Configures) -> dict[str, str]:
    """Text by path of those files that configure the program."""
    texts = {path: git.run("cat-file", "blob", blob).stdout for path, blob in sorted(files.items())}
    return {path: text for path, text in texts.items() if configures(path, text)}


def _with_settings(commit: Commit, name: str, used: Mapping[str, str], own: Mapping[str, str]) -> Path:
    """A clone of the commit with the base's files of settings. Git writes them, so no link is followed."""
    folder = commit.clone(name)
    git = Git(folder, commit.run.settings.child_environment)
    gone = sorted(set(own) - set(used))
    if gone:
        git.run("rm", "--quiet", "--force", "--", *(f":(literal){path}" for path in gone))
    if used:
        base = commit.run.goal.repository.base_sha
        git.run("checkout", "--quiet", base, "--", *(f":(literal){path}" for path in sorted(used)))
    return folder

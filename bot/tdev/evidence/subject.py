"""What a probe is asked about: one commit in a clean checkout, or the change from base to head.

Checkouts are clones of their own that nothing runs in, so each probe sees what git has. A probe that runs code of the
repository makes a clone for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.patch import Patch
from tdev.evidence.pool import Answers, answer_of

BEFORE, AFTER = "before", "after"
TESTS = "pytest"
_FILE = "100"
"""How the modes of regular files begin."""


@dataclass(frozen=True)
class Commit:
    """One side of a change."""

    run: RunDir
    """The run it is looked at for: settings, policy, scratch folder."""
    side: str
    """`before` or `after`."""
    sha: str
    """The commit."""
    checkout: Path
    """A clean clone that stands on it."""
    folder: str = "."
    """Folder of the project whose tests are run, POSIX, relative to the repository."""
    anew: bool = False
    """What repository code had a part in is measured here and now, whatever is kept: another job may have kept it."""

    @property
    def git(self) -> Git:
        """Git in the checkout."""
        return Git(self.checkout, self.run.settings.child_environment)

    @cached_property
    def tree(self) -> str:
        """Id of its tree: equal for equal files, whatever the commit says."""
        return self.git.tree_of(self.sha)

    @cached_property
    def files(self) -> dict[str, str]:
        """Content id by path of every regular file; links and submodules are left out."""
        raw = self.git.run("ls-tree", "-r", "-z", "--full-tree", self.sha).stdout
        entries = (entry.split("\t", 1) for entry in raw.split("\0") if "\t" in entry)
        return {path: facts.split()[2] for facts, path in entries if facts.startswith(_FILE)}

    def git_in(self, clone: Path) -> Git:
        """Git in a further clone."""
        return Git(clone, self.run.settings.child_environment)

    def clone(self, name: str) -> Path:
        """A further clean checkout of the same commit, for code that may change it."""
        folder = self.run.work / f"{self.checkout.name}-{name}"
        return workspace.clean_clone(self.checkout, folder, self.sha, self.run.settings.child_environment).folder


@dataclass(frozen=True)
class Change:
    """Base, head and what is known of them so far."""

    run: RunDir
    """The run it is looked at for."""
    patch: Patch
    """The commits."""
    before: Commit
    """The base."""
    after: Commit
    """The head. Its clone holds the base's commits too."""
    answers: Answers
    """What the tasks that a probe waited for have answered, by `side.name`."""

    @property
    def anew(self) -> bool:
        """As of its head."""
        return self.after.anew

    def tests(self, side: str) -> TestRun:
        """The test run of a side; a probe that asks for it names `pytest` in its `needs`."""
        return answer_of(self.answers, f"{side}.{TESTS}", TestRun)

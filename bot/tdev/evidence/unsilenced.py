"""A commit without the silencers that the change added, so that a change can't hide what it is judged by.

Comes in: a commit. Goes out: what of its Python files reads otherwise, a way to put that into a clone, and what a
program found there beside what it found in the commit itself. The base, and a head that silences nothing, have none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tdev.core.artifacts.finding import Finding, ToolReport
from tdev.core.bared import bared
from tdev.core.silencers import added_silencers
from tdev.evidence.subject import AFTER, Commit


@dataclass(frozen=True)
class Unsilenced:
    """Files that are read without the comments that the change added to silence a checker."""

    files: Mapping[str, bytes]
    """Their content by path."""

    @property
    def key(self) -> str:
        """Changes with the content; empty where there is none."""
        said = sorted((path, hashlib.sha256(content).hexdigest()) for path, content in self.files.items())
        return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest() if said else ""

    def placed(self, clone: Path) -> Path:
        """The clone, a clean one of the commit in which nothing has run, with these files in it."""
        for path, content in self.files.items():
            (clone / path).write_bytes(content)
        return clone


def unsilenced(commit: Commit, files: Collection[str]) -> Unsilenced:
    """What the change silenced in some regular files, POSIX; raises TransientError when git fails."""
    if commit.side != AFTER:
        return Unsilenced({})
    base = commit.run.goal.repository.base_sha
    added = added_silencers(commit.git.line_diff(base, commit.sha))
    found = {}
    for path in sorted(set(added) & set(files)):
        content = (commit.checkout / path).read_bytes()
        if (read := bared(content, added[path])) != content:
            found[path] = read
    return Unsilenced(found)


def both(as_is: ToolReport, ask: Callable[[], ToolReport]) -> ToolReport:
    """What a program says of the commit with what it says without the silencers; `ask` asks that."""
    if not as_is.ok or not as_is.examined:
        return as_is
    bare = ask()
    if not bare.ok:
        return bare
    seen = {_place(finding) for finding in as_is.findings}
    told = {_place(finding) for finding in bare.findings}
    hidden = (one if _place(one) in seen else _hidden(one) for one in bare.findings)
    only = (one for one in as_is.findings if _place(one) not in told)
    found = sorted((*hidden, *only), key=lambda finding: (finding.path, finding.line, finding.rule))
    return as_is.model_copy(update={"findings": tuple(found)})


def _hidden(finding: Finding) -> Finding:
    remedy = (
        f"The change hides this with a comment. {finding.remedy} Or waive {finding.tool}:{finding.rule} in the policy."
    )
    return finding.model_copy(update={"remedy": remedy})


def _place(finding: Finding) -> tuple[str, int, str, str]:
    return finding.path, finding.line, finding.rule, finding.message

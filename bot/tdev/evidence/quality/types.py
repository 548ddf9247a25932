"""mypy's look at a commit, under bars of the base, where the project is typed.

It is when its settings name mypy or pyright, when a package is marked with `py.typed`, or when nearly all of its
functions are annotated. Files that can't be parsed are left out (the gate's check `parses` tells of them), for mypy
would end at the first of them. What the change hides with a comment of its own is found too (evidence/unsilenced.py).
What mypy knows of a repository is kept between runs: base and head share it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tdev.adapters.source_scan import scan_commit
from tdev.core.artifacts.finding import ToolReport
from tdev.core.code_paths import is_own_code
from tdev.core.module_names import Layout, layout_of
from tdev.core.scan import FileFacts, symbols_of
from tdev.core.type_settings import FILES, TypeSettings, configures_types, type_settings
from tdev.evidence.base_settings import settled
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Commit
from tdev.evidence.unsilenced import Unsilenced, both, unsilenced
from tdev.tools import mypy
from tdev.tools.mypy import NAME, Job

NOT_TYPED = "the project is not typed: it configures no type checker, and few of its functions are annotated"
TYPED_PERCENT = 90.0
"""Share of annotated functions from which a project counts as typed."""
LEAST_FUNCTIONS = 20
"""Fewer functions than this say nothing."""


def types(commit: Commit) -> ToolReport:
    """What mypy says of the commit's own code; it looks at nothing where the project is not typed."""
    found = settled(commit, _holds_settings, configures_types)
    if not (found.settings or _is_marked(commit) or _is_annotated(commit)):
        return ToolReport(tool=NAME, ok=True, reason=NOT_TYPED)
    said = type_settings(found.settings, commit.folder)
    facts = scan_commit(commit.git, commit.sha, commit.run.settings).python
    readable = {one.path for one in facts if not one.error and is_own_code(one.path) and said.wants(one.path)}
    layout = layout_of(readable & set(found.files))
    if not layout.files:
        return ToolReport(tool=NAME, ok=True, reason="there is no file whose types could be checked")
    bare = unsilenced(commit, layout.files)
    key = key_of(commit.run, NAME, found.key, bare.key)
    return kept(commit.run, key, ToolReport, lambda report: report.ok, lambda: _asked(commit, bare, said, layout))


def _asked(commit: Commit, bare: Unsilenced, said: TypeSettings, layout: Layout) -> ToolReport:
    run = commit.run
    name = hashlib.sha256(f"{run.goal.repository.path}\0{said.ini}".encode()).hexdigest()[:16]
    with _alone(run.settings.cache / NAME / name) as cache:

        def look(folder: Path) -> ToolReport:
            return mypy.check(run.settings, Job(folder, layout, said.ini, cache), run.policy.limits.tool_seconds)

        as_is = look(commit.clone(NAME))
        if not bare.files:
            return as_is
        return both(as_is, lambda: look(bare.placed(commit.clone(f"{NAME}-unsilenced"))))


def _holds_settings(path: str) -> bool:
    return path.rpartition("/")[2] in (*FILES, "pyrightconfig.json")


def _is_marked(commit: Commit) -> bool:
    """A package says that it is typed, at the base."""
    names = commit.git.files(commit.run.goal.repository.base_sha)
    return any(name.rpartition("/")[2] == "py.typed" for name in names)


def _is_annotated(commit: Commit) -> bool:
    """Nearly all functions are annotated, at the base; at the head where the base has none."""
    return next((typed for typed in map(_share, _sides(commit)) if typed is not None), 0.0) >= TYPED_PERCENT


def _sides(commit: Commit) -> Iterator[list[FileFacts]]:
    for side in (replace(commit, sha=commit.run.goal.repository.base_sha), commit):
        yield scan_commit(side.git, side.sha, side.run.settings).python


def _share(files: list[FileFacts]) -> float | None:
    """Annotated share of the functions of own code, 0..100; None of too few."""
    symbols = [symbol for facts in files if is_own_code(facts.path) for symbol in symbols_of(facts)]
    typed = [symbol.typed for symbol in symbols if symbol.kind == "function"]
    return 100 * sum(typed) / len(typed) if len(typed) >= LEAST_FUNCTIONS else None


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """The folder, made where it is missing; nobody else uses it meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        kept_in = folder / "cache"
        kept_in.mkdir(exist_ok=True)
        yield kept_in.resolve()
    finally:
        os.close(handle)

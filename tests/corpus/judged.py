"""One case before the gates: a real repository is made of it, and the verdict is compared with the right one."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.errors import TdevError
from tdev.settings import Settings
from tdev.stages.judge_head import judge_head, open_judgement
from tests.corpus.case import Case, base_diff
from tests.corpus.planted import fill
from tests.corpus.rules import RULES

CAUGHT, MISSED, RIGHT, FALSE_ALARM, BROKEN = "caught", "MISSED", "right", "FALSE ALARM", "BROKEN"
"""How a case ended: the first two for bad ones, the next two for clean ones, the last where there is no verdict."""
_GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
_DATE = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}


@dataclass(frozen=True)
class Ended:
    """How one case ended."""

    case: str
    rule: str
    outcome: str
    """One of CAUGHT, MISSED, RIGHT, FALSE_ALARM, BROKEN."""
    reasons: tuple[str, ...]
    """What stopped it: `gate/check:rule path:line`, or `gate/check: reason` of a check that found no place."""
    seconds: float


def judge(case: Case, settings: Settings, folder: Path) -> Ended:
    """Ask the gates about a case; `folder` is its own, and is gone afterwards."""
    started = time.monotonic()
    try:
        outcome, reasons = _compared(case, _verdict(case, settings, folder))
    except (TdevError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or error
        outcome, reasons = BROKEN, (f"{type(error).__name__}: {said}",)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Ended(case.name, case.rule, outcome, reasons, time.monotonic() - started)


def make_repository(case: Case, folder: Path) -> None:
    """The base as a commit of `main`, and the case's commits on a branch `change` that is checked out."""
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet")
    _commit(folder, "Start", base_diff(case.base))
    _git(folder, "switch", "--quiet", "--create", "change")
    for commit in case.commits:
        _commit(folder, commit.subject, fill(commit.diff, case.name))


def compare(case: Case, verdict: Verdict) -> str:
    """CAUGHT, MISSED, RIGHT or FALSE_ALARM: what a verdict is worth for a case."""
    return _compared(case, verdict)[0]


def _compared(case: Case, verdict: Verdict) -> tuple[str, tuple[str, ...]]:
    through = verdict.outcome.lets_through
    reasons = tuple(text for check in _stopping(verdict) for text in _told(check))
    if case.clean:
        return (RIGHT if through else FALSE_ALARM), reasons
    caught = not through and any(_answers(case, *check) for check in _stopping(verdict))
    return (CAUGHT if caught else MISSED), reasons


def _verdict(case: Case, settings: Settings, folder: Path) -> Verdict:
    make_repository(case, folder / case.base)
    run = open_judgement(settings, folder / case.base, "main", folder / f"run-{folder.name}")
    return judge_head(run)


def _stopping(verdict: Verdict) -> Iterator[tuple[str, Verdict]]:
    """`gate/check` and verdict of each check that does not let the change through."""
    for gate in verdict.children:
        for check in gate.children or (gate,):
            if not check.outcome.lets_through:
                yield f"{gate.name}/{check.name}", check


def _answers(case: Case, name: str, check: Verdict) -> bool:
    """True when a check stops the case for what is wrong with it."""
    if check.outcome is not Outcome.FAIL:
        return False
    if not check.findings:
        return any(fnmatchcase(f"{name}:", pattern) for pattern in RULES[case.rule])
    return any(
        fnmatchcase(f"{name}:{finding.rule}", pattern)
        for finding in check.findings
        if finding.path in ("", case.path) or not case.path
        for pattern in RULES[case.rule]
    )


def _told(stopping: tuple[str, Verdict]) -> Iterator[str]:
    name, check = stopping
    if not check.findings:
        yield f"{name} {check.outcome.value}: {check.reason}"
    for finding in check.findings:
        yield f"{name}:{finding.rule} {finding.path}:{finding.line} {finding.message}"


def _commit(folder: Path, subject: str, diff: str) -> None:
    _git(folder, "apply", "--index", "--recount", "--whitespace=nowarn", "-", stdin=diff)
    _git(folder, "commit", "--quiet", "--message", subject)


def _git(folder: Path, *words: str, stdin: str = "") -> None:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **_DATE}
    subprocess.run(
        (*_GIT, *words), cwd=folder, input=stdin, env=environment, check=True, capture_output=True, text=True
    )

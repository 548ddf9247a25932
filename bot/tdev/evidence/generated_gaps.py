"""What the tests of a change leave open, by module: changed lines that none runs, and mutants that none kills.

Comes in: a Change whose head's tests have run, and whose mutants were tried where that was asked. Goes out: gaps, those
with the most in them first. The report on mutants names them by place and words; mutmut is asked for the same lines
again, to have them as changes that can be tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import Finding, ToolReport
from tdev.core.changed_lines import changed_lines
from tdev.core.code_paths import is_own_code
from tdev.core.module_names import layout_of
from tdev.core.mutants import Mutant, function_at, functions_of
from tdev.evidence.mutation import survivor
from tdev.evidence.subject import Change
from tdev.tools.mutmut import NAME as MUTANTS
from tdev.tools.mutmut import Source, make_mutants


class Gap(NamedTuple):
    """One changed module and what its tests leave open."""

    path: str
    """POSIX, relative to the repository."""
    module: str
    """Its dotted name."""
    root: str
    """Folder that it is imported from, POSIX, relative to the repository; `.` = the repository."""
    text: str
    """Its source at the head."""
    lines: frozenset[int]
    """Changed lines that no test runs, 1-based."""
    mutants: tuple[Mutant, ...] = ()
    """Mutants of changed lines that survive all tests."""

    @property
    def functions(self) -> frozenset[str]:
        """Names of the functions in which something is left open."""
        spans = functions_of(self.text)
        found = {one.name for line in self.lines if (one := function_at(spans, line))}
        return frozenset(found | {mutant.function.name for mutant in self.mutants})


def gaps_of(change: Change, head: TestRun) -> list[Gap]:
    """The modules in which tests leave something open; raises TransientError when mutmut can't be installed."""
    patch, git = change.patch, change.after.git
    diff = git.line_diff(patch.base_sha, patch.head_sha)
    names = layout_of(path for path in change.after.files if is_own_code(path)).files
    survivors = _survivors(change)
    found = []
    for path, changed in changed_lines(diff).items():
        lines = frozenset(changed) & frozenset(head.missing_lines.get(path, ()))
        if path in names and path.endswith(".py") and (lines or path in survivors):
            text = git.run("cat-file", "blob", f"{patch.head_sha}:{path}", check=False).stdout
            found.append(Gap(path, names[path], root_of(path, names[path]), text, lines))
    mutants = _made(change, {gap.path: gap.text for gap in found if gap.path in survivors}, survivors)
    whole = [gap._replace(mutants=mutants.get(gap.path, ())) for gap in found]
    return sorted((gap for gap in whole if gap.lines or gap.mutants), key=_rank)


def root_of(path: str, module: str) -> str:
    """The folder from which a file is imported by this name, POSIX; `.` = the tree itself."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return "/".join(parts[: -len(module.split("."))]) or "."


def is_told_of(mutant: Mutant, text: str, findings: Collection[Finding]) -> bool:
    """Whether one of the findings is about this mutant of a text."""
    told = survivor(mutant, text)
    return any((one.line, one.fingerprint) == (told.line, told.fingerprint) for one in findings)


def _rank(gap: Gap) -> tuple[int, str]:
    return -len(gap.lines) - len(gap.mutants), gap.path


def _survivors(change: Change) -> dict[str, list[Finding]]:
    """What the report on mutants says, by path; nothing where they were not tried."""
    report = change.answers.get(f"change.{MUTANTS}")
    found: dict[str, list[Finding]] = {}
    for finding in report.findings if isinstance(report, ToolReport) and report.ok else ():
        found.setdefault(finding.path, []).append(finding)
    return found


def _made(
    change: Change, texts: Mapping[str, str], survivors: Mapping[str, Collection[Finding]]
) -> dict[str, tuple[Mutant, ...]]:
    """The mutants that survive, by path."""
    sources = {
        path: Source(text, frozenset(line for one in survivors[path] for line in range(one.line, one.end_line + 1)))
        for path, text in texts.items()
    }
    if not sources:
        return {}
    made = make_mutants(change.run.settings, sources, change.run.policy.limits.tool_seconds).mutants
    return {
        path: tuple(one for one in made if one.path == path and is_told_of(one, text, survivors[path]))
        for path, text in texts.items()
    }

"""zizmor: what is dangerous in workflow and action files, offline, and nothing in the repository can hide from it.

Called by evidence/table.py. Comes in: a folder and the files in it that are to be looked at. Goes out: findings. The
repository's settings for zizmor and its ignore comments have no effect, and files are named one by one, as it leaves
out what .gitignore covers. Its exit code says nothing and it passes over files that it can't parse, so each file that
it does not name as completed becomes a finding `not-analysed`.

Its personas for reviewers are not used: they speak of what may be wrong. `dangerous-triggers` is only a remark, for a
trigger alone does no harm; the rule `foreign-code-with-rights` of policies/semgrep knows when it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.workflow_paths import is_workflow_file
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox

NAME = "zizmor"
NOT_ANALYSED = "not-analysed"
_OPTIONS = (
    "--offline", "--no-progress", "--color", "never", "--no-config", "--no-ignores", "--no-exit-codes",
    "--format", "json-v1",
)  # fmt: skip
_LEVELS = {
    "High": Severity.ERROR,
    "Medium": Severity.WARNING,
    "Low": Severity.NOTE,
    "Informational": Severity.NOTE,
    "Unknown": Severity.NOTE,
}
_REMARKS = frozenset({"dangerous-triggers"})
_NO_INPUT = 3
_COMPLETED = re.compile(r"completed \./(.+)$", re.MULTILINE)


class _Point(BaseModel):
    row: int = Field(ge=0)


class _Span(BaseModel):
    start_point: _Point
    end_point: _Point


class _Concrete(BaseModel):
    location: _Span


class _Symbolic(BaseModel):
    key: dict[str, dict[str, object]]
    annotation: str = ""
    kind: object = ""


class _Location(BaseModel):
    symbolic: _Symbolic
    concrete: _Concrete

    @property
    def path(self) -> str:
        """The file as it was named on the command line."""
        return str(self.symbolic.key.get("Local", {}).get("verbatim_path", "")).removeprefix("./")


class _Determinations(BaseModel):
    severity: Literal["High", "Medium", "Low", "Informational", "Unknown"]
    confidence: str


class _Result(BaseModel):
    ident: str
    desc: str
    url: str = ""
    determinations: _Determinations
    locations: list[_Location] = Field(min_length=1)

    @property
    def place(self) -> _Location:
        """The place it is about."""
        return next((each for each in self.locations if each.symbolic.kind == "Primary"), self.locations[0])


_READ = TypeAdapter(list[_Result]).validate_json


def scan(toolbox: Toolbox, root: Path, paths: Iterable[str], timeout: float) -> ToolReport:
    """What zizmor says of the workflow and action files among `paths`, POSIX, below `root`; `timeout` in seconds.

    Raises TransientError when it can't be installed.
    """
    version = toolbox.version(NAME)
    named = [path for path in paths if is_workflow_file(path)]
    if not named:
        return ToolReport(tool=NAME, version=version, ok=True, reason="there is no workflow or action file")
    done = toolbox.run(NAME, *_OPTIONS, *(f"./{path}" for path in named), cwd=root, timeout=timeout)
    completed = set(_COMPLETED.findall(done.stderr)) & {path for path in named if path.isprintable()}
    nothing_read = done.exit_code == _NO_INPUT and not done.timed_out
    try:
        results = [] if nothing_read else _READ(done.stdout)
    except ValidationError:
        return _no_evidence(version, unreadable(NAME, done, timeout))
    if done.timed_out or not (nothing_read or done.exit_code == 0):
        return _no_evidence(version, failed(NAME, done))
    if strangers := {result.place.path for result in results} - completed:
        return _no_evidence(version, f"zizmor speaks of {min(strangers)!r}, which it did not look at")
    lines = {path: (root / path).read_text("utf-8", "replace").splitlines() for path in completed}
    found = [_finding(result, lines) for result in results]
    found += [_not_analysed(path) for path in named if path not in completed]
    ordered = tuple(sorted(found, key=lambda each: (each.path, each.line, each.rule)))
    return ToolReport(tool=NAME, version=version, ok=True, examined=len(named), findings=ordered)


def _no_evidence(version: str, reason: str) -> ToolReport:
    return ToolReport(tool=NAME, version=version, ok=False, reason=reason)


def _finding(result: _Result, lines: Mapping[str, Sequence[str]]) -> Finding:
    place, span = result.place, result.place.concrete.location
    first, last = span.start_point.row + 1, span.end_point.row + 1
    text = "\n".join(line.strip() for line in lines[place.path][first - 1 : last])
    said = f": {place.symbolic.annotation}" if place.symbolic.annotation else ""
    return Finding(
        tool=NAME,
        rule=result.ident,
        severity=_level(result),
        message=f"{result.desc[:1].upper()}{result.desc[1:]}{said}",
        path=place.path,
        line=first,
        end_line=last,
        remedy=f"See {result.url}" if result.url else "See zizmor's page of the rule.",
        fingerprint=fingerprint(NAME, result.ident, place.path, text),
    )


def _level(result: _Result) -> Severity:
    """How bad; what zizmor is not sure of is no error."""
    level = _LEVELS[result.determinations.severity]
    if result.ident in _REMARKS:
        return Severity.NOTE
    unsure = result.determinations.confidence in ("Low", "Unknown")
    return Severity.WARNING if unsure and level is Severity.ERROR else level


def _not_analysed(path: str) -> Finding:
    return Finding(
        tool=NAME,
        rule=NOT_ANALYSED,
        severity=Severity.ERROR,
        message=f"{path} is no workflow or action that can be read",
        path=path,
        remedy="Correct the file as GitHub's pages on workflow syntax say.",
        fingerprint=fingerprint(NAME, NOT_ANALYSED, path),
    )

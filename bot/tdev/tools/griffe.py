"""griffe: breaks in the public interface of packages between two trees, told as findings.

Comes in: two checkouts, and which packages are looked at. Goes out: a report with one finding per break. A script of
ours (griffe_reader.py) asks griffe, in the sandbox; it reads source and imports nothing. What breaks every caller that
used it is a warning; what only may (a value of a constant, an old name that was assigned) is a note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.scan.paths import is_test_path
from tdev.settings import Settings
from tdev.tools import api_reading, griffe_reader
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "griffe"
_MESSAGES: Mapping[str, tuple[str, Severity]] = {
    "OBJECT_REMOVED": ("{object} is gone", Severity.WARNING),
    "OBJECT_CHANGED_KIND": ("{object} is now another kind of thing", Severity.WARNING),
    "CLASS_REMOVED_BASE": ("{object} lost a base class", Severity.WARNING),
    "PARAMETER_MOVED": ("{object} takes its parameter {detail} in another place", Severity.WARNING),
    "PARAMETER_REMOVED": ("{object} no longer takes the parameter {detail}", Severity.WARNING),
    "PARAMETER_CHANGED_KIND": ("{object} takes the parameter {detail} in another way", Severity.WARNING),
    "PARAMETER_CHANGED_REQUIRED": ("{object} now needs the parameter {detail}", Severity.WARNING),
    "PARAMETER_ADDED_REQUIRED": ("{object} needs a new parameter {detail}", Severity.WARNING),
    "PARAMETER_CHANGED_DEFAULT": ("{object} has another default for {detail}", Severity.WARNING),
    "RETURN_CHANGED_TYPE": ("{object} returns another type", Severity.WARNING),
    "ATTRIBUTE_CHANGED_TYPE": ("{object} has another type", Severity.NOTE),
    "ATTRIBUTE_CHANGED_VALUE": ("{object} has another value", Severity.NOTE),
}
_REMEDY = "Keep the old way beside the new one, warn that it will go, or raise the major version."


class _Break(BaseModel):
    kind: str
    object: str
    file: str
    line: int
    detail: str
    shim: bool


class _Answer(BaseModel):
    examined: int
    breaks: list[_Break]


@dataclass(frozen=True)
class Trees:
    """What is compared."""

    before: Path
    """Checkout of the base."""
    after: Path
    """Checkout of the head."""
    packages: Mapping[str, Sequence[str]]
    """Packages by name, each with the folders it may be in, POSIX, relative to either checkout."""


def breaks(settings: Settings, trees: Trees, timeout: float) -> ToolReport:
    """What callers of the packages lose from one tree to the other; `timeout` is in seconds.

    Not ok when griffe crashed, was stopped, or saw no public object of the base.
    """
    toolbox = Toolbox(settings)
    version = toolbox.version(NAME)
    old, new = trees.before.resolve(), trees.after.resolve()
    packages = {name: list(places) for name, places in trees.packages.items()}
    task = json.dumps({"old": str(old), "new": str(new), "packages": packages})
    script, beside = Path(griffe_reader.__file__), Path(api_reading.__file__)
    done = run_walled(toolbox, NAME, task, folder=new, timeout=timeout, script=script, readable=(old, beside))
    if not done.ok:
        reason = unreadable(NAME, done, timeout) if done.timed_out or done.truncated else failed(NAME, done)
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError:
        return ToolReport(tool=NAME, version=version, ok=False, reason=unreadable(NAME, done, timeout))
    unknown = sorted({one.kind for one in answer.breaks} - set(_MESSAGES))
    if unknown or not answer.examined:
        reason = f"griffe told unknown breaks: {', '.join(unknown)}" if unknown else "griffe saw no public object"
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    found = {(one.fingerprint, one.line): one for one in map(_finding, answer.breaks) if not is_test_path(one.path)}
    ordered = tuple(sorted(found.values(), key=lambda one: (one.path, one.line, one.symbol)))
    return ToolReport(tool=NAME, version=version, ok=True, examined=answer.examined, findings=ordered)


def _finding(told: _Break) -> Finding:
    message, severity = _MESSAGES[told.kind]
    rule = told.kind.lower().replace("_", "-")
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.NOTE if told.shim else severity,
        message=message.format(object=told.object, detail=told.detail),
        path=told.file,
        line=told.line,
        symbol=told.object,
        remedy=_REMEDY,
        fingerprint=fingerprint(NAME, rule, told.object, told.detail),
    )

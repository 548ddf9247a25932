"""radon: the maintainability index of each file. It says nothing of files it can't parse; here they become findings.

Called by measure, for the quality gate's comparison of base and head; only the maintainability
index is taken (complexity comes from our own scan). radon is no longer developed, but its index is
what people know.

It ends with 0 on a file it can't parse, so each path must be in the answer. It reads settings from
the folder it stands in, hence the empty one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdev.adapters.private_folder import private_folder
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.settings import Settings
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox

NAME = "radon"
_FILES_AT_ONCE = 500


@dataclass(frozen=True)
class Maintainability:
    """What radon said of a tree."""

    report: ToolReport
    """Whether it worked, and the files it could not parse."""
    indexes: Mapping[str, float] = field(default_factory=dict)
    """Maintainability index, 0..100, by POSIX path."""


def maintainability(settings: Settings, checkout: Path, paths: Sequence[str], timeout: float) -> Maintainability:
    """The index of each file; not ok when radon crashed, was stopped, or left a file out.

    `paths` are relative to `checkout`, `timeout` is in seconds. Raises TransientError when radon can't be installed.
    """
    toolbox = Toolbox(settings)
    version = toolbox.version(NAME)
    indexes: dict[str, float] = {}
    findings: list[Finding] = []
    for batch in _batches([path for path in paths if (checkout / path).is_file()]):
        reason = _measure(toolbox, checkout, batch, timeout, indexes, findings)
        if reason:
            return Maintainability(ToolReport(tool=NAME, version=version, ok=False, reason=reason))
    report = ToolReport(
        tool=NAME, version=version, ok=True, examined=len(indexes) + len(findings), findings=tuple(findings)
    )
    return Maintainability(report, indexes)


def _measure(
    toolbox: Toolbox,
    checkout: Path,
    batch: Sequence[str],
    timeout: float,
    indexes: dict[str, float],
    findings: list[Finding],
) -> str:
    """Measure some files; returns why it failed, or an empty string. Run in an empty folder: no settings are read."""
    root = checkout.absolute()
    with private_folder("radon") as empty:
        done = toolbox.run(NAME, "mi", "--json", *(root / path for path in batch), cwd=empty, timeout=timeout)
    if done.timed_out:
        return unreadable(NAME, done, timeout)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return unreadable(NAME, done, timeout)
    if not done.ok or not isinstance(said, dict):
        return failed(NAME, done)
    for path in batch:
        facts = said.get(str(root / path))
        if not isinstance(facts, dict) or not ("mi" in facts or "error" in facts):
            return f"radon said nothing about {path}"
        if "mi" in facts:
            indexes[path] = round(float(facts["mi"]), 2)
        else:
            findings.append(_unparsed(path, str(facts["error"])))
    return ""


def _unparsed(path: str, message: str) -> Finding:
    """A file radon can't parse."""
    return Finding(
        tool=NAME,
        rule="syntax-error",
        severity=Severity.ERROR,
        message=f"{path} can't be parsed: {message}",
        path=path,
        remedy="Correct the syntax.",
        fingerprint=fingerprint(NAME, "syntax-error", path),
    )


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """The paths in portions that fit on a command line."""
    for start in range(0, len(paths), _FILES_AT_ONCE):
        yield paths[start : start + _FILES_AT_ONCE]

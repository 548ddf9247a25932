"""mypy: errors of types in a project's own code, told as findings; nothing of the repository is imported or run.

Comes in: a clone of the commit, the files to look at, settings of ours (core/type_settings.py), a folder for mypy's
cache. Goes out: a report with every error. mypy runs in the sandbox. What it says of a module that is not there, and of
what such modules give, is left out by its settings.

In JSON it prints one object a line and nothing where all is well, so a file of ours must be spoken of each time. mypy
takes a file for unchanged when size and second of its last change are the same; that would be wrong between two
checkouts made in one second, so all files get a time of their own and are compared by content.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.adapters.private_folder import private_folder
from tdev.adapters.process import Completed
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.module_names import Layout
from tdev.core.type_settings import CANARY
from tdev.settings import Settings
from tdev.tools.line_texts import LineTexts
from tdev.tools.no_evidence import unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "mypy"
_OPTIONS = (
    "--output", "json",
    "--no-site-packages",
    "--explicit-package-bases",
    "--namespace-packages",
    "--ignore-missing-imports",
    "--follow-imports", "silent",
    "--no-error-summary",
    "--show-absolute-path",
    "--fixed-format-cache",
)  # fmt: skip
_ENDS = (0, 1)
_LATEST = 2**31
_UNSURE = ("var-annotated",)
"""Codes that often come from a library whose types are not there: shown, never held against a change."""


class _Said(BaseModel):
    file: str
    line: int
    message: str
    code: str | None = None
    severity: str
    hint: str | None = None


@dataclass(frozen=True)
class Job:
    """What is to be looked at."""

    folder: Path
    """A clone of the commit, of whose files the times may be set."""
    layout: Layout
    """Its files and the roots they are imported from."""
    ini: str
    """Settings."""
    cache: Path
    """Where mypy keeps what it knows, absolute; one process at a time."""


def check(settings: Settings, job: Job, timeout: float) -> ToolReport:
    """What mypy says of the job's files; not ok when it crashed, was stopped, or did not come to look at them.

    `timeout` is in seconds. Raises TransientError when mypy can't be installed.
    """
    toolbox = Toolbox(settings)
    version = toolbox.version(NAME)
    _set_times(job.folder, job.layout.files)
    with private_folder("mypy") as folder:
        canary = job.cache / CANARY / f"{CANARY}.py"
        canary.parent.mkdir(exist_ok=True)
        canary.write_text("reveal_type(0)\n")
        (folder / "mypy.ini").write_text(job.ini, "utf-8")
        names = [str(canary), *(f"./{path}" for path in job.layout.files)]
        (folder / "files").write_text("\n".join(names) + "\n", "utf-8")
        roots = (str(canary.parent), *(str(job.folder.resolve() / root) for root in job.layout.roots))
        words = ("--config-file", folder / "mypy.ini", "--cache-dir", job.cache, *_OPTIONS, f"@{folder / 'files'}")
        done = run_walled(
            toolbox, NAME, *words, folder=job.folder, timeout=timeout, readable=(folder,), writable=(job.cache,),
            variables={"MYPYPATH": os.pathsep.join(roots)},
        )  # fmt: skip
        return _report(version, job, done, timeout, canary.name)


def _set_times(folder: Path, paths: Mapping[str, str]) -> None:
    """Give all files a time that no earlier run has seen."""
    stamp = secrets.randbelow(_LATEST)
    for path in paths:
        os.utime(folder / path, (stamp, stamp), follow_symlinks=False)


def _report(version: str, job: Job, done: Completed, timeout: float, canary: str) -> ToolReport:
    try:
        said = [_Said.model_validate_json(line) for line in done.stdout.splitlines() if line.strip()]
    except ValidationError:
        return ToolReport(tool=NAME, version=version, ok=False, reason=unreadable(NAME, done, timeout))
    spoken = any(Path(one.file).name == canary and "Revealed type" in one.message for one in said)
    if done.timed_out or done.truncated or done.stopped_by or done.exit_code not in _ENDS or not spoken:
        reason = said[0].message if said and done.exit_code not in _ENDS else unreadable(NAME, done, timeout)
        return ToolReport(tool=NAME, version=version, ok=False, reason=f"mypy did not come to its end: {reason}")
    texts = LineTexts(job.folder, job.layout.files)
    errors = [one for one in said if one.severity == "error"]
    places = [_place(one.file, job) for one in errors]
    lost = [one.file for one, place in zip(errors, places, strict=True) if not place]
    if lost:
        return ToolReport(
            tool=NAME, version=version, ok=False, reason=f"mypy told of {lost[0]}, which it was not asked"
        )
    found = [_finding(one, place, texts) for one, place in zip(errors, places, strict=True)]
    ordered = tuple(sorted(found, key=lambda finding: (finding.path, finding.line, finding.rule)))
    return ToolReport(tool=NAME, version=version, ok=True, examined=len(job.layout.files), findings=ordered)


def _place(file: str, job: Job) -> str:
    """The path inside the tree; empty for a file that is not one of it.

    What mypy keeps of an unchanged file names the checkout in which it was first looked at.
    """
    parts = [part for part in Path(file).parts if part != "/"]
    inside = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((one for one in inside if (job.folder / one).is_file()), "")


def _finding(said: _Said, path: str, texts: LineTexts) -> Finding:
    rule = said.code or "error"
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.NOTE if rule in _UNSURE else Severity.WARNING,
        message=said.message,
        path=path,
        line=max(said.line, 0),
        remedy="Make the types agree; `mypy` on the file tells more.",
        fingerprint=fingerprint(NAME, rule, path, said.message, texts.line(path, said.line)),
    )

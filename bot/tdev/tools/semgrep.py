"""semgrep: static analysis with the rules of policies/semgrep, in one start, and nothing in the tree can hide from it.

Ignore files and `nosemgrep` comments of the scanned tree have no effect. What semgrep could not analyse becomes a
finding of the rule `not-analysed`; it never passes for clean.

Called by measure. Comes in: a checkout. Goes out: findings, which the security gate compares
between base and head. The rules are ours, in policies/semgrep, each with tests beside it; their
format is in semgrep's documentation.

Start-up takes most of the time (2.5 of 3 seconds), so all rules are used at once. Without the
options and variables that turn off its version check it waits over a minute and a half where there
is no network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tdev.adapters import process
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

NAME = "semgrep"
NOT_ANALYSED = "not-analysed"
"""Rule of the findings about files, or parts of them, that semgrep could not analyse."""

_RULE_SECONDS = 30
_ENVIRONMENT = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
_OPTIONS = (
    "scan",
    "--json",
    "--metrics", "off",
    "--disable-version-check",
    "--disable-nosem",
    "--no-rewrite-rule-ids",
    "--novcs",
    "--no-git-ignore",
    "--x-ignore-semgrepignore-files",
    "--exclude", ".git",
    "--max-target-bytes", "0",
    "--timeout", str(_RULE_SECONDS),
    "--jobs", "2",
)  # fmt: skip
_LEVELS = {
    "CRITICAL": Severity.ERROR,
    "ERROR": Severity.ERROR,
    "HIGH": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "MEDIUM": Severity.WARNING,
    "INFO": Severity.NOTE,
    "LOW": Severity.NOTE,
}


class _Position(BaseModel):
    line: int


class _Extra(BaseModel):
    severity: str
    message: str
    metadata: dict[str, Any] = {}


class _Result(BaseModel):
    check_id: str
    path: str
    start: _Position
    end: _Position
    extra: _Extra


class _Span(BaseModel):
    file: str
    start: _Position
    end: _Position


class _Error(BaseModel):
    type: Any = ""
    message: str = ""
    path: str | None = None
    spans: list[_Span] | None = None


class _Paths(BaseModel):
    scanned: list[str]


class _Output(BaseModel):
    """What `semgrep scan --json` prints, as far as it is used."""

    results: list[_Result]
    errors: list[_Error]
    paths: _Paths


_SUBJECTS = (".py", ".pyi", ".yml", ".yaml", ".sh")
"""Endings of the files that policies/semgrep has rules for, container files aside."""


def scan(settings: Settings, root: Path, timeout: float, paths: Sequence[str] | None = None) -> ToolReport:
    """What semgrep says of the files below `root` (of `paths` alone where given), at most `timeout` seconds.

    Not ok when it crashed, was stopped, left a message about its rules, or examined nothing although there are Python
    files. Raises TransientError when it can't be installed.
    """
    toolbox = Toolbox(settings)
    version = toolbox.version(NAME)
    root = root.absolute()
    expected = _python_files(root) if paths is None else [path for path in paths if path.endswith(".py")]
    if (paths is not None and not paths) or (paths is None and not _has_subjects(root)):
        return ToolReport(tool=NAME, version=version, ok=True)
    targets = ["."] if paths is None else [f"./{path}" for path in paths]
    done = toolbox.run(
        NAME, *_OPTIONS, "--config", (settings.policies / "semgrep").absolute(), *targets,
        cwd=root, timeout=timeout, environment=_ENVIRONMENT,
    )  # fmt: skip
    try:
        output = _Output.model_validate_json(done.stdout)
    except ValidationError:
        return ToolReport(tool=NAME, version=version, ok=False, reason=_why_silent(done, timeout))
    reason = _why_not_ok(done, output, expected)
    if reason:
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    return _report(root, version, output, expected)


def _report(root: Path, version: str, output: _Output, expected: Sequence[str]) -> ToolReport:
    """The report of a scan that worked."""
    texts = _Texts(root)
    scanned = {_plain(path) for path in output.paths.scanned}
    silent = [_silent(path) for path in expected if path not in scanned]
    findings = {
        (found.rule, found.path, found.line, found.end_line): found
        for found in (
            *(_finding(result, texts) for result in output.results),
            *(found for error in output.errors for found in _unparsed(error, texts)),
            *silent,
        )
    }
    ordered = tuple(sorted(findings.values(), key=lambda found: (found.path, found.line, found.rule)))
    return ToolReport(tool=NAME, version=version, ok=True, examined=len(scanned), findings=ordered)


def _why_silent(done: process.Completed, timeout: float) -> str:
    """Why there is no output that could be read."""
    if done.timed_out:
        return f"semgrep was stopped after {timeout:g} s"
    if done.truncated:
        return "semgrep printed more than can be kept"
    return f"semgrep's answer can't be read (exit code {done.exit_code}): {done.tail(3)}"


def _why_not_ok(done: process.Completed, output: _Output, expected: Sequence[str]) -> str:
    """Why a scan that ended is no evidence; empty when it is."""
    general = [error.message for error in output.errors if not error.path]
    if general:
        return f"semgrep could not use its rules: {general[0][:300]}"
    if done.timed_out or done.truncated or done.exit_code not in (0, 1, 3):
        return f"semgrep failed with exit code {done.exit_code}: {done.tail(3)}"
    if expected and not output.paths.scanned:
        return f"semgrep examined none of {len(expected)} Python files"
    unknown = {result.extra.severity for result in output.results} - set(_LEVELS)
    return f"semgrep used unknown levels: {', '.join(sorted(unknown))}" if unknown else ""


def _finding(result: _Result, texts: _Texts) -> Finding:
    path, first, last = _plain(result.path), result.start.line, result.end.line
    remedy = result.extra.metadata.get("remedy", "")
    return Finding(
        tool=NAME,
        rule=result.check_id,
        severity=_LEVELS[result.extra.severity],
        message=" ".join(result.extra.message.split()),
        path=path,
        line=first,
        end_line=last,
        remedy=remedy if isinstance(remedy, str) else "",
        fingerprint=fingerprint(NAME, result.check_id, path, texts.part(path, first, last)),
    )


def _unparsed(error: _Error, texts: _Texts) -> Iterator[Finding]:
    """What could not be analysed: the lines where semgrep names them, else the whole file."""
    path = _plain(error.path or "")
    kind = error.type[0] if isinstance(error.type, list) and error.type else str(error.type)
    partly = kind == "PartialParsing" and error.spans
    for span in (error.spans or []) if partly else [None]:
        first, last = (span.start.line, span.end.line) if span else (0, 0)
        yield _not_analysed(path, first, last, " ".join(error.message.split())[:300], texts.part(path, first, last))


def _silent(path: str) -> Finding:
    """A Python file semgrep does not mention."""
    return _not_analysed(path, 0, 0, "semgrep left it out", "")


def _not_analysed(path: str, first: int, last: int, why: str, text: str) -> Finding:
    return Finding(
        tool=NAME,
        rule=NOT_ANALYSED,
        severity=Severity.ERROR,
        message=f"{path} was not analysed: {why}",
        path=path,
        line=first,
        end_line=last,
        remedy="Correct the syntax, or split the file so that it can be analysed.",
        fingerprint=fingerprint(NAME, NOT_ANALYSED, path, text),
    )


class _Texts:
    """The scanned files' lines, read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, list[str]] = {}

    def part(self, path: str, first: int, last: int) -> str:
        """Lines `first` to `last` with their white space made even; empty when they can't be read."""
        if path not in self._lines:
            self._lines[path] = _lines_of(self._root / path)
        return "\n".join(" ".join(line.split()) for line in self._lines[path][max(first - 1, 0) : last])


def _lines_of(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []


def _plain(path: str) -> str:
    """A path as git writes it, fit for JSON."""
    return path.removeprefix("./").encode("utf-8", "replace").decode()


def _has_subjects(root: Path) -> bool:
    """Whether any file is of a kind that a rule looks at; our own policy file is not."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        inside = Path(folder).relative_to(root)
        for name in names:
            subject = (
                name.lower().endswith(_SUBJECTS) or "dockerfile" in name.lower() or "containerfile" in name.lower()
            )
            if subject and inside / name != Path(".github/tdev.yml"):
                return True
    return False


def _python_files(root: Path) -> list[str]:
    """Every Python file below a folder, links and git's own folder left out."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            file = Path(folder, name)
            if name.endswith(".py") and not file.is_symlink():
                found.append(os.fsencode(file.relative_to(root)).decode("utf-8", "replace"))
    return sorted(found)

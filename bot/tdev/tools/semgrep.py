"""semgrep: static analysis with the rules of policies/semgrep, in one start, and nothing in the tree can hide from it.

Ignore files and `nosemgrep` comments of the scanned tree have no effect. What semgrep could not analyse becomes a
finding of the rule `not-analysed`; it never passes for clean.

Called by measure. Comes in: a checkout. Goes out: findings, which the security gate compares
between base and head. The rules are ours, in policies/semgrep, each with tests beside it; their
format is in semgrep's documentation.

All rules are used at once. `--experimental` is semgrep's own front end in one program: it says the same, file by file
and error by error, and starts in a third of a second; the one in Python needs three. Without the options and variables
that turn off its version check it waits over a minute and a half where there is no network.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from tdev.adapters import process
from tdev.core.artifacts.finding import ToolReport
from tdev.settings import Settings
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.semgrep_output import LEVELS, NAME, Output, Texts, finding_of, left_out, plain, unparsed
from tdev.tools.toolbox import Toolbox

_RULE_SECONDS = 30
_ENVIRONMENT = {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
_OPTIONS = (
    "scan",
    "--experimental",
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


_SUBJECTS = (".py", ".pyi", ".yml", ".yaml", ".sh")
"""Endings of the files that policies/semgrep has rules for, container files aside."""


class Scan(NamedTuple):
    """What a scan gave."""

    report: ToolReport
    """Its findings."""
    scanned: frozenset[str]
    """The files it looked at, POSIX."""


def scan(settings: Settings, root: Path, timeout: float, paths: Sequence[str] | None = None) -> ToolReport:
    """What semgrep says of the files below `root` (of `paths` alone where given), at most `timeout` seconds.

    Not ok when it crashed, was stopped, left a message about its rules, or examined nothing although there are Python
    files. Raises TransientError when it can't be installed.
    """
    return scan_files(settings, root, timeout, paths).report


def scan_files(settings: Settings, root: Path, timeout: float, paths: Sequence[str] | None = None) -> Scan:
    """As `scan`, with the names of the files that were looked at."""
    toolbox = Toolbox(settings)
    version = toolbox.version(NAME)
    root = root.absolute()
    expected = _python_files(root) if paths is None else [path for path in paths if path.endswith(".py")]
    if (paths is not None and not paths) or (paths is None and not _has_subjects(root)):
        return Scan(ToolReport(tool=NAME, version=version, ok=True), frozenset())
    targets = ["."] if paths is None else [f"./{path}" for path in paths]
    done = toolbox.run(
        NAME, *_OPTIONS, "--config", (settings.policies / "semgrep").absolute(), *targets,
        cwd=root, timeout=timeout, environment=_ENVIRONMENT,
    )  # fmt: skip
    try:
        output = Output.model_validate_json(done.stdout)
    except ValidationError:
        return _no_scan(version, unreadable(NAME, done, timeout))
    reason = _why_not_ok(done, output, expected)
    return _no_scan(version, reason) if reason else _scan(root, version, output, expected)


def is_subject(path: str) -> bool:
    """Whether a file is of a kind that a rule looks at; our own policy file is not."""
    name = path.rsplit("/", 1)[-1].lower()
    containers = "dockerfile" in name or "containerfile" in name
    return (name.endswith(_SUBJECTS) or containers) and path != ".github/tdev.yml"


def _no_scan(version: str, reason: str) -> Scan:
    return Scan(ToolReport(tool=NAME, version=version, ok=False, reason=reason), frozenset())


def _scan(root: Path, version: str, output: Output, expected: Sequence[str]) -> Scan:
    """The report of a scan that worked."""
    texts = Texts(root)
    scanned = frozenset(plain(path) for path in output.paths.scanned)
    silent = [left_out(path) for path in expected if path not in scanned]
    findings = {
        (found.rule, found.path, found.line, found.end_line): found
        for found in (
            *(finding_of(result, texts) for result in output.results),
            *(found for error in output.errors for found in unparsed(error, texts)),
            *silent,
        )
    }
    ordered = tuple(sorted(findings.values(), key=lambda found: (found.path, found.line, found.rule)))
    return Scan(ToolReport(tool=NAME, version=version, ok=True, examined=len(scanned), findings=ordered), scanned)


def _why_not_ok(done: process.Completed, output: Output, expected: Sequence[str]) -> str:
    """Why a scan that ended is no evidence; empty when it is."""
    general = [error.message for error in output.errors if not error.path]
    if general:
        return f"semgrep could not use its rules: {general[0][:300]}"
    if done.timed_out or done.truncated or done.exit_code not in (0, 1, 3):
        return failed(NAME, done)
    if expected and not output.paths.scanned:
        return f"semgrep examined none of {len(expected)} Python files"
    unknown = {result.extra.severity for result in output.results} - set(LEVELS)
    return f"semgrep used unknown levels: {', '.join(sorted(unknown))}" if unknown else ""


def _has_subjects(root: Path) -> bool:
    """Whether any file is of a kind that a rule looks at; our own policy file is not."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        inside = Path(folder).relative_to(root)
        if any(is_subject((inside / name).as_posix()) for name in names):
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

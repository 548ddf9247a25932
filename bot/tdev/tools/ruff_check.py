"""ruff check: the rules that a repository has chosen for itself, told as findings.

Comes in: a tree in which its settings stand. Goes out: a report with every finding in Python files. ruff runs in the
sandbox, as its settings may name other files (`extend`), and writes nothing. Ignore files of git have no say in what is
looked at; `noqa` comments have, as in any run of ruff (evidence/unsilenced.py takes those away that a change added).
Settings that ask for another version of ruff than ours are left alone, and the report says so.

Its JSON is one list; files that were looked at are asked for apart, since an empty list alone proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.manifests.documents import parse_toml, table
from tdev.core.scan.paths import is_python_path
from tdev.settings import Settings
from tdev.tools.line_texts import LineTexts
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "ruff"
_OWN_FILES = ("ruff.toml", ".ruff.toml")
_OPTIONS = ("check", "--no-cache", "--no-respect-gitignore")
_OTHER_VERSION = "Required version"
_JSON = ("--output-format", "json", "--no-fix", "--no-show-fixes", "--quiet")
_ENDS = (0, 1)
SYNTAX = "invalid-syntax"


class _Place(BaseModel):
    row: int
    column: int


class _Said(BaseModel):
    code: str | None
    filename: str
    message: str
    location: _Place
    end_location: _Place


_ANSWER = TypeAdapter(list[_Said])


def holds_settings(path: str) -> bool:
    """Whether ruff would look for its settings in a file of this path."""
    return path.rpartition("/")[2] in (*_OWN_FILES, "pyproject.toml")


def is_configured_by(path: str, text: str) -> bool:
    """Whether a file with this text configures ruff."""
    return path.rpartition("/")[2] in _OWN_FILES or bool(table(parse_toml(text), "tool", NAME))


def check(settings: Settings, folder: Path, regular: Collection[str], timeout: float) -> ToolReport:
    """What ruff says of the Python files below a folder, under the settings that stand there.

    `regular` are its Python files that may be read, POSIX, `timeout` is in seconds. Not ok when ruff crashed, was
    stopped, could not use its settings, or found nothing to look at.
    """
    toolbox = Toolbox(settings)
    version, root = toolbox.version(NAME), folder.resolve()
    if not regular:
        return ToolReport(tool=NAME, version=version, ok=True, reason="there is no Python file")
    listed = run_walled(toolbox, NAME, *_OPTIONS, "--show-files", ".", folder=root, timeout=timeout)
    if _OTHER_VERSION in listed.stderr and not listed.stdout:
        return ToolReport(tool=NAME, version=version, ok=True, reason=f"its settings do not want ruff {version}")
    if not listed.ok:
        return _none(version, failed(NAME, listed))
    files = {_inside(root, line) for line in listed.stdout.splitlines() if is_python_path(line)} & set(regular)
    if not files:
        return _none(version, "ruff looks at none of the Python files: its settings leave them all out")
    done = run_walled(toolbox, NAME, *_OPTIONS, *_JSON, ".", folder=root, timeout=timeout)
    if done.timed_out or done.truncated or done.stopped_by or done.exit_code not in _ENDS:
        return _none(version, unreadable(NAME, done, timeout))
    try:
        said = _ANSWER.validate_python(json.loads(done.stdout))
    except (ValueError, ValidationError):
        return _none(version, unreadable(NAME, done, timeout))
    if bool(said) != bool(done.exit_code):
        return _none(version, f"ruff's answer and its exit code {done.exit_code} contradict each other")
    texts = LineTexts(root, files)
    found = [_finding(one, _inside(root, one.filename), texts) for one in said if is_python_path(one.filename)]
    ordered = tuple(sorted(found, key=lambda finding: (finding.path, finding.line, finding.rule)))
    return ToolReport(tool=NAME, version=version, ok=True, examined=len(files), findings=ordered)


def _none(version: str, reason: str) -> ToolReport:
    return ToolReport(tool=NAME, version=version, ok=False, reason=reason)


def _inside(root: Path, name: str) -> str:
    """A file's path relative to the tree; as it is where it lies elsewhere."""
    path = Path(name)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else name


def _finding(said: _Said, path: str, texts: LineTexts) -> Finding:
    rule = said.code or SYNTAX
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.WARNING,
        message=said.message,
        path=path,
        line=said.location.row,
        end_line=max(said.end_location.row, said.location.row),
        remedy=f"Do as the rule says; `ruff rule {rule}` explains it.",
        fingerprint=fingerprint(NAME, rule, path, said.message, texts.line(path, said.location.row)),
    )

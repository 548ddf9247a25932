"""vulture: code that nothing can reach and names that nothing uses, told as findings.

Comes in: a tree and its Python files, tests among them, since what they use is used. Goes out: a report. A script of
ours (vulture_reader.py) asks vulture, in the sandbox. Settings of the tree have no say, `noqa` comments have.

vulture goes by names: one that occurs anywhere counts as used, so what it says of a name is seldom wrong about private
ones and often about public ones. Warnings are unreachable code, and private functions and classes of a module that
nothing registers; public ones, and imports (ruff's matter), are notes.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.adapters.private_folder import private_folder
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.settings import Settings
from tdev.tools import vulture_reader
from tdev.tools.line_texts import LineTexts
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "vulture"


class _Unused(BaseModel):
    kind: str
    name: str
    message: str
    file: str
    line: int
    end_line: int
    alone: bool
    yields: bool


class _Answer(BaseModel):
    examined: int
    unused: list[_Unused]


def unused(settings: Settings, folder: Path, paths: Collection[str], timeout: float) -> ToolReport:
    """What nothing reaches or uses in the Python files of a tree; `timeout` is in seconds.

    `paths` are regular files, POSIX, relative to the folder. Not ok when vulture crashed, was stopped, or could read
    none of them.
    """
    toolbox = Toolbox(settings)
    version, root = toolbox.version(NAME), folder.resolve()
    if not paths:
        return ToolReport(tool=NAME, version=version, ok=True, reason="there is no Python file")
    with private_folder("vulture") as private:
        (private / "paths").write_text("\n".join(sorted(paths)) + "\n", "utf-8")
        words, script = (root, private / "paths"), Path(vulture_reader.__file__)
        done = run_walled(
            toolbox, NAME, *words, folder=root, timeout=timeout, script=script, readable=(private,)
        )  # fmt: skip
    if not done.ok:
        reason = unreadable(NAME, done, timeout) if done.timed_out or done.truncated else failed(NAME, done)
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError:
        return ToolReport(tool=NAME, version=version, ok=False, reason=unreadable(NAME, done, timeout))
    if not answer.examined:
        return ToolReport(tool=NAME, version=version, ok=False, reason="vulture could read no file")
    texts = LineTexts(root, paths)
    findings = tuple(_finding(one, texts) for one in answer.unused if not one.yields)
    return ToolReport(tool=NAME, version=version, ok=True, examined=answer.examined, findings=findings)


def _finding(told: _Unused, texts: LineTexts) -> Finding:
    unreachable = told.kind == "unreachable_code"
    private = told.alone and told.name.startswith("_")
    rule = "unreachable-code" if unreachable else f"unused-{'private' if private else told.kind}"
    what = texts.line(told.file, told.line) if unreachable else told.name
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.WARNING if unreachable or private else Severity.NOTE,
        message=f"{told.message[:1].upper()}{told.message[1:]}",
        path=told.file,
        line=told.line,
        end_line=told.line if unreachable else told.end_line,
        symbol="" if unreachable else told.name,
        remedy="Take it out." if unreachable else "Take it out, or use it.",
        fingerprint=fingerprint(NAME, rule, told.file, what),
    )

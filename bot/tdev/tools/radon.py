"""radon: the maintainability index of each file. It says nothing of files it can't parse; here they become findings.

Called by measure, for the quality gate's comparison of base and head; only the maintainability
index is taken (complexity comes from our own scan). radon is no longer developed, but its index is
what people know.

It ends with 0 on a file it can't parse, so each path must be in the answer. It reads settings from
the folder it stands in, hence the empty one. It reads UTF-8 alone: a file that declares another encoding is given to
it as a copy.
"""

from __future__ import annotations

import json
import tokenize
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
_UNDECODED = "codec can't decode"


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
    root = checkout.absolute()
    answers: dict[str, Mapping[str, object]] = {}
    with private_folder("radon") as empty:
        for batch in _batches([path for path in paths if (checkout / path).is_file()]):
            files = {path: root / path for path in batch}
            reason = _ask(toolbox, files, empty, timeout, answers)
            copies = _in_utf8({path: root / path for path in batch if _UNDECODED in _error(answers, path)}, empty)
            reason = reason or (_ask(toolbox, copies, empty, timeout, answers) if copies else "")
            if reason:
                return Maintainability(ToolReport(tool=NAME, version=version, ok=False, reason=reason))
    findings = tuple(_unparsed(path, _error(answers, path)) for path in answers if "mi" not in answers[path])
    indexes = {path: round(float(str(facts["mi"])), 2) for path, facts in answers.items() if "mi" in facts}
    report = ToolReport(tool=NAME, version=version, ok=True, examined=len(answers), findings=findings)
    return Maintainability(report, indexes)


def _ask(
    toolbox: Toolbox, files: Mapping[str, Path], empty: Path, timeout: float, answers: dict[str, Mapping[str, object]]
) -> str:
    """Put radon's answer about each file among `answers`; returns why it failed, or an empty string."""
    done = toolbox.run(NAME, "mi", "--json", *files.values(), cwd=empty, timeout=timeout)
    if done.timed_out:
        return unreadable(NAME, done, timeout)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return unreadable(NAME, done, timeout)
    if not done.ok or not isinstance(said, dict):
        return failed(NAME, done)
    for path, file in files.items():
        facts = said.get(str(file))
        if not isinstance(facts, dict) or not ("mi" in facts or "error" in facts):
            return f"radon said nothing about {path}"
        answers[path] = facts
    return ""


def _error(answers: Mapping[str, Mapping[str, object]], path: str) -> str:
    """What radon could not do with a file; empty where it has an index or was not reached."""
    return str(answers.get(path, {}).get("error", ""))


def _in_utf8(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Copies of the files that declare an encoding of their own, which radon does not heed."""
    copies = {}
    for number, (path, file) in enumerate(files.items()):
        try:
            with tokenize.open(file) as opened:
                text = opened.read()
        except (OSError, SyntaxError, UnicodeError):
            continue
        copies[path] = folder / f"{number}.py"
        copies[path].write_text(text, "utf-8")
    return copies


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

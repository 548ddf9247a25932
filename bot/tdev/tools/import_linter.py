"""import-linter: contracts of a project between its own modules, told as findings where they are broken.

Comes in: a tree in which its settings stand, and its layout. Goes out: a report with one finding for each import that a
broken contract rests on. A script of ours (import_linter_reader.py) asks import-linter, in the sandbox; the project's
modules are read, not imported.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.manifests.documents import parse_ini, parse_toml, table
from tdev.core.module_names import Layout
from tdev.settings import Settings
from tdev.tools import import_linter_reader
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.toolbox import Toolbox
from tdev.tools.walled import run_walled

NAME = "import-linter"
RULE = "broken-contract"
FILES = ("setup.cfg", ".importlinter", "pyproject.toml")
"""Where import-linter looks for settings, in its order."""
_WIDE = {"COLUMNS": "2000"}


class _Broken(BaseModel):
    name: str
    imports: list[tuple[str, str, int]]
    about: str


class _Answer(BaseModel):
    refused: str = ""
    kept: list[str] = []
    broken: list[_Broken] = []


def is_configured_by(path: str, text: str) -> bool:
    """Whether a file with this text configures import-linter."""
    if path.endswith(".toml"):
        return bool(table(parse_toml(text), "tool", "importlinter"))
    return "importlinter" in parse_ini(text)


def contracts(settings: Settings, folder: Path, file: str, layout: Layout, timeout: float) -> ToolReport:
    """Which contracts of the settings in `file` (POSIX, relative to the folder) are broken; `timeout` is in seconds.

    `examined` is how many contracts were checked. Not ok when import-linter crashed, was stopped, checked none, or the
    settings ask for what is not done here.
    """
    toolbox = Toolbox(settings)
    version, root = toolbox.version(NAME), folder.resolve()
    words = (root, file, json.dumps(layout.roots))
    script = Path(import_linter_reader.__file__)
    done = run_walled(toolbox, NAME, *words, folder=root, timeout=timeout, script=script, variables=_WIDE)
    if not done.ok:
        reason = unreadable(NAME, done, timeout) if done.timed_out or done.truncated else failed(NAME, done)
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError:
        return ToolReport(tool=NAME, version=version, ok=False, reason=unreadable(NAME, done, timeout))
    examined = len(answer.kept) + len(answer.broken)
    if answer.refused or not examined:
        reason = f"import-linter was not asked: {answer.refused}" if answer.refused else "no contract was checked"
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason)
    paths = {module: path for path, module in layout.files.items()}
    findings = tuple(finding for broken in answer.broken for finding in _findings(broken, paths))
    return ToolReport(tool=NAME, version=version, ok=True, examined=examined, findings=findings)


def _findings(broken: _Broken, paths: dict[str, str]) -> list[Finding]:
    """One finding for each import of a broken contract; one for the whole where it names none."""
    if not broken.imports:
        about = broken.about.splitlines()[0] if broken.about else "it is broken"
        return [_finding(f"The contract {broken.name!r} is broken: {about}", "", 0, (broken.name, broken.about))]
    return [
        _finding(
            f"The contract {broken.name!r} is broken by {importer} importing {imported}",
            paths.get(importer, ""),
            line if importer in paths else 0,
            (broken.name, importer, imported),
        )
        for importer, imported, line in dict.fromkeys(broken.imports)
    ]


def _finding(message: str, path: str, line: int, facts: tuple[str, ...]) -> Finding:
    return Finding(
        tool=NAME,
        rule=RULE,
        severity=Severity.WARNING,
        message=message,
        path=path,
        line=line,
        remedy="Import the other way round, or through a module that both may use.",
        fingerprint=fingerprint(NAME, RULE, *facts),
    )

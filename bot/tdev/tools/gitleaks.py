"""gitleaks: third search for credentials, where the program is installed; it also finds random texts by their names.

Called by secrets.py, after kingfisher and detect-secrets. Of 48 planted credentials the two found 30 and it found 36,
the nine more all of them random texts under a name such as `token`; on 10 MB of source and pages it had no false alarm
(docs/decisions/0017-three-searches.md). It is built with Go, which not every machine has, so its absence is no lack of
evidence; the report's version says who searched. Ignore comments and files have no effect.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from tdev.core.artifacts.finding import Severity
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.secret_hits import Hit, Search, identity_of, judged
from tdev.tools.toolbox import Toolbox

NAME = "gitleaks"
BY_NAME = "generic-api-key"
"""Its rule that goes by a name; what it finds may be made up."""
_OPTIONS = (
    "dir", ".", "--no-banner", "--no-color", "--log-level", "error", "--ignore-gitleaks-allow", "--exit-code", "0",
    "--report-format", "json", "--report-path", "-",
)  # fmt: skip


class _Entry(BaseModel):
    rule: str = Field(alias="RuleID")
    file: str = Field(alias="File", min_length=1)
    line: int = Field(alias="StartLine", ge=0)
    end_line: int = Field(alias="EndLine", ge=0)
    secret: str = Field(alias="Secret")


_READ = TypeAdapter(list[_Entry]).validate_json


def search(toolbox: Toolbox, folder: Path, timeout: float) -> Search:
    """Every credential below `folder`, which holds the canary; `timeout` in seconds."""
    done = toolbox.run(NAME, *_OPTIONS, cwd=folder, timeout=timeout)
    if done.timed_out or done.truncated:
        return Search(reason=unreadable(NAME, done, timeout))
    try:
        entries = _READ(done.stdout)
    except ValidationError:
        return Search(reason=unreadable(NAME, done, timeout))
    if not done.ok:
        return Search(reason=failed(NAME, done))
    return judged(NAME, [_hit(entry) for entry in entries])


def _hit(entry: _Entry) -> Hit:
    return Hit(
        item=Path(entry.file).parts[0],
        rule=entry.rule,
        severity=Severity.WARNING if entry.rule.startswith("generic") else Severity.ERROR,
        line=max(entry.line, 1),
        end_line=max(entry.end_line, entry.line, 1),
        identity=identity_of(entry.secret),
    )

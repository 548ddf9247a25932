"""detect-secrets: second search for credentials, also by the names they are assigned to; entropy is not looked at.

Called by secrets.py, beside kingfisher. On 17 planted credentials each program alone missed some.
Its search by entropy is off, since it gave about 200 false alarms on a clean package of 4,000
lines; names of variables are what it adds.

Filters that skip whole kinds of files, or lines with a comment, are off: the author of a change
must not be able to hide one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.core.artifacts.finding import Severity
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.secret_hits import Hit, Search, judged
from tdev.tools.toolbox import Toolbox

NAME = "detect-secrets"
BY_NAME = frozenset({"secret-keyword", "basic-auth-credentials"})
"""Rules that go by a name or a place; what they find may be made up."""

LARGEST = 1024 * 1024
"""Most bytes of a file that it is given: it takes several seconds for each MiB."""
_FILTERS = ("allowlist.is_line_allowlisted", "heuristic.is_lock_file", "heuristic.is_swagger_file")
_PLUGINS = ("Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector")
_OPTIONS = (
    "scan",
    "--all-files",
    "--no-verify",
    *(word for name in _FILTERS for word in ("--disable-filter", f"detect_secrets.filters.{name}")),
    *(word for name in _PLUGINS for word in ("--disable-plugin", name)),
    ".",
)


class _Entry(BaseModel):
    type: str
    hashed_secret: str
    line_number: int


class _Output(BaseModel):
    """What `detect-secrets scan` prints, as far as it is used."""

    results: dict[str, list[_Entry]]


def search(toolbox: Toolbox, folder: Path, timeout: float, left_out: Collection[str] = ()) -> Search:
    """Every credential below `folder`, which holds the canary, but for the items `left_out`."""
    without = ("--exclude-files", f"^(?:{'|'.join(map(re.escape, left_out))})/") if left_out else ()
    done = toolbox.run(NAME, *_OPTIONS[:-1], *without, _OPTIONS[-1], cwd=folder, timeout=timeout)
    if done.timed_out:
        return Search(reason=unreadable(NAME, done, timeout))
    try:
        output = _Output.model_validate_json(done.stdout)
    except ValidationError:
        return Search(reason=unreadable(NAME, done, timeout))
    if not done.ok:
        return Search(reason=failed(NAME, done))
    return judged("detect-secrets", [_hit(path, entry) for path, found in output.results.items() for entry in found])


def _hit(path: str, entry: _Entry) -> Hit:
    rule = re.sub(r"[^a-z0-9]+", "-", entry.type.lower()).strip("-")
    return Hit(
        item=Path(path).parts[0],
        rule=rule,
        severity=Severity.WARNING if rule in BY_NAME else Severity.ERROR,
        line=entry.line_number,
        end_line=entry.line_number,
        identity=entry.hashed_secret,
    )

"""kingfisher: searches files for credentials of known shape, offline; ignore comments have no effect.

Called by secrets.py, beside detect_secrets. It is one binary from the package index. It ends with
200 when it found something; that nothing was found counts only when its own summary says that every
file was looked at, and when it has found the canary.

It could ask services whether a credential is live. That stays off: credentials of a change are
never sent anywhere.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from tdev.adapters.private_folder import private_folder
from tdev.core.artifacts.finding import Severity
from tdev.tools.no_evidence import failed, unreadable
from tdev.tools.secret_hits import Hit, Search, identity_of, judged, plant_canary
from tdev.tools.toolbox import Toolbox

NAME = "kingfisher-bin"
_FOUND = 200
_PREPARE_SECONDS = 120.0
_OPTIONS = (
    "scan",
    "--no-validate",
    "--no-update-check",
    "--no-ignore",
    "--no-dedup",
    "--git-history", "none",
    "--commit-metadata", "false",
    "--format", "json",
    "--quiet",
)  # fmt: skip


class _Rule(BaseModel):
    name: str


class _Found(BaseModel):
    snippet: str
    line: int
    path: str


class _Entry(BaseModel):
    rule: _Rule
    finding: _Found


class _Summary(BaseModel):
    blobs_scanned: int


class _Metadata(BaseModel):
    summary: _Summary


class _Audit(BaseModel):
    class Summary(BaseModel):
        """How the searched folders fared."""

        scan_succeeded: int
        scan_partial: int
        scan_failed: int

    summary: Summary


class _Output(BaseModel):
    """What `kingfisher scan --format json` prints, as far as it is used."""

    findings: list[_Entry]
    audit: _Audit
    metadata: _Metadata


def search(toolbox: Toolbox, folder: Path, blobs: int, timeout: float) -> Search:
    """Every credential below `folder`, which holds at least `blobs` different non-empty files and the canary."""
    cache = toolbox.settings.cache / "kingfisher"
    cache.mkdir(parents=True, exist_ok=True)
    cache = cache.resolve()
    done = toolbox.run(NAME, *_OPTIONS, "--rule-cache-dir", cache, folder, cwd=cache, timeout=timeout)
    if done.timed_out:
        return Search(reason=unreadable("kingfisher", done, timeout))
    try:
        output = _Output.model_validate_json(done.stdout)
    except ValidationError:
        return Search(reason=unreadable("kingfisher", done, timeout))
    audit, seen = output.audit.summary, output.metadata.summary.blobs_scanned
    if done.exit_code not in (0, _FOUND) or not audit.scan_succeeded or audit.scan_partial or audit.scan_failed:
        return Search(reason=failed("kingfisher", done))
    if seen < blobs:
        return Search(reason=f"kingfisher examined {seen} of {blobs} files")
    hits = []
    for entry in output.findings:
        path = Path(entry.finding.path)
        if not path.is_relative_to(folder):
            return Search(reason=f"kingfisher reported a file outside the searched folder: {path}")
        hits.append(_hit(entry, path.relative_to(folder)))
    return judged("kingfisher", hits)


def prepare(toolbox: Toolbox) -> None:
    """Compile its rules ahead of the first search, which takes some seconds; they are kept in the cache."""
    with private_folder("kingfisher") as folder:
        plant_canary(folder)
        search(toolbox, folder, 1, _PREPARE_SECONDS)


def _hit(entry: _Entry, path: Path) -> Hit:
    name, found = entry.rule.name, entry.finding
    return Hit(
        item=path.parts[0],
        rule=name,
        severity=Severity.WARNING if name.startswith("generic") else Severity.ERROR,
        line=max(found.line, 1),
        end_line=max(found.line, 1) + found.snippet.count("\n"),
        identity=identity_of(found.snippet),
    )

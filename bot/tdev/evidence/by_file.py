"""Programs that look at each file by itself, asked only about files that they have not seen yet.

What one said of a file is kept by the file's name and content, so a change costs as much as it touches, and base and
head share what they have in common. Files whose names are no UTF-8 can't be named on a command line that comes back in
JSON: a tree that has one is looked at as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

from pydantic import BaseModel

from tdev.adapters.content_cache import open_evidence
from tdev.core.artifacts.finding import Finding, ToolReport
from tdev.evidence.kept import key_of
from tdev.evidence.subject import Commit
from tdev.tools import radon, semgrep
from tdev.tools.radon import Maintainability
from tdev.tools.semgrep_output import NAME as SEMGREP
from tdev.tools.semgrep_output import NOT_ANALYSED

MOST_FILES = 1000
"""More new files than this are looked at as a whole tree: a command line holds only so many names."""


class _Seen(BaseModel):
    """What was said of one file."""

    examined: bool = False
    index: float | None = None
    findings: tuple[Finding, ...] = ()


def static_analysis(commit: Commit) -> ToolReport:
    """Semgrep's report on a commit."""
    run = commit.run
    seconds = run.policy.limits.tool_seconds
    files = {path: blob for path, blob in commit.files.items() if semgrep.is_subject(path)}
    if any("\ufffd" in path for path in files):
        return semgrep.scan(run.settings, commit.checkout, seconds)
    keys = _keys(commit, SEMGREP, files)
    known = _recalled(commit, keys)
    new = sorted(set(files) - set(known))
    scan = semgrep.scan_files(run.settings, commit.checkout, seconds, None if len(new) > MOST_FILES else new)
    if not scan.report.ok:
        return scan.report
    if any(finding.path not in files for finding in scan.report.findings):
        return scan.report if len(new) > MOST_FILES else semgrep.scan(run.settings, commit.checkout, seconds)
    said = _by_path(scan.report.findings)
    fresh = {path: _Seen(examined=path in scan.scanned, findings=said.get(path, ())) for path in new}
    _keep(commit, {keys[path]: seen for path, seen in fresh.items() if _whole(seen)})
    known.update(fresh)
    findings = tuple(finding for path in sorted(known) for finding in known[path].findings)
    examined = sum(seen.examined for seen in known.values())
    return scan.report.model_copy(update={"examined": examined, "findings": findings})


def maintainability(commit: Commit, paths: Iterable[str]) -> Maintainability:
    """Radon's indexes of some files of a commit."""
    run = commit.run
    blobs = commit.files
    files = {path: blobs[path] for path in paths if path in blobs}
    keys = _keys(commit, radon.NAME, files)
    known = _recalled(commit, keys)
    new = sorted(set(files) - set(known))
    fresh = radon.maintainability(run.settings, commit.checkout, new, run.policy.limits.tool_seconds)
    if not fresh.report.ok:
        return fresh
    said = _by_path(fresh.report.findings)
    seen = {path: _Seen(index=fresh.indexes.get(path), findings=said.get(path, ())) for path in new}
    _keep(commit, {keys[path]: one for path, one in seen.items()})
    known.update(seen)
    findings = tuple(finding for path in sorted(known) for finding in known[path].findings)
    report = fresh.report.model_copy(update={"examined": len(known), "findings": findings})
    return Maintainability(report, {path: one.index for path, one in known.items() if one.index is not None})


def _keys(commit: Commit, name: str, files: Mapping[str, str]) -> dict[str, str]:
    """The key of each file's answer."""
    common = key_of(commit.run, name)
    return {path: sha256(f"{common}\0{path}\0{blob}".encode()).hexdigest() for path, blob in files.items()}


def _recalled(commit: Commit, keys: Mapping[str, str]) -> dict[str, _Seen]:
    with open_evidence(commit.run.settings) as cache:
        bodies = cache.find(keys.values())
    read: Callable[[str], _Seen] = _Seen.model_validate_json
    return {path: read(bodies[key]) for path, key in keys.items() if key in bodies}


def _keep(commit: Commit, seen: Mapping[str, _Seen]) -> None:
    with open_evidence(commit.run.settings) as cache:
        cache.keep({key: one.model_dump_json() for key, one in seen.items()})


def _whole(seen: _Seen) -> bool:
    """Nothing of the file was left out, as happens under load: that is tried again."""
    return not any(finding.rule == NOT_ANALYSED for finding in seen.findings)


def _by_path(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    said: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        said[finding.path] = (*said.get(finding.path, ()), finding)
    return said

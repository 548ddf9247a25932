"""Known vulnerabilities of what a change adds to lock files of npm, pnpm, Yarn, Go and Cargo.

Comes in: two commits. Goes out: a ToolReport, which dependencies.py joins with that of Python. The locks are read by
core/locks, the service is asked by osv_records.py; no package manager and no registry takes part. A lock that changed
and can't be read, and a package without an answer, are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.locks import (
    Asked,
    LockChange,
    Locked,
    Package,
    asked_by,
    is_lock,
    is_manifest,
    lock_change,
    locked_by,
    unlocked,
)
from tdev.gates.security.dependencies import UNREACHABLE
from tdev.settings import Settings
from tdev.tools import osv_records
from tdev.tools.osv import why_unreachable
from tdev.tools.pip_audit import Vulnerability

NAME = "dependencies"


def audit(settings: Settings, git: Git, base_sha: str, head_sha: str, timeout: float) -> ToolReport:
    """What is known of the packages that the head locks and the base did not; `timeout` is in seconds.

    Raises TransientError when git fails.
    """
    (before, asked_before), (after, asked_after) = _at_commit(git, base_sha), _at_commit(git, head_sha)
    if not after and not asked_after:
        return ToolReport(tool=NAME, ok=True)
    change = lock_change(before, after)
    loose = unlocked(asked_before, asked_after, after)
    findings = (*_foreign(change), *map(_unlocked, loose))
    if change.problems:
        return ToolReport(tool=NAME, ok=False, reason="; ".join(change.problems), findings=findings)
    if not change.packages:
        reason = f"no lock adds a package between base and head ({change.files} lock files compared)"
        examined = len(change.remote) + len(loose)
        return ToolReport(tool=NAME, ok=True, reason=reason, examined=examined, findings=findings)
    unreachable = why_unreachable(settings)
    if unreachable:
        return ToolReport(tool=NAME, ok=False, reason=f"{UNREACHABLE}: {unreachable}", findings=findings)
    known = osv_records.ask(settings, change.packages, timeout)
    found = (_vulnerable(package, each) for package, all_of in known.vulnerabilities.items() for each in all_of)
    return ToolReport(
        tool=NAME,
        ok=not known.reason,
        reason=known.reason,
        examined=len(known.vulnerabilities) + len(change.remote) + len(loose),
        findings=(*findings, *found),
    )


def _at_commit(git: Git, sha: str) -> tuple[Mapping[str, Locked], tuple[Asked, ...]]:
    """What the locks of a commit say, and what its manifests ask for."""
    paths = [path for path in git.files(sha) if is_lock(path) or is_manifest(path)]

    def text_of(path: str) -> str:
        return git.run("cat-file", "blob", f"{sha}:{path}").stdout

    return locked_by(paths, text_of), asked_by(paths, text_of)


def _unlocked(asked: Asked) -> Finding:
    """What a manifest asks for and no lock names, or a manifest that can't be read."""
    if asked.name:
        message = f"No lock says which version of {asked.name} ({asked.ecosystem}) is taken, so nothing is known of it"
    else:
        message = f"{asked.path} can't be read, so nobody can say what it asks for"
    return Finding(
        tool=NAME,
        rule="unlocked-dependency",
        severity=Severity.WARNING,
        message=message,
        path=asked.path,
        line=asked.line,
        symbol=asked.name,
        remedy="Commit the lock file that the package manager writes.",
        fingerprint=fingerprint(NAME, "unlocked-dependency", asked.ecosystem, asked.name, asked.wanted),
    )


def _foreign(change: LockChange) -> Iterator[Finding]:
    """What comes from an address of its own, or from a registry that was not used before."""
    for package in change.remote:
        yield Finding(
            tool=NAME,
            rule="dependency-from-address",
            severity=Severity.WARNING,
            message=f"{package.name} {package.version} comes from an address that is no registry's place for it,"
            f" {bare_address(package.source)}; no vulnerability service knows it",
            path=package.path,
            line=package.line,
            symbol=package.name,
            remedy="Take a released version from the package registry.",
            fingerprint=fingerprint(NAME, "dependency-from-address", package.ecosystem, package.name, package.source),
        )
    for address, path, line in (*change.first, *change.registries):
        yield Finding(
            tool=NAME,
            rule="foreign-index",
            severity=Severity.NOTE if change.first else Severity.WARNING,
            message=f"Packages would be taken from {bare_address(address)}",
            path=path,
            line=line,
            remedy="Leave the choice of the registry to the machine that installs.",
            fingerprint=fingerprint(NAME, "foreign-index", address),
        )


def bare_address(address: str) -> str:
    """An address without credentials and without what follows the path, at most 100 characters."""
    place = address.partition("?")[0].partition("#")[0]
    scheme, separator, rest = place.partition("://")
    if separator:
        host, slash, path = rest.partition("/")
        place = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    return place[:100]


def _vulnerable(package: Package, vulnerability: Vulnerability) -> Finding:
    numbers = [alias for alias in vulnerability.aliases if alias.startswith("CVE-")]
    known_as = f"{vulnerability.id} ({', '.join(numbers)})" if numbers else vulnerability.id
    if vulnerability.fixed:
        remedy = f"Raise {package.name} to {vulnerability.fixed[0]} or later."
    else:
        remedy = f"No version of {package.name} with a fix is known; use another package."
    summary = vulnerability.summary or "its record has no summary"
    return Finding(
        tool=NAME,
        rule=vulnerability.id,
        severity=Severity.ERROR,
        message=f"{package.name} {package.version} ({package.ecosystem}) has a known vulnerability,"
        f" {known_as}: {summary}",
        path=package.path,
        line=package.line,
        symbol=package.name,
        remedy=remedy,
        fingerprint=fingerprint(NAME, vulnerability.id, package.name, package.version),
    )

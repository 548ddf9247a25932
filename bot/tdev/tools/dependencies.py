"""Dependencies that a change brings: known vulnerabilities, and packages that come from an address of their own.

Comes in: two commits (for the security gate), or a folder (for the recipe `dependencies`). Goes
out: findings of pip-audit on what is new, or the pins that are vulnerable. Which files ask for what
is read by core; open versions are chosen by resolve.py. npm, Go and Cargo: locked_packages.py.

Only what the change adds is judged: a vulnerability that was published yesterday in a package that
has been there for years must not stop today's change. A service that can't be reached is never a
pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tdev.adapters.git import Git
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.dependency_change import DependencyChange, dependency_change, read_dependencies
from tdev.core.fingerprint import fingerprint
from tdev.core.manifests import Dependencies, Requirement
from tdev.gates.security.dependencies import UNREACHABLE
from tdev.tools import locked_packages, pip_audit
from tdev.tools.brought import brought
from tdev.tools.osv import why_unreachable
from tdev.tools.pip_audit import Pin, Vulnerability
from tdev.tools.toolbox import Toolbox

NAME = "dependencies"
NOTHING_NEW = "no dependency changed between base and head"


@dataclass(frozen=True)
class VulnerablePin:
    """One exact version in one dependency file that has known vulnerabilities."""

    package: str
    """Normalised name."""
    version: str
    """The version it is pinned to."""
    path: str
    """Dependency file, POSIX, relative to the project."""
    line: int
    """1-based; 0 = not known."""
    vulnerabilities: tuple[Vulnerability, ...]
    """What is known."""

    @property
    def fixed(self) -> str:
        """The lowest version that mends all of them, or an empty string."""
        lowest = [each.fixed[0] for each in self.vulnerabilities if each.fixed]
        if len(lowest) < len(self.vulnerabilities):
            return ""
        return max(lowest, key=pip_audit.release, default="")


@dataclass(frozen=True)
class VulnerablePins:
    """What an audit of a project's pins gave."""

    report: ToolReport
    """Whether it worked."""
    pins: tuple[VulnerablePin, ...] = ()
    """Those with known vulnerabilities."""


def audit(
    toolbox: Toolbox, git: Git, base_sha: str, head_sha: str, project: str = ".", timeout: float = 300.0
) -> ToolReport:
    """What is known of the dependencies that the head asks for and the base did not, in all of the repository.

    Versions that are left open are chosen as an installer would, at most `timeout` seconds; `project` is not needed
    because every dependency file counts. Not ok when the service can't be reached, or leaves a package unanswered.
    Raises TransientError when git fails or pip-audit can't be installed.
    """
    del project
    python = _python(toolbox, git, base_sha, head_sha, timeout)
    locked = locked_packages.audit(toolbox.settings, git, base_sha, head_sha, timeout)
    # a waiver for a service that can't be reached must not cover another failure: those stand first
    failures = sorted((each.reason for each in (python, locked) if not each.ok), key=_is_unreachable)
    examined = python.examined + locked.examined
    nothing = "; ".join(dict.fromkeys(filter(None, (python.reason, locked.reason))))
    return ToolReport(
        tool=NAME,
        version=python.version,
        ok=not failures,
        reason="; ".join(dict.fromkeys(failures)) if failures else "" if examined else nothing,
        examined=examined,
        findings=(*python.findings, *locked.findings),
    )


def _is_unreachable(reason: str) -> bool:
    return reason.startswith(UNREACHABLE)


def _python(toolbox: Toolbox, git: Git, base_sha: str, head_sha: str, timeout: float) -> ToolReport:
    """The same of Python alone, by pip-audit."""
    version = f"pip-audit {toolbox.version(pip_audit.NAME)}"
    before, after = at_commit(git, base_sha), at_commit(git, head_sha)
    change = dependency_change(before, after)
    findings = tuple(_foreign(change))
    if change.problems:
        return ToolReport(tool=NAME, version=version, ok=False, reason="; ".join(change.problems), findings=findings)
    if not change.requirements:
        reason = f"{NOTHING_NEW} ({change.files} dependency files compared)"
        examined = len(change.remote)
        return ToolReport(
            tool=NAME, version=version, ok=True, reason="" if examined else reason, examined=examined, findings=findings
        )
    unreachable = why_unreachable(toolbox.settings)
    if unreachable:
        reason = f"{UNREACHABLE}: {unreachable}"
        return ToolReport(tool=NAME, version=version, ok=False, reason=reason, findings=findings)
    new = brought(toolbox.settings, change, before, after, timeout)
    if new.reason:
        return ToolReport(tool=NAME, version=version, ok=False, reason=new.reason, findings=findings)
    findings += tuple(_shallow(each) for each in new.shallow)
    answers = pip_audit.look_up(toolbox, new.origins, timeout)
    known = (
        _vulnerable(pin, vulnerability, new.origins[pin])
        for pin, found in answers.vulnerabilities.items()
        for vulnerability in found
    )
    return ToolReport(
        tool=NAME,
        version=version,
        ok=not answers.reason,
        reason=answers.reason,
        examined=len(answers.vulnerabilities) + len(change.remote),
        findings=(*findings, *known),
    )


def vulnerable_pins(toolbox: Toolbox, project: Path, timeout: float) -> VulnerablePins:
    """Every exact version in the dependency files of a folder that has known vulnerabilities.

    `timeout` is in seconds. The report is not ok when the service can't be reached or leaves a package unanswered.
    """
    version = f"pip-audit {toolbox.version(pip_audit.NAME)}"
    said = read_dependencies(_paths_below(project), lambda path: _text(project, path))
    pinned = [each for path in sorted(said) for each in said[path].requirements if each.version and not each.url]
    if not pinned:
        report = ToolReport(tool=NAME, version=version, ok=True, reason="no dependency is pinned to an exact version")
        return VulnerablePins(report)
    unreachable = why_unreachable(toolbox.settings)
    if unreachable:
        reason = f"{UNREACHABLE}: {unreachable}"
        return VulnerablePins(ToolReport(tool=NAME, version=version, ok=False, reason=reason))
    answers = pip_audit.look_up(toolbox, ((each.name, each.version) for each in pinned), timeout)
    found = tuple(
        VulnerablePin(each.name, each.version, each.path, each.line, answers.vulnerabilities[each.name, each.version])
        for each in pinned
        if answers.vulnerabilities.get((each.name, each.version))
    )
    report = ToolReport(
        tool=NAME,
        version=version,
        ok=not answers.reason,
        reason=answers.reason,
        examined=len(answers.vulnerabilities),
    )
    return VulnerablePins(report, found)


def at_commit(git: Git, sha: str) -> Mapping[str, Dependencies]:
    """What the dependency files of a commit say."""
    paths = git.files(sha)
    there = set(paths)

    def text_of(path: str) -> str | None:
        return git.run("cat-file", "blob", f"{sha}:{path}").stdout if path in there else None

    return read_dependencies(paths, text_of)


def _paths_below(project: Path) -> Iterator[str]:
    for file in sorted(project.rglob("*")):
        relative = file.relative_to(project)
        if file.is_file() and not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix()


def _text(project: Path, path: str) -> str | None:
    file = project / path
    inside = file.resolve().is_relative_to(project.resolve())
    return file.read_text("utf-8", "replace") if inside and file.is_file() else None


def _foreign(change: DependencyChange) -> Iterator[Finding]:
    """What comes from an index that the change names, or from an address of its own."""
    for requirement in change.remote:
        yield Finding(
            tool=NAME,
            rule="dependency-from-address",
            severity=Severity.WARNING,
            message=f"{requirement.name} comes from {_host(requirement.url)}; no vulnerability service knows it",
            path=requirement.path,
            line=requirement.line,
            symbol=requirement.name,
            remedy="Take a released version from the package index.",
            fingerprint=fingerprint(NAME, "dependency-from-address", requirement.name, requirement.url),
        )
    for address, path, line in change.indexes:
        yield Finding(
            tool=NAME,
            rule="foreign-index",
            severity=Severity.WARNING,
            message=f"Packages would be taken from {_host(address)}",
            path=path,
            line=line,
            remedy="Leave the choice of the package index to the machine that installs.",
            fingerprint=fingerprint(NAME, "foreign-index", address),
        )


def _shallow(requirement: Requirement) -> Finding:
    """An exact version of which it can't be told what it needs."""
    return Finding(
        tool=NAME,
        rule="needs-unknown",
        severity=Severity.NOTE,
        message=f"What {requirement.name} {requirement.version} needs can't be told without building it",
        path=requirement.path,
        line=requirement.line,
        symbol=requirement.name,
        remedy="Take a version that has a wheel, or list what it needs.",
        fingerprint=fingerprint(NAME, "needs-unknown", requirement.name, requirement.version),
    )


def _host(address: str) -> str:
    """The host of an address, without credentials."""
    parts = urlsplit(address.partition("+")[2] or address)
    return parts.hostname or "another place"


def _vulnerable(pin: Pin, vulnerability: Vulnerability, origin: Requirement) -> Finding:
    package, version = pin
    numbers = [alias for alias in vulnerability.aliases if alias.startswith("CVE-")]
    known_as = f"{vulnerability.id} ({', '.join(numbers)})" if numbers else vulnerability.id
    brought = f", which {origin.name} needs," if origin.name != package else ""
    if vulnerability.fixed:
        remedy = f"Raise {package} to {vulnerability.fixed[0]} or later."
    else:
        remedy = f"No version of {package} with a fix is known; use another package."
    return Finding(
        tool=NAME,
        rule=vulnerability.id,
        severity=Severity.ERROR,
        message=f"{package} {version}{brought} has a known vulnerability, {known_as}: {vulnerability.summary}",
        path=origin.path,
        line=origin.line,
        symbol=package,
        remedy=remedy,
        fingerprint=fingerprint(NAME, vulnerability.id, package, version),
    )

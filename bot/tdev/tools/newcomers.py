"""Findings about packages that a change brings: their licences, their names, their age, and what they run.

Called by packages.py. Comes in: one package with what its index says. Goes out: findings. Everything here is decided
from what was fetched; nothing is asked. Levels: what the policy's `block` stops by default is a warning or an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint
from tdev.core.licence_names import KNOWN
from tdev.core.manifests import Requirement, is_manifest
from tdev.core.spdx import Acceptance, Terms, acceptance
from tdev.policy.security_gate import Licences, NewDependencies
from tdev.tools.package_index import Release

LICENCES = "licences"
NEW = "new-dependencies"
ESTABLISHED = timedelta(days=365)
"""A project that has been on the index for longer is no trap that was laid for a slip."""


@dataclass(frozen=True)
class Newcomer:
    """One package in one exact version."""

    name: str
    """Normalised."""
    version: str
    """Exact; empty = it was not chosen yet."""
    origin: Requirement
    """The requirement that leads to it."""

    @property
    def written(self) -> bool:
        """Somebody wrote its name; a lock file lists what an installer chose."""
        return self.origin.name == self.name and is_manifest(self.origin.path)

    @property
    def said(self) -> str:
        """`mutagen 1.47 (needed by mediafile)`."""
        brought = f" (needed by {self.origin.name})" if self.origin.name != self.name else ""
        return f"{self.name} {self.version}".strip() + brought

    def finding(self, tool: str, rule: str, severity: Severity, message: str, remedy: str) -> Finding:
        """A finding at the line that asks for it; `message` goes on after its name."""
        return Finding(
            tool=tool,
            rule=rule,
            severity=severity,
            message=f"{self.said} {message}",
            path=self.origin.path,
            line=self.origin.line,
            symbol=self.origin.name,
            remedy=remedy,
            fingerprint=fingerprint(tool, rule, self.name, self.version),
        )


def of_licence(one: Newcomer, release: Release, rules: Licences, own: str) -> Iterator[Finding]:
    """What the policy says of its licence; `own` is the repository's licence as an SPDX expression."""
    if one.name in rules.exempt:
        return
    licence = release.facts.licence if release.facts else ""
    terms = Terms(rules.allow, without_own(rules.deny, own), KNOWN)
    said = acceptance(licence, terms) if licence else Acceptance.UNKNOWN
    if said is Acceptance.DENIED:
        remedy = "Use another package, or let a person put it into gates.security.licences.exempt."
        message = f"has the licence {licence}, which the policy does not allow"
        yield one.finding(LICENCES, "licence-denied", Severity.ERROR, message, remedy)
    elif said is Acceptance.UNKNOWN:
        message = f"has a licence that no list knows: {licence[:100]}" if licence else "does not say its licence"
        remedy = "Read its licence, then put its name into gates.security.licences.exempt."
        yield one.finding(LICENCES, "licence-unknown", rules.unknown, message, remedy)


def without_own(deny: tuple[str, ...], own: str) -> tuple[str, ...]:
    """The globs of denied licences that are not the repository's own: GPL may use GPL, AGPL may use both."""
    name = own.strip().upper()
    free = ("AGPL", "GPL") if name.startswith("AGPL") else ("GPL",) if name.startswith("GPL") else ()
    return tuple(glob for glob in deny if not glob.upper().startswith(free)) if free else deny


def of_name(one: Newcomer, meant: str, release: Release | None, now: datetime) -> Iterator[Finding]:
    """A name that may be taken for a popular one; only told where nobody wrote it, or it has been there for long."""
    if not meant:
        return
    first = release.first if release else None
    known_long = first is not None and now - first > ESTABLISHED
    severity = Severity.ERROR if one.written and not known_long else Severity.NOTE
    remedy = f"Check the spelling: {meant} is the well-known package."
    yield one.finding(NEW, "lookalike-name", severity, f"has nearly the name of {meant}", remedy)


def of_age(one: Newcomer, release: Release, rules: NewDependencies, now: datetime) -> Iterator[Finding]:
    """Projects and releases so young that nobody can have looked at them."""
    first, moments = release.first, [file.uploaded for file in release.files if file.uploaded]
    if first is None or not moments:
        yield one.finding(
            NEW, "age-unknown", Severity.NOTE, "has no age: its index gives no days", "Look at its history."
        )
        return
    if now - first < timedelta(days=rules.project_days):
        message = f"is a project that has been on the index since {first:%Y-%m-%d}, less than {rules.project_days} days"
        remedy = "Use a package that people know, or wait until others have looked at it."
        yield one.finding(NEW, "young-project", Severity.WARNING, message, remedy)
    elif now - min(moments) < timedelta(days=rules.release_days):
        severity = Severity.WARNING if one.written and one.version == one.origin.version else Severity.NOTE
        message = f"was released on {min(moments):%Y-%m-%d}, less than {rules.release_days} days ago"
        yield one.finding(NEW, "young-release", severity, message, "Take the release before it, or wait.")


def of_files(one: Newcomer, release: Release) -> Iterator[Finding]:
    """Releases that were taken back, and those that run code of theirs when they are installed."""
    if all(file.yanked for file in release.files):
        remedy = "Take another version."
        yield one.finding(NEW, "yanked", Severity.WARNING, "was taken back by its makers", remedy)
    if not any(file.wheel for file in release.files):
        message = "has no wheel, so code of it runs when it is installed"
        yield one.finding(NEW, "runs-at-install", Severity.WARNING, message, "Take a version that has a wheel.")


def of_source(one: Newcomer, release: Release) -> Iterator[Finding]:
    """Packages that name no place where their source could be read."""
    if release.facts is not None and not release.facts.addresses:
        message = "names no repository and no home page"
        remedy = "Use a package whose source can be read where it is made."
        severity = Severity.WARNING if one.written else Severity.NOTE
        yield one.finding(NEW, "no-source", severity, message, remedy)


def absent(one: Newcomer) -> Finding:
    """A release that no index has: a slip, or a name that somebody else may take."""
    message = "is on no index that this machine uses"
    return one.finding(NEW, "not-on-index", Severity.ERROR, message, "Check name and version.")

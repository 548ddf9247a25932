"""The section `gates.security` of the policy: what a change may not bring in."""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.model import Model


class Licences(Model):
    """Licences of packages that a change brings, directly or through others."""

    allow: tuple[str, ...] = ()
    """Globs of SPDX identifiers; empty = every known licence that is not denied."""
    deny: tuple[str, ...] = ("AGPL-*", "GPL-*", "SSPL-*", "BUSL-*", "CC-BY-NC-*")
    """Globs of SPDX identifiers that stop a change; a repository under the GPL or AGPL may use GPL packages."""
    unknown: Severity = Severity.NOTE
    """Level of a licence that can't be told, or of which nobody has decided."""
    exempt: tuple[str, ...] = ()
    """Names of packages whose licence was looked at by a person."""


class NewDependencies(Model):
    """Packages that a change brings for the first time."""

    check: bool = True
    """Ask the package index about them; their licences too."""
    release_days: int = Field(default=7, ge=0)
    """A release that the change names exactly must have been on the index for so many days."""
    project_days: int = Field(default=30, ge=0)
    """A project must have been on the index for so many days."""


class SecurityGate(Model):
    """First gate: static analysis, secrets, dependencies, write scope."""

    block: Severity = Severity.WARNING
    """New findings of at least this level on changed lines block."""
    semgrep: bool = True
    """Static analysis with policies/semgrep."""
    secrets: bool = True
    """Search for credentials in the change."""
    dependencies: bool = True
    """Known vulnerabilities in dependencies that the change brings."""
    workflows: bool = True
    """Look at workflow and action files that the change touches with zizmor."""
    new_dependencies: NewDependencies = NewDependencies()
    """Packages that a change brings for the first time."""
    licences: Licences = Licences()
    """Licences of packages that a change brings, directly or through others."""

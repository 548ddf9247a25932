"""Findings: what a tool or gate has to say about one place.

Every tool module turns its program's own output into these, so gates and pages know one form only.
Severities are SARIF's levels (https://docs.oasis-open.org/sarif/sarif/v2.1.0/, section 3.27.10) without `none`.
The fingerprint (core/fingerprint.py) is what gates/baseline.py compares: without line numbers, or an old finding
that merely moved would count as new.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class Severity(StrEnum):
    """SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Model):
    """One statement about one place, made by one rule of one tool."""

    tool: str
    """Program that said it."""
    rule: str
    """Its rule id."""
    severity: Severity
    """How bad."""
    message: str
    """One sentence; secrets are redacted."""
    path: str = ""
    """POSIX path inside the repository; empty = no single file."""
    line: int = Field(default=0, ge=0)
    """1-based first line; 0 = the whole file."""
    end_line: int = Field(default=0, ge=0)
    """1-based last line; 0 = same as `line`."""
    symbol: str = ""
    """Qualified name of the function, class, package … concerned."""
    remedy: str = ""
    """What to do about it."""
    fingerprint: str
    """Same for the same thing before and after lines have moved."""


class ToolReport(Model):
    """What one run of one outside program gave; a program that could not run is `ok = False`, never empty findings."""

    tool: str
    """Program."""
    version: str = ""
    """Its version."""
    ok: bool
    """It ran to its end, and its output was complete and understood."""
    reason: str = ""
    """Why not, when not."""
    examined: int = Field(default=0, ge=0)
    """How many files, packages … it looked at: the evidence that it did look."""
    findings: tuple[Finding, ...] = ()
    """What it found."""

"""The section `gates.quality` of the policy: the bars of the third gate, and which of its checks are asked.

One field per check of gates/quality that can be switched off, by the name the docs use.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class Mode(StrEnum):
    """What the quality gate holds against its bars."""

    RATCHET = "ratchet"
    """What the change adds or makes worse."""
    ABSOLUTE = "absolute"
    """The whole tree, however old."""


class Answer(StrEnum):
    """What becomes of what a check finds."""

    OFF = "off"
    """The check is not asked."""
    WARN = "warn"
    """It is shown and holds nothing up."""
    BLOCK = "block"
    """It holds the change up."""


class QualityGate(Model):
    """Third gate: docstrings, maintainability, complexity, types, lint, API, dead code, copies, architecture, what is
    installed for nothing.
    """

    mode: Mode = Mode.RATCHET
    """What is held against the bars: `ratchet` = what gets worse, `absolute` = the whole tree."""
    docstrings: float = Field(default=80.0, ge=0, le=100)
    """Documented share of the public symbols that the change adds."""
    maintainability: float = Field(default=65.0, ge=0, le=100)
    """Mean maintainability index of the files the change adds."""
    maintainability_lowest: float = Field(default=20.0, ge=0, le=100)
    """Lowest index of any file the change adds."""
    maintainability_drop: float = Field(default=5.0, ge=0, le=100)
    """How many points an older file below the bar may lose."""
    complexity: int = Field(default=10, ge=1)
    """Cyclomatic number of functions the change adds or makes more complex."""
    types: bool = True
    """mypy, where the project is typed."""
    lint: bool = True
    """ruff, where the project configures it."""
    api: Answer = Answer.BLOCK
    """Breaks in the public API of a package without a new major version: `block`, `warn`, `off`."""
    dead_code: bool = True
    """Code that the change adds and nothing can reach or use."""
    duplicate_lines: int = Field(default=10, ge=0)
    """Shortest block of lines that counts as a copy; 0 = not looked for."""
    architecture: bool = True
    """import-linter, where the project configures it."""
    unused_dependencies: Answer = Answer.BLOCK
    """Dependencies that the change leaves without a use: `block`, `warn`, `off`."""
    focus: Answer = Answer.WARN
    """Changes outside the files that the plan names, and very large ones: `block`, `warn`, `off`."""
    focus_percent: float = Field(default=50.0, ge=0, le=100)
    """Share of the changed lines that may lie outside those files before `focus: block` blocks."""
    change_lines: int = Field(default=1000, ge=1)
    """Added and removed lines above which a change counts as very large."""

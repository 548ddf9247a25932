"""The section `gates.tests` of the policy: how well a change has to be tested."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class Proof(StrEnum):
    """What is done when every new or altered test passes without the change as well."""

    AUTO = "auto"
    """It stops a fix, a feature, and what adds public functions or classes; elsewhere it is a remark."""
    BLOCK = "block"
    """It stops every change."""
    REMARK = "remark"
    """It is told, and stops nothing."""
    OFF = "off"
    """It is not looked for."""


class Drafter(StrEnum):
    """Who drafts tests for changed functions."""

    HYPOTHESIS = "hypothesis"
    """Its ghostwriter: properties of annotated functions that look pure."""
    PYNGUIN = "pynguin"
    """A search for calls that reach a module's branches."""


class TestsGate(Model):
    """Second gate: tests and coverage."""

    __test__ = False

    changed_coverage: float = Field(default=80.0, ge=0, le=100)
    """Share of the changed executable lines that tests must run."""
    paths: tuple[str, ...] = ()
    """Test files or folders to run, inside the project; empty = whatever its own configuration says."""
    coverage_drop: float = Field(default=0.1, ge=0, le=100)
    """How many points the whole may lose (measuring noise)."""
    proof: Proof = Proof.AUTO
    """Whether a new or altered test has to fail without the change: `auto`, `block`, `remark`, `off`."""
    reruns: bool = True
    """Run new, altered and newly failing tests three times more, in random order."""
    mutation_seconds: int = Field(default=30, ge=0, le=3600)
    """Wall clock for mutants of the changed functions; 0 = none are made."""
    mutation_score: float = Field(default=60.0, ge=0, le=100)
    """Share of these mutants that tests must notice, where at least ten were tried."""
    generated_seconds: int = Field(default=0, ge=0, le=3600)
    """Wall clock of the search for tests worth keeping, as remarks; 0 = none are drafted."""
    generated: tuple[Drafter, ...] = (Drafter.HYPOTHESIS, Drafter.PYNGUIN)
    """Who drafts them; they are kept where they run changed lines, or kill mutants, that no test does."""

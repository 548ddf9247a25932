"""The two sides of a change in figures and findings: evaluation.json, and baseline.json for the `before` half.

stages/measure.py fills a Measurement for one commit; stages/evaluate.py puts base and head side by side; the gates
read nothing else. A missing measurement must stay visible: `ok` with a reason, or None, never an empty success.
Line numbers count from 1 and paths are POSIX, relative to the repository, while test ids are relative to the
project's folder: gates/tests/kept.py joins the two.
The models hold facts alone. What counts as good or bad is decided in gates/, the score in core/score.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.verdict import Verdict


class TestOutcome(StrEnum):
    """How one test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"

    @property
    def bad(self) -> bool:
        """True for a test that failed or could not be carried out."""
        return self in (TestOutcome.FAILED, TestOutcome.ERROR)


class TestRun(Model):
    """One run of the project's tests."""

    __test__ = False

    ok: bool
    """The runner ran to its end and its report was complete, whatever the tests' outcomes."""
    reason: str = ""
    """Why not, when not: crashed, timed out, no tests found, environment could not be made."""
    runner: str = "pytest"
    """Program that ran them."""
    outcomes: Mapping[str, TestOutcome] = Field(default_factory=dict)
    """Outcome by test id."""
    failures: Mapping[str, str] = Field(default_factory=dict)
    """Shortened failure text by test id, for feedback and reports."""
    seconds: float = 0.0
    """Wall clock."""
    covered_lines: Mapping[str, tuple[int, ...]] = Field(default_factory=dict)
    """Executed lines by POSIX path."""
    missing_lines: Mapping[str, tuple[int, ...]] = Field(default_factory=dict)
    """Executable lines that no test ran, by POSIX path."""
    excluded_lines: Mapping[str, tuple[int, ...]] = Field(default_factory=dict)
    """Lines that a comment takes out of the measure, by POSIX path, where there are any."""

    def count(self, outcome: TestOutcome) -> int:
        """How many tests ended so."""
        return sum(1 for value in self.outcomes.values() if value is outcome)

    @property
    def passed(self) -> frozenset[str]:
        """Ids of the tests that passed."""
        return frozenset(name for name, value in self.outcomes.items() if value is TestOutcome.PASSED)


class Symbol(Model):
    """One function, method or class, as the quality gate sees it."""

    path: str
    """POSIX path."""
    name: str
    """Qualified name inside the file."""
    kind: str
    """`module`, `class` or `function`."""
    line: int
    """1-based first line."""
    end_line: int
    """1-based last line."""
    public: bool
    """No leading underscore anywhere in the name, and not in a test."""
    documented: bool
    """Has a docstring."""
    typed: bool
    """Every parameter and the result are annotated; true for classes and modules."""
    complexity: int = 1
    """McCabe's cyclomatic number; 1 for classes and modules."""


class Metrics(Model):
    """The figures of one tree. None = could not be measured (never 0 in its place)."""

    python_files: int = 0
    """Python files, tests included."""
    python_lines: int = 0
    """Their lines."""
    tests_passed: int | None = None
    """Tests that passed."""
    tests_failed: int | None = None
    """Tests that failed or ended in an error."""
    tests_skipped: int | None = None
    """Tests that were skipped."""
    coverage_percent: float | None = None
    """Executed share of executable lines of the project's own code, tests left out, 0..100."""
    docstring_percent: float | None = None
    """Documented share of public modules, classes and functions, 0..100."""
    maintainability_mean: float | None = None
    """Mean maintainability index of non-test files, 0..100 (radon)."""
    maintainability_lowest: float | None = None
    """Lowest of them."""
    complexity_mean: float | None = None
    """Mean cyclomatic number of functions."""
    complexity_highest: int | None = None
    """Highest of them."""
    typed_percent: float | None = None
    """Fully annotated share of functions, 0..100."""
    findings: int | None = None
    """Findings of error or warning level."""


class Measurement(Model):
    """Everything that was measured on one commit."""

    sha: str
    """The commit."""
    metrics: Metrics
    """The figures."""
    tests: TestRun
    """The test run behind them."""
    reports: tuple[ToolReport, ...] = ()
    """What each outside program said: static analysis, secrets, dependencies, maintainability …"""
    symbols: tuple[Symbol, ...] = ()
    """Every function, class and module of the non-test Python files."""
    maintainability: Mapping[str, float] = Field(default_factory=dict)
    """Maintainability index by POSIX path."""

    def report(self, tool: str) -> ToolReport | None:
        """What one program said, or None when it was not asked."""
        return next((report for report in self.reports if report.tool == tool), None)


class Evaluation(Model):
    """Before and after, and what changed between."""

    judged_on: date | None = None
    """Day on which it was made, UTC: a waiver that ended before does not count. None = not known."""
    kind: GoalKind = GoalKind.EVOLVE
    """Build or evolve: a build must answer as its contract says."""
    goals: tuple[str, ...] = ()
    """What its tasks are for, by the names of their prompts, e.g. `fix-issue`; empty where there is no plan."""
    before: Measurement
    """The base commit."""
    after: Measurement
    """The head commit, from a clean checkout."""
    changed_lines: Mapping[str, tuple[int, ...]] = Field(default_factory=dict)
    """1-based lines of the new tree that the patch added or altered, by POSIX path."""
    paths: tuple[str, ...] = ()
    """Every path the patch touches, deleted ones included."""
    built_folder: str = ""
    """Folder a build makes, POSIX, `.` for the whole repository: protected files may be added there; else empty."""
    guard: Verdict | None = None
    """What the patch guard says of the change, rule by rule; None = it was not asked."""
    contract: ToolReport | None = None
    """Contract tests against the running service; builds only."""
    score: float = Field(ge=0, le=100)
    """0..100; the formula is in docs/evaluation.md."""
    score_parts: Mapping[str, float] = Field(default_factory=dict)
    """The score's terms by name, already weighted."""

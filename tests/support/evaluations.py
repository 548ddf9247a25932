"""Evaluations in memory: a base, a head, and a patch between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tdev.core.artifacts.evaluation import Evaluation, Measurement, Symbol, TestOutcome, TestRun
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.patch import ChangedFile, Patch
from tdev.core.metrics import metrics
from tdev.core.patch_guard import Bounds, Change, judge_patch
from tdev.policy.waiver import Waiver

Outcomes = Mapping[str, str]
CONFIGURED = ("deptry", "duplicates", "focus", "griffe", "import-linter", "mypy", "ruff", "vulture")
"""Programs that only look where a project asks for them."""


TODAY = date(2026, 6, 15)
"""The day on which the evaluations of these tests are made."""


def waiver_of(check: str, expires: date = date(2026, 6, 15), **facts: object) -> Waiver:
    """A waiver that two people stand for, valid until the end of TODAY."""
    given = {"check": check, "reason": "because we say so here", "owner": "ada", "approved_by": "grace"}
    return Waiver.model_validate({**given, "expires": expires, **facts})


def outcomes_of(outcomes: Outcomes | str, covered: object = None, missing: object = None) -> TestRun:
    """A test run; a text instead of outcomes is the reason why there is none."""
    if isinstance(outcomes, str):
        return TestRun(ok=False, reason=outcomes)
    return TestRun.model_validate(
        {
            "ok": True,
            "outcomes": {name: TestOutcome(value) for name, value in outcomes.items()},
            "covered_lines": covered or {},
            "missing_lines": missing or {},
        }
    )


def symbol(name: str, path: str = "a.py", **facts: object) -> Symbol:
    """A public, documented, simple function."""
    given = {"kind": "function", "line": 3, "end_line": 9, "public": True, "documented": True, "typed": True}
    return Symbol.model_validate({**given, "name": name, "path": path, **facts})


def measured(
    tests: TestRun, symbols: tuple[Symbol, ...] = (), indexes: Mapping[str, float] | None = None
) -> Measurement:
    """What was measured on one commit, scan and radon having worked."""
    reports = (
        ToolReport(tool="scan", ok=True, examined=1),
        ToolReport(tool="radon", ok=True, examined=1),
        *(ToolReport(tool=tool, ok=True, reason="not configured") for tool in CONFIGURED),
    )
    figures = metrics(
        python_files=1,
        python_lines=10,
        tests=tests,
        symbols=symbols,
        maintainability=indexes or {},
        reports=reports,
    )
    return Measurement(
        sha="a" * 40, metrics=figures, tests=tests, reports=reports, symbols=symbols, maintainability=indexes or {}
    )


def evaluated(before: Measurement, after: Measurement, **facts: object) -> Evaluation:
    """Both together; the patch guard found nothing."""
    given = {"before": before, "after": after, "guard": judge_patch(Change(), Bounds()), "score": 50.0}
    return Evaluation.model_validate({**given, **facts})


def patch_of(*files: ChangedFile) -> Patch:
    """A patch of changed files."""
    return Patch(base_sha="a" * 40, head_sha="b" * 40, files=files, engine="recipes")

"""evaluation.md: the figures before and after, and what every program found, for people.

stages/evaluate.py writes it beside evaluation.json. It uses the same list of metrics as the pull request's body.
Text of programs and paths of the repository pass through core/outbound.py; long lists are cut and say so.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.outbound import inline
from tdev.core.shown import compared_rows

_MOST_FINDINGS = 100


def evaluation_markdown(evaluation: Evaluation) -> str:
    """The whole page."""
    return "\n".join((*_figures(evaluation), *_score(evaluation), *_tests(evaluation), *_programs(evaluation))) + "\n"


def _figures(evaluation: Evaluation) -> Iterator[str]:
    yield "# Evaluation"
    yield ""
    yield f"Base `{evaluation.before.sha[:12]}`, head `{evaluation.after.sha[:12]}`; `–` was not measured."
    yield ""
    yield from compared_rows(evaluation.before.metrics, evaluation.after.metrics)
    yield ""


def _score(evaluation: Evaluation) -> Iterator[str]:
    parts = ", ".join(f"{name} {points:g}" for name, points in evaluation.score_parts.items())
    yield f"Score: **{evaluation.score:g}** of 100 ({parts}). How it is reckoned: docs/evaluation.md."
    yield ""


def _tests(evaluation: Evaluation) -> Iterator[str]:
    tests = evaluation.after.tests
    yield "## Tests"
    yield ""
    if not tests.ok:
        yield f"No result: {inline(tests.reason)}"
    else:
        bad = [name for name, outcome in tests.outcomes.items() if outcome.bad]
        yield f"{len(tests.passed)} of {len(tests.outcomes)} pass, in {tests.seconds:.1f} s."
        yield from (f"- {inline(name)}" for name in bad[:_MOST_FINDINGS])
    yield ""


def _programs(evaluation: Evaluation) -> Iterator[str]:
    reports = [*evaluation.after.reports, *((evaluation.contract,) if evaluation.contract else ())]
    yield "## Programs"
    yield ""
    yield "| program | version | looked at | findings | |"
    yield "|---|---|---:|---:|---|"
    for report in reports:
        said = "" if report.ok else f"no result: {inline(report.reason)}"
        found = str(len(report.findings)) if report.ok else "–"
        yield f"| {report.tool} | {report.version} | {report.examined} | {found} | {said} |"
    yield ""
    findings = [finding for report in reports for finding in report.findings]
    yield from (_line(finding) for finding in findings[:_MOST_FINDINGS])
    if len(findings) > _MOST_FINDINGS:
        yield f"- and {len(findings) - _MOST_FINDINGS} more, in evaluation.json"


def _line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return f"- {finding.severity.value} {finding.tool} {finding.rule} {inline(place)}: {inline(finding.message)}"

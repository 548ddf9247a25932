"""The verdict for people: verdict.md, `tdev gate --md`, the summary of a job and the comment on a pull request.

Three lines stand on top (verdict_headline.py), the rest is folded: what blocks and what to do about it, what a person
is asked to look at, every check, the figures before and after, remarks, drafts of tests. It has the same form whether a
change goes on or not, and GitHub takes it as it is: cleaned, and cut where it is too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.drafted_parts import drafted_parts
from tdev.core.folded import MOST, Part, page
from tdev.core.outbound import inline
from tdev.core.rule_pages import page_of
from tdev.core.shown import MARKS, compared_rows, place
from tdev.core.verdict_headline import checks_of, figures, headline, next_step

MARKER = "<!-- tdev:verdict -->"
"""The hidden line by which the comment on a pull request is found again."""
_MOST_FINDINGS = 50


def verdict_markdown(
    verdict: Verdict,
    evaluation: Evaluation | None = None,
    patch: Patch | None = None,
    most: int = MOST,
    drafts: Mapping[str, str] | None = None,
) -> str:
    """The whole page, at most `most` characters; `drafts` are texts of tests worth keeping, by file name."""
    return page(top_lines(verdict, evaluation, patch), folded_parts(verdict, evaluation, drafts), most)


def top_lines(verdict: Verdict, evaluation: Evaluation | None = None, patch: Patch | None = None) -> list[str]:
    """Verdict, figures and next step: three lines, parted by empty ones."""
    told = figures(patch, evaluation)
    return [headline(verdict), "", *((told, "") if told else ()), f"**Next:** {next_step(verdict)}"]


def folded_parts(
    verdict: Verdict, evaluation: Evaluation | None = None, drafts: Mapping[str, str] | None = None
) -> list[Part]:
    """What stands behind the three lines."""
    checks = checks_of(verdict)
    blocked = [check for check in checks if not check.outcome.lets_through]
    silent = [check for check in checks if check.outcome is not Outcome.REVIEW]
    remarks = [(check, remark) for check in silent for remark in check.remarks]
    parts = [
        Part(f"What blocks ({_weight(blocked)}), and what to do", list(_blocking(blocked))),
        Part(f"To review ({len(verdict.to_review)})", [_line(finding) for finding in verdict.to_review]),
        Part(f"Checks ({len(checks)})", list(_table(verdict))),
    ]
    if evaluation is not None:
        rows = list(compared_rows(evaluation.before.metrics, evaluation.after.metrics))
        parts.append(Part("Before and after", [*rows, f"| score, of 100 | | {evaluation.score:.1f} | |"]))
    parts.append(Part(f"Remarks that do not block ({len(remarks)})", list(_remarks(remarks))))
    return parts + drafted_parts(drafts or {})


def _weight(blocked: Sequence[Verdict]) -> int:
    """Findings that block; a check without one counts as one."""
    return sum(max(len(check.findings), 1) for check in blocked)


def _blocking(checks: Iterable[Verdict]) -> Iterator[str]:
    for check in checks:
        name = inline(check.name)
        yield f"**{name}**, {check.outcome.value}: {inline(check.reason)} [Why, and what to do]({page_of(check.name)})"
        yield ""
        yield from (_line(finding) for finding in check.findings[:_MOST_FINDINGS])
        if len(check.findings) > _MOST_FINDINGS:
            yield f"- and {len(check.findings) - _MOST_FINDINGS} more, in verdict.json"
        if check.findings:
            yield ""


def _line(finding: Finding) -> str:
    """One finding, and what to do about it."""
    remedy = f" → {inline(finding.remedy)}" if finding.remedy else ""
    return f"- {place(finding)}**{inline(finding.rule)}** {inline(finding.message)}{remedy}"


def _table(verdict: Verdict) -> Iterator[str]:
    yield "| gate | check | outcome | why |"
    yield "|---|---|---|---|"
    for gate in verdict.children:
        name = f"**{inline(gate.name)}**"
        if not gate.children:
            yield f"| {name} | | {MARKS[gate.outcome]} {gate.outcome.value} | {inline(gate.reason)} |"
        for check in gate.children:
            linked = f"[{inline(check.name)}]({page_of(check.name)})"
            yield f"| {name} | {linked} | {MARKS[check.outcome]} {check.outcome.value} | {inline(check.reason)} |"
            name = ""


def _remarks(remarks: Sequence[tuple[Verdict, Finding]]) -> Iterator[str]:
    for check, finding in remarks[:_MOST_FINDINGS]:
        yield f"{_line(finding)} ({inline(check.name)})"
    if len(remarks) > _MOST_FINDINGS:
        yield f"- and {counted(len(remarks) - _MOST_FINDINGS, 'other')}, in verdict.json"

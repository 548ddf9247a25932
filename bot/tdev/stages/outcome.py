"""How a run ended, read from its directory: for `--json`, the summary on the terminal, the demo and lessons.json.

Comes in: a run directory at any moment, finished or not. Goes out: RunResult, whose fields are the
contract of `--json`. The exit codes of `build`, `evolve` and `run resume` follow from the outcome
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation, Measurement, Metrics
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, TaskState
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.spec import Spec
from tdev.core.artifacts.verdict import Verdict
from tdev.errors import ExitCode
from tdev.stages.rebase import why
from tdev.stages.run_events import seconds_by_stage, spent_on_questions


class RunResult(Model):
    """One run for machines: what `--json` prints."""

    run_id: str
    """The run."""
    kind: str
    """`build` or `evolve`."""
    goal: str
    """Its title."""
    outcome: str
    """`published`, `unchanged`, `gate-failed`, `task-failed`, `dry-run`, `plan-only`, `questions`,
    `conflict`, or `unfinished`."""
    exit_code: int
    """The exit code that goes with it."""
    ok: bool
    """Exit code 0."""
    engine: str
    """Engine that was chosen."""
    branch: str = ""
    """Branch that holds the result; empty when there is none."""
    head_sha: str = ""
    """Its commit."""
    verdict: str = ""
    """Outcome of the gates: pass, waived, fail, error."""
    reason: str = ""
    """Why, in one sentence."""
    gates: Mapping[str, str] = Field(default_factory=dict)
    """Outcome by gate."""
    seconds: Mapping[str, float] = Field(default_factory=dict)
    """Wall clock by stage."""
    metrics: Mapping[str, Metrics] = Field(default_factory=dict)
    """`before` and `after`."""
    score: float | None = None
    """0..100."""
    cost_usd: float = 0.0
    """Model cost."""
    run_dir: str
    """Where everything is."""


_CODES = {
    "published": ExitCode.OK,
    "unchanged": ExitCode.OK,
    "dry-run": ExitCode.OK,
    "plan-only": ExitCode.OK,
    "gate-failed": ExitCode.GATE_FAILED,
    "task-failed": ExitCode.GATE_FAILED,
    "questions": ExitCode.REFUSED,
    "conflict": ExitCode.REFUSED,
    "unfinished": ExitCode.TRANSIENT,
}


def has_questions(run: RunDir) -> bool:
    """True when the requirement leaves questions to the person open."""
    return run.has(Spec) and bool(run.read(Spec).questions)


def conflict_of(run: RunDir) -> str:
    """Why the change could not follow its branch, one sentence without its full stop; empty when it could."""
    made = run.read(Rebase) if run.has(Rebase) else None
    return why(made, run.goal.repository.base_ref) if made is not None and made.conflict else ""


def outcome_of(run: RunDir) -> str:
    """One word for how the run ended."""
    if run.goal.plan_only and run.has(Plan):
        return "plan-only"
    if has_questions(run):
        return "questions"
    if not run.has(Patch):
        return "unfinished"
    if run.read(Patch).empty:
        failed = any(task.state is TaskState.FAILED for task in run.read(Plan).tasks)
        return "task-failed" if failed else "unchanged"
    if conflict_of(run):
        return "conflict"
    if not run.has(Verdict):
        return "unfinished"
    if not run.read(Verdict).outcome.lets_through:
        return "gate-failed"
    if run.goal.dry_run:
        return "dry-run"
    return "published" if run.has(Publication) and run.read(Publication).branch else "unfinished"


def result_of(run: RunDir) -> RunResult:
    """Everything a machine may want to know of a run."""
    goal, outcome = run.goal, outcome_of(run)
    publication = run.read(Publication) if run.has(Publication) else Publication()
    verdict = run.read(Verdict) if run.has(Verdict) else None
    evaluation = run.read(Evaluation) if run.has(Evaluation) else None
    patch = run.read(Patch) if run.has(Patch) else None
    return RunResult(
        run_id=run.id,
        kind=goal.kind.value,
        goal=goal.title,
        outcome=outcome,
        exit_code=_CODES[outcome],
        ok=_CODES[outcome] is ExitCode.OK,
        engine=goal.engine,
        branch=publication.branch,
        head_sha=publication.head_sha,
        verdict=verdict.outcome.value if verdict else "",
        reason=_reason(run, outcome, verdict),
        gates={gate.name: gate.outcome.value for gate in verdict.children} if verdict else {},
        seconds=seconds_by_stage(run),
        metrics=_metrics(run, evaluation),
        score=evaluation.score if evaluation else None,
        cost_usd=spent_on_questions(run) + (patch.cost_usd if patch else 0.0),
        run_dir=str(run.path),
    )


def _reason(run: RunDir, outcome: str, verdict: Verdict | None) -> str:
    """The sentence that explains the outcome."""
    if outcome == "conflict":
        return conflict_of(run)
    if outcome == "questions":
        return "; ".join(f"{question.number}. {question.text}" for question in run.read(Spec).questions)
    if outcome in ("unchanged", "task-failed"):
        tasks = [task for task in run.read(Plan).tasks if task.reason]
        return "; ".join(f"{task.title}: {task.reason.splitlines()[0]}" for task in tasks) or "no task was planned"
    return verdict.reason if verdict else ""


def _metrics(run: RunDir, evaluation: Evaluation | None) -> dict[str, Metrics]:
    if evaluation is not None:
        return {"before": evaluation.before.metrics, "after": evaluation.after.metrics}
    return {"before": run.read(Measurement).metrics} if run.has(Measurement) else {}

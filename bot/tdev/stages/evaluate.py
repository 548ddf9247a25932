"""evaluate: the head commit, measured in a clean checkout made from the base and the bundle alone, beside the base.

Comes in: the patch and, if there is one, the baseline. Goes out: evaluation.json, on which the
gates decide, and the same for people in evaluation.md. What is measured and how is in
docs/evaluation.md.

Nothing the code stage measured is taken over: it worked in a folder an engine could write to.
Programs that fail are reports with `ok=False` and stay in the evaluation, where a gate makes them
an error.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.patch import Patch
from tdev.core.changed_lines import changed_lines
from tdev.core.evaluation_markdown import evaluation_markdown
from tdev.core.run import utc_now
from tdev.core.score import score, score_parts
from tdev.evidence.gather import Evidence
from tdev.evidence.subject import AFTER, Commit
from tdev.gates.table import GATES, decide
from tdev.stages.goals import goals_of
from tdev.stages.measure import base_of
from tdev.stages.project import built_folder, project_folder

MARKDOWN_FILE = "evaluation.md"
ALL_GATES = tuple(gate.name for gate in GATES)


def evaluate(run: RunDir) -> RunDir:
    """Measure base and head, and what the change touches; writes evaluation.json and evaluation.md."""
    evaluate_for(run)
    return run


def evaluate_anew(run: RunDir) -> RunDir:
    """As `evaluate`, with the base measured here though another job has done so; writes baseline.json too."""
    evaluate_for(run, anew=True)
    return run


def evaluate_for(
    run: RunDir, gates: Collection[str] = ALL_GATES, *, fail_fast: bool = False, anew: bool = False
) -> tuple[str, ...]:
    """Measure what some gates ask for; returns the gates whose evidence is there now, in order.

    With `fail_fast` one gate after another is asked, no further than the first that says no.
    """
    evidence = _evidence(run, None if anew else _baseline(run), anew=anew)
    patch, asked = evidence.patch, [name for name in ALL_GATES if name in gates]
    steps = [asked[: number + 1] for number in range(len(asked))] if fail_fast else [asked]
    for step in steps:
        evidence.gather(step)
        evaluation = _evaluation(run, evidence)
        chosen = [gate for gate in GATES if gate.name in step]
        if fail_fast and not decide(evaluation, run.policy, patch, chosen).outcome.lets_through:
            break
    if anew:
        run.write(evaluation.before)
    run.write(evaluation)
    run.write_bytes(MARKDOWN_FILE, evaluation_markdown(evaluation).encode("utf-8", "replace"))
    return tuple(step)


def _evidence(run: RunDir, baseline: Measurement | None, *, anew: bool) -> Evidence:
    """Clean checkouts of base and head, and nothing known of them but a baseline."""
    patch = run.read(Patch)
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(base_of, run, anew=anew)
        after = Commit(run, AFTER, patch.head_sha, workspace.head_checkout(run, AFTER), project_folder(run), anew)
        return Evidence(run, patch, before.result(), after, baseline, own_folder=built_folder(run))


def _baseline(run: RunDir) -> Measurement | None:
    """baseline.json, where it is about the base."""
    if not run.has(Measurement):
        return None
    kept = run.read(Measurement)
    return kept if kept.sha == run.goal.repository.base_sha else None


def _evaluation(run: RunDir, evidence: Evidence) -> Evaluation:
    """What is known of the change."""
    patch, git = evidence.patch, evidence.after.git
    after = evidence.measured_after()
    return Evaluation(
        judged_on=date.fromisoformat(utc_now()[:10]),
        kind=run.goal.kind,
        goals=goals_of(run),
        built_folder=built_folder(run),
        before=evidence.measured_before(),
        after=after,
        changed_lines=changed_lines(git.line_diff(patch.base_sha, patch.head_sha)),
        paths=_paths(git, patch),
        guard=evidence.guard(),
        contract=evidence.contract(),
        score=score(after.metrics),
        score_parts=score_parts(after.metrics),
    )


def _paths(git: Git, patch: Patch) -> tuple[str, ...]:
    """Every path the patch touches; of a rename both."""
    raw = git.run("diff", "--name-only", "--no-renames", "-z", patch.base_sha, patch.head_sha).stdout
    return tuple(path for path in raw.split("\0") if path)

"""The loop: every stage of a goal in order, the gates' findings back to a model, and on from where a run was killed.

Called by the commands that start or resume a run, and by the demo. Comes in: a run directory. Goes
out: RunResult. The order of stages is data in stages/table.py; here is what happens around them:
one process at a time, the wall-clock budget, events, and the seal after each stage.

A seal is the only sign that a stage is done. Rounds of code, evaluate and gate are sealed under
numbered names, so a resumed run also knows in which round it was.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, Task
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.task_states import next_top_id, with_task
from tdev.engines.table import ENGINES
from tdev.errors import BudgetExceeded, Refused
from tdev.stages.outcome import RunResult, has_questions, result_of
from tdev.stages.table import STAGES, Stage, stages_of

_SHOWN_FINDINGS = 20


def drive(run: RunDir) -> RunResult:
    """Take a run to its end, leaving out the stages that are sealed already.

    A stage's work counts once it is in the manifest; a killed one is done again from the run directory.
    """
    deadline = time.monotonic() + run.goal.budget.minutes * 60
    if run.goal.engine not in ENGINES:
        raise Refused(f"Run {run.id} only judged commits; there is nothing to go on with.", next_step="`tdev gate`.")
    with run.lock():
        _ahead(run, deadline)
        stages = stages_of(run.goal)
        for stage in (stage for stage in stages if not stage.judged):
            if stage.name == "publish":
                _judge_until_settled(run, deadline)
            _step(run, stage, stage.name, deadline)
        run.remove_work()
    return result_of(run)


def one_stage(run: RunDir, name: str) -> RunDir:
    """Do one stage, sealed or not."""
    stage = next(stage for stage in STAGES if stage.name == name)
    with run.lock():
        _do(run, stage, stage.name)
    return run


def part(run: RunDir, name: str) -> str:
    """Do one stage of a run whose stages are separate steps of a workflow; `code` does the judged rounds whole.

    What the stage had no reason to do, or that it ended with questions to the person, is returned as a sentence and
    is no failure: the run goes on to be published. Empty when the stage was done. The time that is left counts from
    when the run was asked for.
    """
    goal = run.goal
    passed = (datetime.now(UTC) - datetime.fromisoformat(goal.created_at)).total_seconds()
    deadline = time.monotonic() + goal.budget.minutes * 60 - passed
    if has_questions(run):
        return f"{name}: not done, as the requirement leaves questions open."
    stage = next((stage for stage in stages_of(goal) if stage.name == name), None)
    if stage is None:
        return f"{name}: nothing to do {'when only a plan is asked for' if goal.plan_only else 'for an ' + goal.kind}."
    with run.lock():
        if stage.judged:
            _judge_until_settled(run, deadline)
            run.remove_work()
            return ""
        try:
            _step(run, stage, name, deadline)
        except Refused as refusal:
            if not has_questions(run):
                raise
            run.seal("questions")
            return refusal.message
    return ""


def _ahead(run: RunDir, deadline: float) -> None:
    """Say what the run is about to do."""
    goal = run.goal
    run.stage = ""
    done = sorted(run.sealed_stages() - {"start", "resume"})
    message = f"{goal.kind.value}: {goal.title} (engine {goal.engine}: {goal.engine_reason})"
    run.emit("tdev.run.start" if not done else "tdev.run.resume", message, done=" ".join(done))
    if time.monotonic() > deadline:
        raise BudgetExceeded("The run has no time left.", next_step="Raise budget.minutes in .github/tdev.yml.")


def _judge_until_settled(run: RunDir, deadline: float) -> None:
    """code, evaluate, gate; again with the findings while a model may mend them and the policy allows it."""
    judged = [stage for stage in STAGES if stage.judged]
    for number in range(1, run.policy.limits.gate_retries + 2):
        if number > 1 and not _sealed(run, _seal_name(judged[0], number)):
            if not _worth_a_retry(run):
                return
            _add_findings_task(run, number)
        for stage in judged:
            _step(run, stage, _seal_name(stage, number), deadline)
            if run.read(Patch).empty:
                return


def _seal_name(stage: Stage, number: int) -> str:
    """Under which name a round's work is in the manifest."""
    return stage.name if number == 1 else f"{stage.name}.{number}"


def _worth_a_retry(run: RunDir) -> bool:
    """Only a model can answer findings, and only findings can be answered: missing evidence can't."""
    return run.goal.engine == "claude" and run.read(Verdict).outcome is Outcome.FAIL and not run.read(Patch).empty


def _add_findings_task(run: RunDir, number: int) -> None:
    """Put what the gates said into the plan as one more task, once per round."""
    plan = run.read(Plan)
    title = f"Answer the gates' findings, round {number - 1}"
    if any(task.title == title for task in plan.tasks):
        return
    verdict = run.read(Verdict)
    findings = [finding for gate in verdict.children for check in gate.children for finding in check.findings]
    lines = [verdict.reason, *(f"{f.path}:{f.line} {f.rule}: {f.message} {f.remedy}" for f in findings)]
    task = Task(
        id=next_top_id(plan),
        title=title,
        description="\n".join(lines[:_SHOWN_FINDINGS]),
        acceptance=("Every gate passes.",),
        estimate_hours=1.0,
        risk=2,
    )
    run.write(with_task(plan, task))


def _sealed(run: RunDir, name: str) -> bool:
    return name in run.sealed_stages()


def _step(run: RunDir, stage: Stage, name: str, deadline: float) -> None:
    """Do a stage unless its work is sealed."""
    if _sealed(run, name):
        return
    if time.monotonic() > deadline:
        raise BudgetExceeded(
            f"The run has used its {run.goal.budget.minutes:g} minutes before {stage.name}.",
            next_step=f"`tdev run resume {run.id}` goes on; budget.minutes in .github/tdev.yml raises the limit.",
        )
    _do(run, stage, name)


def _do(run: RunDir, stage: Stage, name: str) -> None:
    run.stage = stage.name
    with run.timed("tdev.stage", stage.name):
        stage.function(run)
    run.seal(name)

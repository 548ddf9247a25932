"""The loop: every stage of a goal in order, the gates' findings back to a model, and on from where a run was killed.

Called by the commands that start or resume a run, and by the demo. Comes in: a run directory. Goes
out: RunResult. The order of stages is data in stages/table.py; here is what happens around them:
one process at a time, the wall-clock budget, events, and the seal after each stage.

A seal is the only sign that a stage is done. The rounds of code, evaluate and gate are in
gate_rounds.py.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tdev.adapters.run_dir import RunDir
from tdev.engines.table import ENGINES
from tdev.errors import BudgetExceeded, Refused
from tdev.stages.gate_rounds import judge_until_settled
from tdev.stages.outcome import RunResult, has_questions, result_of
from tdev.stages.summing_up import sum_up_change
from tdev.stages.table import STAGES, Stage, stages_of
from tdev.stages.walls import tell_walls


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
                _rounds(run, deadline)
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
        tell_walls(run)
        if stage.judged:
            _rounds(run, deadline)
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
    tell_walls(run)
    if time.monotonic() > deadline:
        raise BudgetExceeded("The run has no time left.", next_step="Raise budget.minutes in .github/tdev.yml.")


def _rounds(run: RunDir, deadline: float) -> None:
    """code, evaluate, gate, as often as their findings are answered; then a summary, where the policy asks for one."""
    judge_until_settled(run, lambda stage, name: _step(run, stage, name, deadline))
    sum_up_change(run, deadline - time.monotonic())


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

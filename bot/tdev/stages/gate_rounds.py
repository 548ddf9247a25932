"""code, evaluate, gate; and again with the gates' findings, while a model may mend them and it would not be the same.

Called by the loop with its function that does one stage. Comes in: a run. Goes out: the run with the last round's
verdict; what each earlier round's verdict was stays in attempts/round-N.json. Rounds are sealed under numbered names,
so a resumed run knows in which round it was.

What goes back is ranked and shortened; the task that answers it goes on with the model's session that made the change.
"""

from __future__ import annotations

from collections.abc import Callable

from tdev.adapters.run_dir import RunDir
from tdev.adapters.run_files import read_model
from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, Task
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.ranked_findings import first_gate, told_of_gates
from tdev.core.retry_matrix import row_after
from tdev.core.same_failure import signature_of_verdict
from tdev.core.task_states import next_top_id, with_task
from tdev.stages.table import STAGES, Stage

_ACCEPTANCE = ("Every gate passes.",)
"""Of the tasks made here, and of no other: a plan's tasks have to keep the tests as well."""
DoStage = Callable[[Stage, str], None]
"""Does a stage unless its work is sealed under that name."""


def judge_until_settled(run: RunDir, do: DoStage) -> None:
    """The rounds of a run, those left out that are sealed already."""
    judged = [stage for stage in STAGES if stage.judged]
    for number in range(1, run.policy.limits.gate_retries + 2):
        if number > 1 and _seal_name(judged[0], number) not in run.sealed_stages():
            if why_not := _why_no_round(run, number):
                run.emit("tdev.gates.settled", why_not, round=number - 1)
                return
            _add_findings_task(run, number)
        for stage in judged:
            do(stage, _seal_name(stage, number))
            if run.read(Patch).empty:
                return


def _seal_name(stage: Stage, number: int) -> str:
    """Under which name a round's work is in the manifest."""
    return stage.name if number == 1 else f"{stage.name}.{number}"


def _why_no_round(run: RunDir, number: int) -> str:
    """Why the findings of the round before are not answered by another one; empty when they are.

    Only a model can answer findings, and only findings can be answered: missing evidence can't.
    """
    verdict = run.read(Verdict)
    if verdict.outcome is not Outcome.FAIL or run.read(Patch).empty:
        return f"the gates say {verdict.outcome.value}"
    if run.goal.engine != "claude":
        return f"the engine {run.goal.engine} can't answer findings"
    gate = first_gate(verdict)
    if gate and not row_after(run.policy.retries.rows, Failure(f"gate:{gate}"), number - 1).again:
        return f"the policy lets nothing follow on findings of {gate}"
    earlier = _earlier(run, number - 1)
    if earlier and signature_of_verdict(earlier[-1]) == signature_of_verdict(verdict):
        return f"rounds {number - 2} and {number - 1} failed in the same way: {verdict.reason}"
    return ""


def _earlier(run: RunDir, number: int) -> list[Verdict]:
    """The verdicts of the rounds before this one, oldest first."""
    return [read_model(Verdict, run.path, _round_file(each)) for each in range(1, number)]


def _round_file(number: int) -> str:
    return f"attempts/round-{number}.json"


def _add_findings_task(run: RunDir, number: int) -> None:
    """Put what the gates said into the plan as one more task, once per round, and keep the verdict it answers."""
    plan, verdict = run.read(Plan), run.read(Verdict)
    title = f"Answer the gates' findings, round {number - 1}"
    if any(task.title == title and task.acceptance == _ACCEPTANCE for task in plan.tasks):
        return
    run.write_bytes(_round_file(number - 1), verdict.model_dump_json(indent=2).encode() + b"\n")
    task = Task(
        id=next_top_id(plan),
        title=title,
        description=told_of_gates(verdict),
        acceptance=_ACCEPTANCE,
        gate=first_gate(verdict),
        estimate_hours=1.0,
        risk=2,
    )
    run.write(with_task(plan, task))

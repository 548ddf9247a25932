"""The contract of a built service, asked about once more: does what the run made answer as its specification says?

Comes in: the run directory of a build that another job left, what this job's own event asks for, and a checkout of the
branch. Goes out: a verdict about the contract alone; nothing of it is written to the run, which only learns where this
job's checkout is. The service runs in the sandbox. A goal that is no build has no contract and is skipped; a build
without a patch or an evaluation is an error, for no evidence is no pass.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters import workspace
from tdev.adapters.git import open_repository
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.job import Asked
from tdev.gates.tests.contract import NAME, contract
from tdev.stages.checked_patch import check_run
from tdev.stages.judge_anew import here
from tdev.tools.contract import run_contract


def judge_contract(run: RunDir, asked: Asked, repository: Path) -> Verdict:
    """The verdict about the contract; raises Refused when the run directory is not that of this job's run."""
    check_run(run, asked)
    if run.goal.kind is not GoalKind.BUILD:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="it is no build, so there is no contract")
    if not (run.has(Patch) and run.has(Evaluation)):
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason="the build made no patch that was evaluated")
    git = open_repository(repository, run.settings.child_environment, run.settings.user_home)
    with run.lock():
        run.stage = NAME
        here(run, git)
        run.seal(NAME)
        report = run_contract(run, workspace.head_checkout(run, NAME), run.work / "contract-environment")
        run.remove_work()
    evaluation = run.read(Evaluation).model_copy(update={"contract": report})
    return contract(evaluation, run.policy, run.read(Patch))

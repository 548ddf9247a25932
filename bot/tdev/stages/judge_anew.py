"""The run of another job, judged anew: on a clean checkout, by a job that holds no key and no right to write.

Comes in: the run directory that the working job left, what this job's own event asks for, and a checkout of the branch
as it is now. Goes out: the same run with everything measured and decided again, here: baseline.json, evaluation.json
and verdict.json. So the verdict does not come from a job in which a model and an engine worked. Where the branch moved
meanwhile, the commits are put on top of it first (rebase.py); a conflict ends the run, and is told by the job that
publishes. No engine is started and no model asked.
"""

from __future__ import annotations

from pathlib import Path

from tdev.adapters.git import Git, open_repository
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.rebase import Rebase
from tdev.core.artifacts.verdict import Verdict
from tdev.core.job import Asked
from tdev.stages.checked_patch import check_bundle, check_run, contains
from tdev.stages.evaluate import evaluate_anew
from tdev.stages.gate import gate
from tdev.stages.outcome import conflict_of, outcome_of
from tdev.stages.rebase import follow

_STAGES = (("evaluate", evaluate_anew), ("gate", gate))
_SETTLED = ("plan-only", "questions", "unchanged", "task-failed", "gate-failed")


def judge_anew(run: RunDir, asked: Asked, repository: Path) -> str:
    """Judge the run's patch anew; returns a sentence that says what was done.

    What holds no change that the gates let through is left as it is. Raises Refused when the run directory is not
    that of the run this job was started for, or its patch not what it says.
    """
    check_run(run, asked)
    outcome = outcome_of(run)
    if outcome in _SETTLED or not (run.has(Patch) and run.has(Verdict)):
        return f"There is nothing to judge: {outcome}."
    git = open_repository(repository, run.settings.child_environment, run.settings.user_home)
    with run.lock():
        run.stage = "gate"
        here(run, git)
        made = _followed(run, git, asked.from_branch)
        run.seal("rebase")
        if made is not None and made.conflict:
            return f"It can't be judged: {conflict_of(run)}."
        for name, stage in _STAGES:
            run.stage = name
            with run.timed("tdev.stage", name):
                stage(run)
            run.seal(f"{name}.anew")
        run.remove_work()
    moved = f", on top of {made.to_sha[:10]}" if made is not None else ""
    return f"Judged anew{moved}: {run.read(Verdict).outcome.value}."


def here(run: RunDir, git: Git) -> None:
    """Let the goal name this job's checkout: the path in it is the other job's."""
    goal = run.goal
    run.write(goal.model_copy(update={"repository": goal.repository.model_copy(update={"path": str(git.folder)})}))


def _followed(run: RunDir, git: Git, branch: str) -> Rebase | None:
    """Prove the patch in a bare clone with the branch as it is now, then put it on top of that."""
    tip = git.commit_of("HEAD")
    folder = run.work / "proof.git"
    folder.mkdir(parents=True, exist_ok=True)
    bare = Git(folder, run.settings.child_environment)
    bare.run("init", "--quiet", "--bare", "--initial-branch=none")
    bare.run("fetch", "--quiet", "--no-tags", str(git.folder), f"+{tip}:refs/heads/{branch}")
    if contains(bare, tip, run.goal.repository.base_sha):
        check_bundle(run, bare, branch)
    return follow(run, git.folder, tip)

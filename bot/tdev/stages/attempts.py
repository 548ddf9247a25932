"""All attempts at one task in one checkout, until one is kept or another would tell nothing new.

Comes in: the shop, a bench and a task. Goes out: a commit that stages/merging.py puts on the run's branch, or the task
as failed; every attempt with its diff, verdict and cost on record either way.

What was rolled back goes back to the engine, ranked and shortened, with parameters by the policy's retry matrix. Which
attempt follows is decided from the record alone (core/next_attempt.py), so a killed run goes on as it would have.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from tdev.core.artifacts.attempt import Attempt, Failure, Parameters, Session
from tdev.core.artifacts.plan import Task, TaskState
from tdev.core.next_attempt import (
    attempts_at,
    counted_attempts,
    feedback_of,
    is_outage,
    next_attempt,
    session_of,
)
from tdev.core.outbound import plain
from tdev.core.redaction import redact
from tdev.core.test_record import shortened
from tdev.engines.engine import Job, Work
from tdev.errors import Interrupted, Refused, TdevError
from tdev.stages.advice import advised
from tdev.stages.attempt_checks import Checked, check, environment_of
from tdev.stages.code_progress import Bench, Made, Shop

MOST_DIFF = 100_000
"""Characters kept of one attempt's diff."""


@dataclass(frozen=True)
class _Trial:
    """One attempt that is about to be made."""

    number: int
    """Of all attempts at the task, 1-based."""
    job: Job
    """What the engine is asked."""
    parameters: Parameters
    """What it is made with."""


def work_on(shop: Shop, bench: Bench, task: Task) -> None:
    """Try one task until an attempt is kept or there is no other; raises what ends the run."""
    tried = [each for each in counted_attempts(_attempts(shop, task)) if not is_outage(each)]
    outage: TdevError | None = None
    first = Failure(f"gate:{task.gate}") if task.gate else _first_failure(shop, task)
    while True:
        limits, rows = shop.policy.limits, shop.policy.retries.rows
        coming = next_attempt(tried, rows, limits.task_attempts, first=first, by_rule=bool(task.recipe))
        if coming.stop and outage is not None:
            raise outage
        if coming.stop:
            shop.end(task, TaskState.FAILED, coming.stop)
            return
        if tried:
            shop.check_budget()
        attempt, outage = _try(shop, bench, task, tried, coming.parameters)
        if attempt.kept:
            return
        tried.append(attempt)


def _attempts(shop: Shop, task: Task) -> tuple[Attempt, ...]:
    return attempts_at(shop.progress.attempts, task.id)


def _first_failure(shop: Shop, task: Task) -> Failure:
    """A task that was put back begins with the row of the conflict."""
    return Failure.CONFLICT if _attempts(shop, task) else Failure.START


def _try(
    shop: Shop, bench: Bench, task: Task, tried: list[Attempt], parameters: Parameters
) -> tuple[Attempt, TdevError | None]:
    """One attempt, on record; beside it the error of an outage, which ends the run when no other attempt is left."""
    began = time.monotonic()
    bench.git.discard()
    with shop.share(task) as usd:
        job = _job(shop, bench, task, tried, parameters, usd)
        trial = _Trial(len(_attempts(shop, task)) + 1, job, parameters)
        try:
            work = shop.engine_for(task).perform(job)
        except Interrupted:
            raise
        except TdevError as error:
            bench.git.discard()
            attempt = _not_done(shop, bench, trial, error, time.monotonic() - began)
            if attempt.failure is None:
                raise
            return attempt, None if isinstance(error, Refused) else error
        checked = check(shop, bench, task, work)
        told, cost = advised(shop, redact(checked.judgement.feedback), usd - work.cost_usd)
        work = replace(work, cost_usd=work.cost_usd + cost)
        attempt = _judged(shop, bench, trial, work, replace(checked, told=told), time.monotonic() - began)
    bench.git.discard()
    return attempt, None


def _job(shop: Shop, bench: Bench, task: Task, tried: list[Attempt], parameters: Parameters, usd: float) -> Job:
    """What the engine is asked, in a checkout without what installing the project has left there."""
    run = shop.run
    python = environment_of(shop, bench).python
    bench.git.discard()
    session = _session(shop, bench, task, tried, parameters)
    feedback = feedback_of(_attempts(shop, task), parameters.context)
    if task.gate and session and not feedback:
        feedback = (task.description,)
    return Job(
        goal=run.goal,
        task=task,
        policy=shop.policy,
        settings=run.settings,
        checkout=bench.git.folder,
        project=bench.project,
        python=python,
        run_folder=run.path,
        transcript=run.path / "transcript.jsonl",
        attempt=len(tried) + 1,
        feedback=feedback,
        session=session,
        usd_left=usd,
        seconds_left=shop.seconds_left(),
        progress=lambda line: run.emit("tdev.task.progress", f"{_label(shop, task)}{line}", task=task.id),
        parameters=parameters,
        usd_on_record=sum(each.cost_usd for each in _attempts(shop, task)),
    )


def _session(shop: Shop, bench: Bench, task: Task, tried: list[Attempt], parameters: Parameters) -> str:
    """The conversation to go on with; a gates' round goes on with the one that made the change."""
    if parameters.session is Session.FRESH:
        return ""
    before = tried or [each for each in shop.progress.attempts if task.gate and each.kept]
    return session_of(before, bench.name)


def _label(shop: Shop, task: Task) -> str:
    """Whose line it is, where several tasks speak."""
    return f"{task.id} " if shop.active > 1 else ""


def _not_done(shop: Shop, bench: Bench, trial: _Trial, error: TdevError, seconds: float) -> Attempt:
    """The attempt that the engine ended with an error, on record."""
    failure = Failure(error.failure) if error.failure else Failure.REFUSED if isinstance(error, Refused) else None
    attempt = Attempt(
        task=trial.job.task.id,
        number=trial.number,
        kept=False,
        reason=str(error),
        failure=failure,
        parameters=trial.parameters,
        session=trial.job.session,
        checkout=bench.name,
        cost_usd=error.cost_usd,
        seconds=round(seconds, 3),
    )
    shop.note(attempt)
    _tell(shop, trial, attempt)
    return attempt


def _judged(shop: Shop, bench: Bench, trial: _Trial, work: Work, checked: Checked, seconds: float) -> Attempt:
    """The attempt that was judged, on record; what was kept is a commit at the same moment."""
    task, judgement = trial.job.task, checked.judgement
    attempt = Attempt(
        task=task.id,
        number=trial.number,
        kept=judgement.keep,
        reason=judgement.reason,
        failure=judgement.failure,
        verdict=judgement.verdict,
        feedback=checked.told,
        signature=judgement.signature,
        tree=checked.tree,
        diff=_keep_diff(shop, bench, trial, checked.tree),
        parameters=trial.parameters,
        session=work.session,
        checkout=bench.name,
        summary=work.summary,
        cost_usd=work.cost_usd,
        reported_usd=work.reported_usd,
        denied=work.denied,
        input_tokens=work.input_tokens,
        output_tokens=work.output_tokens,
        turns=work.turns,
        seconds=round(seconds, 3),
    )
    if not judgement.keep:
        shop.note(attempt)
    elif not checked.tree:
        shop.note(attempt)
        shop.end(task, TaskState.UNCHANGED, judgement.reason)
    else:
        commit = bench.git.commit_tree(checked.tree, bench.git.commit_of("HEAD"), _message(shop, task, work))
        shop.note(attempt, Made(commit=commit, reason=judgement.reason, tests=checked.tests or shop.progress.tests))
    _tell(shop, trial, attempt)
    return attempt


def _keep_diff(shop: Shop, bench: Bench, trial: _Trial, tree: str) -> str:
    """Write what the attempt changed to a file for people; its name, empty when nothing was changed."""
    if not tree:
        return ""
    name = f"attempts/{trial.job.task.id}-{trial.number}.diff"
    text = redact(shortened(bench.git.diff("HEAD", tree), MOST_DIFF))
    shop.run.write_bytes(name, text.encode("utf-8", "replace") + b"\n")
    return name


def _message(shop: Shop, task: Task, work: Work) -> str:
    """Commit message: the task, what the engine says of it (nothing in that acts on GitHub), and which run it was."""
    goal = shop.run.goal
    trailers = f"Tdev-Run: {goal.run_id}\nTdev-Goal: {goal.goal_id}\nTdev-Task: {task.id}"
    said = "\n".join(plain(line) for line in work.summary.strip().splitlines()).strip()
    return "\n\n".join(part for part in (plain(task.title), said, trailers) if part) + "\n"


def _tell(shop: Shop, trial: _Trial, attempt: Attempt) -> None:
    """One line of what came of the attempt."""
    first = (attempt.reason.splitlines() or [""])[0]
    shop.run.emit(
        "tdev.task.attempt",
        f"{_label(shop, trial.job.task)}{'kept' if attempt.kept else 'rolled back'}: {first}",
        task=attempt.task,
        number=attempt.number,
        kept=attempt.kept,
        failure=attempt.failure.value if attempt.failure else "",
        cost_usd=attempt.cost_usd,
        reported_usd=attempt.reported_usd,
        seconds=attempt.seconds,
    )

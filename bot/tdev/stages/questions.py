"""A question to the model that is no attempt at a task: its share of the budget, its ledger, its cost on record.

Called by the stages spec and plan, and by summing_up. Comes in: a run, and the engine's function for the question. Goes
out: the answer; and `tdev.<name>.model` in events.jsonl with what it cost, whether there was an answer or not. A
question that was killed is asked again, and what the killed one has cost is reported with it, once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.engines.engine import Work
from tdev.errors import TdevError
from tdev.stages.run_events import question_event, spent_on_questions

Answer = TypeVar("Answer", covariant=True)


class Asking(Protocol[Answer]):
    """The engine's part: one question."""

    def __call__(self, usd_left: float, *, ledger: Path, on_record: float) -> tuple[Answer, Work]:
        """The answer and what it cost; of the ledger's cost `on_record` is told already. US dollars."""


def put_question(run: RunDir, name: str, asking: Asking[Answer]) -> Answer:
    """The answer to the question of that name, its cost on record. Raises what `asking` raises, its cost on record."""
    on_record = spent_on_questions(run, name)
    try:
        answer, work = asking(_usd_left(run), ledger=run.work / "claude" / name, on_record=on_record)
    except TdevError as error:
        run.emit(question_event(name), f"no answer: {error.message}", cost_usd=error.cost_usd, ok=False)
        raise
    run.emit(
        question_event(name),
        work.summary,
        cost_usd=work.cost_usd,
        input_tokens=work.input_tokens,
        output_tokens=work.output_tokens,
        turns=work.turns,
        ok=True,
    )
    return answer


def _usd_left(run: RunDir) -> float:
    """What the run's budget still allows, in US dollars."""
    attempts = run.read(Patch).cost_usd if run.has(Patch) else 0.0
    return run.goal.budget.usd - attempts - spent_on_questions(run)

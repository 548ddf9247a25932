"""What the events of a run add up to: seconds by stage, and what questions to a model cost that were no attempts.

Used by outcome, learn and the code stage's budget. Comes in: events.jsonl, as it is at that moment.
Goes out: figures; the shape of an event is core/artifacts/event.py.

The log is read anew each time: it is small, and a copy in memory would be wrong after a restart. A
line that was cut by a kill is skipped; every other file of a run must be whole.
"""

from __future__ import annotations

from tdev.adapters.run_dir import EVENTS_FILE, RunDir
from tdev.core.artifacts.event import Event
from tdev.core.question_costs import QUESTIONS, events_in, question_event, usd_in

__all__ = ["events_of", "question_event", "seconds_by_stage", "spent_on_questions"]


def spent_on_questions(run: RunDir, *names: str) -> float:
    """What these questions to a model have cost, or all of QUESTIONS, in US dollars, from events.jsonl."""
    return usd_in(events_of(run), names or QUESTIONS)


def seconds_by_stage(run: RunDir) -> dict[str, float]:
    """Wall clock by stage, summed over retries, from events.jsonl."""
    seconds: dict[str, float] = {}
    for event in events_of(run):
        if event.name == "tdev.stage.end":
            spent = float(event.attributes.get("seconds", 0.0))
            seconds[event.stage] = round(seconds.get(event.stage, 0.0) + spent, 3)
    return seconds


def events_of(run: RunDir) -> list[Event]:
    """The run's events; a last line cut by a kill is left out."""
    file = run.path / EVENTS_FILE
    return list(events_in(file.read_bytes())) if file.is_file() else []

"""What the events of a run add up to: seconds by stage, and what questions to a model cost that were no attempts.

Used by outcome, learn and the code stage's budget. Comes in: events.jsonl, as it is at that moment.
Goes out: figures; the shape of an event is core/artifacts/event.py.

The log is read anew each time: it is small, and a copy in memory would be wrong after a restart. A
line that was cut by a kill is skipped; every other file of a run must be whole.
"""

from __future__ import annotations

from pydantic import ValidationError

from tdev.adapters.run_dir import EVENTS_FILE, RunDir
from tdev.core.artifacts.event import Event

QUESTIONS = ("spec", "plan", "summary")
"""Questions to the model that are no attempts at a task."""


def question_event(name: str) -> str:
    """The event that tells of a question to the model, answered or not, with its cost."""
    return f"tdev.{name}.model"


def spent_on_questions(run: RunDir, *names: str) -> float:
    """What these questions to a model have cost, or all of QUESTIONS, in US dollars, from events.jsonl."""
    wanted = {question_event(name) for name in names or QUESTIONS}
    return sum(float(event.attributes.get("cost_usd", 0.0)) for event in events_of(run) if event.name in wanted)


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
    events = []
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            events.append(Event.model_validate_json(line))
        except ValidationError:
            continue
    return events

"""What questions to a model have cost that were no attempts at a task, from the lines of a run's events.jsonl.

Called by stages/run_events.py for a run at hand, and by kept_run.py for one that a workflow uploaded, whose lines are
untrusted. A line that can't be read, and a cost that is no amount of money, count as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator

from pydantic import ValidationError

from tdev.core.artifacts.event import Event

QUESTIONS = ("spec", "plan", "summary")
"""Questions to the model that are no attempts at a task."""


def question_event(name: str) -> str:
    """The event that tells of a question to the model, answered or not, with its cost."""
    return f"tdev.{name}.model"


def events_in(log: bytes) -> Iterator[Event]:
    """The events of the log, oldest first; a line cut by a kill is left out."""
    for line in log.splitlines():
        try:
            yield Event.model_validate_json(line)
        except (ValidationError, RecursionError):
            continue


def usd_in(events: Iterable[Event], names: Collection[str] = QUESTIONS) -> float:
    """What the questions of these names have cost, in US dollars."""
    wanted = {question_event(name) for name in names}
    return sum(_usd(event) for event in events if event.name in wanted)


def _usd(event: Event) -> float:
    told = event.attributes.get("cost_usd", 0.0)
    usd = float(told) if isinstance(told, int | float) else 0.0
    return usd if math.isfinite(usd) and usd > 0 else 0.0

"""events.jsonl: one line per thing that happened.

The log that every stage appends to while it runs; cli/progress.py shows it as it grows.
Names are formed as OpenTelemetry asks, https://opentelemetry.io/docs/specs/semconv/general/naming/: dotted, lower
case, from the general to the particular.
Text in `message` and `attributes` may come from outside and is not cleaned here.
"""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.model import Model


class Event(Model):
    """One thing that happened; names follow OpenTelemetry's `domain.thing.verb`."""

    time: str
    """UTC, ISO 8601 with microseconds."""
    name: str
    """E.g. `tdev.stage.start`, `tdev.task.attempt`, `tdev.tool.end`."""
    run_id: str
    """The run."""
    goal_id: str
    """The goal."""
    trace_id: str
    """The trace."""
    stage: str = ""
    """Stage it happened in."""
    message: str = ""
    """One line for people."""
    attributes: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Figures and names."""

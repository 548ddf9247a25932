"""How a repository's figures went from one judged run to the next: one line each, and a table of the last ones.

adapters/trend.py keeps the lines outside the runs; stages/gate.py adds one per verdict and writes trend.md. No gate
looks at them: a verdict rests on base and head alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdev.core.artifacts.evaluation import Metrics
from tdev.core.artifacts.model import Model
from tdev.core.artifacts.verdict import Outcome
from tdev.core.outbound import inline
from tdev.core.shown import SHOWN_METRICS, figure

SHOWN = 5
"""How many runs a page shows."""


class TrendPoint(Model):
    """One judged run."""

    run: str
    """Its id."""
    time: str
    """When it was judged: UTC, ISO 8601."""
    base: str
    """Base commit."""
    head: str
    """Head commit."""
    outcome: Outcome
    """Overall."""
    score: float
    """0..100, of the head."""
    metrics: Metrics
    """Figures of the head."""


def latest(points: Iterable[TrendPoint], count: int = SHOWN) -> tuple[TrendPoint, ...]:
    """The last runs, oldest first; of a run that was judged several times the last verdict."""
    by_run: dict[str, TrendPoint] = {}
    for point in points:
        by_run.pop(point.run, None)
        by_run[point.run] = point
    return tuple(by_run.values())[-count:]


def trend_markdown(points: Sequence[TrendPoint]) -> str:
    """A table with a column for each run."""
    heads = [f"`{point.head[:10]}`" for point in points]
    rows = [
        "# Trend",
        "",
        f"The last {len(points)} judged runs of this repository on this machine, oldest first; `–` was not measured.",
        "",
        _row("", heads),
        _row("---", ["---:"] * len(points)),
        _row("judged", [inline(point.time[:16].replace("T", " ")) for point in points]),
        _row("verdict", [point.outcome.value for point in points]),
        _row("score", [f"{point.score:g}" for point in points]),
        *(_row(name, [figure(getattr(one.metrics, field)) for one in points]) for field, name, _ in SHOWN_METRICS),
    ]
    return "\n".join(rows) + "\n"


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join((name, *cells))} |"

"""One report of one suite: figures, the bars they are held against, a JSON file and a table.

Every suite that measures something ends here, so that all reports look alike and docs/figures.md can be made from
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.machine import machine
from tdev.adapters.files import write_atomically

REPORTS = Path("build") / "reports"


@dataclass(frozen=True)
class Bar:
    """What a figure must hold."""

    figure: str
    """Its name."""
    at_most: float | None = None
    """It may not be larger."""
    at_least: float | None = None
    """It may not be smaller."""

    def holds(self, value: float) -> bool:
        """True when the figure is within the bar; NaN never is."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def loosened(self, factor: float) -> Bar:
        """The bar for a machine that is slower by this factor."""
        lower = None if self.at_least is None else self.at_least / factor
        return Bar(self.figure, None if self.at_most is None else self.at_most * factor, lower)

    def __str__(self) -> str:
        """As a table shows it."""
        limits = ("<=", self.at_most), (">=", self.at_least)
        return " and ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)


def missed_bars(figures: Mapping[str, float], bars: Sequence[Bar]) -> list[str]:
    """Names of the bars that did not hold; a figure that was not measured counts as missed, with `: not run`."""
    missed = []
    for bar in bars:
        value = figures.get(bar.figure)
        if value is None:
            missed.append(f"{bar.figure}: not run")
        elif not bar.holds(value):
            missed.append(bar.figure)
    return missed


def publish(
    suite: str,
    figures: Mapping[str, float],
    bars: Sequence[Bar],
    *,
    method: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    folder: Path = REPORTS,
) -> list[str]:
    """Write `<folder>/<suite>.json`, print the table, and return the names of the bars that did not hold.

    `method` says in a sentence per figure how it was measured; `notes` are further lines below the table.
    """
    missed = missed_bars(figures, bars)
    document = {
        "figures": {name: round(value, 4) for name, value in figures.items()},
        "missed": missed,
        "bars": {bar.figure: str(bar) for bar in bars},
        "method": dict(method or {}),
        "notes": list(notes),
        "machine": machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    data = json.dumps(document, indent=2, allow_nan=False).encode() + b"\n"
    write_atomically(folder / f"{suite}.json", data, backup=False)
    _print(suite, figures, bars, missed, notes)
    return missed


def _print(
    suite: str, figures: Mapping[str, float], bars: Sequence[Bar], missed: Sequence[str], notes: Sequence[str]
) -> None:
    """The table on standard output."""
    table = Table(title=suite, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("bar")
    table.add_column("")
    bar_of = {bar.figure: bar for bar in bars}
    absent = [bar.figure for bar in bars if bar.figure not in figures]
    for name in (*figures, *absent):
        bar = bar_of.get(name)
        value = f"{figures[name]:,.3f}" if name in figures else "not run"
        state = "" if bar is None else "missed" if name in missed or f"{name}: not run" in missed else "held"
        table.add_row(name, value, str(bar or ""), state)
    console = Console()
    console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False)

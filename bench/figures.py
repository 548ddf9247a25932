"""docs/figures.md, made from build/reports/*.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report import REPORTS
from tdev.adapters.files import write_atomically
from tdev.errors import ConfigurationError

PAGE = Path("docs") / "figures.md"


def write_figures(root: Path) -> Path:
    """Write the page; raises ConfigurationError when there is no report, or one can't be read."""
    files = sorted((root / REPORTS).glob("*.json"))
    if not files:
        raise ConfigurationError(f"There is no report in {REPORTS}.", next_step="Run `make bench` first.")
    head = (
        "# Figures\n\n"
        "Made by `python -m bench --figures` from the reports in build/reports; edit nothing here by hand.\n"
    )
    page = "\n".join([head, *(_suite(file.stem, _read(file)) for file in files)])
    write_atomically(root / PAGE, page.encode(), backup=False)
    return root / PAGE


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise ConfigurationError(f"{file} is no JSON.", next_step="Measure again.") from error
    if not isinstance(document, dict) or not isinstance(document.get("figures"), dict):
        raise ConfigurationError(f"{file} is no report.", next_step="Measure again.")
    return document


def _suite(name: str, report: Mapping[str, Any]) -> str:
    """One suite's section."""
    bars: Mapping[str, str] = report.get("bars", {})
    missed: list[str] = report.get("missed", [])
    method: Mapping[str, str] = report.get("method", {})
    names = [*report["figures"], *(bar for bar in bars if bar not in report["figures"])]
    rows = [_row(figure, report["figures"].get(figure), bars.get(figure, ""), missed) for figure in names]
    parts = [f"## {name}", _machine(report), "\n".join(["| Figure | Value | Bar | |", "|---|---:|---|---|", *rows])]
    if method:
        parts.append("\n".join(f"- `{figure}`: {text}" for figure, text in method.items()))
    if report.get("notes"):
        parts.append("\n".join(["```text", *report["notes"], "```"]))
    return "\n\n".join(parts) + "\n"


def _row(figure: str, value: float | None, bar: str, missed: list[str]) -> str:
    shown = "not run" if value is None else f"{value:,.3f}".rstrip("0").rstrip(".")
    state = "" if not bar else "missed" if any(one.partition(":")[0] == figure for one in missed) else "held"
    return f"| {figure} | {shown} | {bar} | {state} |"


def _machine(report: Mapping[str, Any]) -> str:
    """What it was measured on, and when."""
    machine: Mapping[str, str] = report.get("machine", {})
    parts = [f"{machine[key]} cores" if key == "cores" else machine[key] for key in machine]
    when = str(report.get("measured_at", ""))[:10]
    return f"Measured on {', '.join(parts)}{f', on {when}' if when else ''}." if parts else "Machine not recorded."

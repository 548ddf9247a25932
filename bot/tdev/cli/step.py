"""What a command tells the step of GitHub Actions that it runs in: outputs, state, masks, the page of the run.

Comes in: settings and values. Goes out: lines in the files GITHUB_OUTPUT, GITHUB_STATE and GITHUB_STEP_SUMMARY, where
the runner gave them; outside of Actions nothing is written. Follows "Workflow commands for GitHub Actions". Values are
written as one line each, so none can begin another output.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tdev.core.outbound import capped
from tdev.settings import Settings

_MOST_SUMMARY = 900_000
"""Bytes; GitHub takes 1 MiB from a step."""


def put_out(settings: Settings, values: Mapping[str, str]) -> None:
    """Give the step outputs."""
    _append(settings.actions.output, values)


def remember(settings: Settings, values: Mapping[str, str]) -> None:
    """Keep values for the same action's script at the end of the job, as STATE_* variables."""
    _append(settings.actions.state, values)


def mask(secret: str) -> None:
    """Keep a value out of the log; the runner takes the line away."""
    print(f"::add-mask::{secret}", flush=True)


def summarise(settings: Settings, text: str) -> None:
    """Add Markdown to the page of the workflow run."""
    if settings.actions.summary is not None:
        with settings.actions.summary.open("a", encoding="utf-8", errors="replace") as file:
            file.write(capped(text, _MOST_SUMMARY) + "\n")


def _append(place: Path | None, values: Mapping[str, str]) -> None:
    if place is not None:
        with place.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={' '.join(value.split())}\n" for name, value in values.items())

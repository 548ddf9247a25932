"""What a run shows while it works: live on a terminal, plain lines in CI and pipes, nothing with `--json`.

Comes in: the events that a run writes to events.jsonl, as they happen. Goes out: lines on standard
error, never on standard output. In CI a terminal that redraws itself fills the log with control
characters, so there it is plain lines even when a terminal is simulated.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.event import Event

_SHOWN = {"tdev.run.start", "tdev.run.resume", "tdev.task.start", "tdev.task.attempt", "tdev.branch.created"}
_SHOWN |= {"tdev.branch.found", "tdev.tool.install", "tdev.sandbox"}
_Listener = Callable[[Event], None]


@contextmanager
def shown(run: RunDir, *, quiet: bool) -> Iterator[None]:
    """Show the run's events while the block runs."""
    if quiet:
        yield
    elif sys.stderr.isatty() and not run.settings.ci:
        with _live(run):
            yield
    else:
        run.listeners.append(plain(time.monotonic()))
        yield


def plain(started: float) -> _Listener:
    """One line per stage and notable event, with the seconds since the start."""

    def tell(event: Event) -> None:
        seconds = f"{time.monotonic() - started:6.1f}s"
        if event.name == "tdev.stage.start":
            print(f"{seconds}  {event.stage}", file=sys.stderr, flush=True)
        elif event.name == "tdev.stage.end" and not event.attributes.get("ok", True):
            print(f"{seconds}  {event.stage}: stopped", file=sys.stderr, flush=True)
        elif event.name in _SHOWN:
            print(f"{seconds}    {event.message}", file=sys.stderr, flush=True)

    return tell


@contextmanager
def _live(run: RunDir) -> Iterator[None]:
    """A line per finished stage, and a spinner with what happens now."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False)
    with console.status("starting") as status:

        def tell(event: Event) -> None:
            if event.name == "tdev.stage.start":
                status.update(f"[bold]{event.stage}[/bold]")
            elif event.name == "tdev.stage.end":
                mark = "[green]✔[/green]" if event.attributes.get("ok") else "[red]✘[/red]"
                console.print(f"{mark} {event.stage} [dim]{event.attributes.get('seconds', 0)} s[/dim]")
            elif event.name in _SHOWN:
                console.print(f"  [dim]{escape(event.message)}[/dim]")
            elif event.message and event.stage:
                status.update(f"[bold]{event.stage}[/bold] {escape(event.message[:100])}")

        run.listeners.append(tell)
        yield

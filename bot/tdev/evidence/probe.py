"""A probe: one program's look at a commit or at a change, with all that is needed to plan it and to keep its answer.

The answer is a ToolReport. A program that can't be started or installed is a report that is not ok, and the gate that
needed it says so; it never ends the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.finding import ToolReport
from tdev.errors import ConfigurationError, TransientError
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Change, Commit

S = TypeVar("S", Commit, Change)


def always(run: RunDir) -> bool:
    """Asked for in every run."""
    return True


@dataclass(frozen=True)
class Probe(Generic[S]):
    """One row of evidence/table.py."""

    name: str
    """The program, as in its report."""
    gate: str
    """The gate that judges its report; a run that asks for other gates leaves it out."""
    look: Callable[[S], ToolReport]
    """Looks. Called in a thread of its own."""
    wanted: Callable[[RunDir], bool] = always
    """Whether policy and goal ask for it."""
    kept: bool = True
    """Its answer depends on nothing but the subject, the policy and our installation, so it may be remembered."""
    needs: tuple[str, ...] = ()
    """Names of tasks it waits for, on both sides: `pytest`."""
    seconds: float = 1.0
    """Roughly how long it takes: the longest start first."""
    after: tuple[str, ...] = ()
    """Names of probes of the change that it waits for, where they are asked."""


def looked(probe: Probe[S], subject: S, content: str) -> ToolReport:
    """The probe's report, from what is kept about this content where it may be; a failure to start is a report too."""

    def ask() -> ToolReport:
        try:
            return probe.look(subject)
        except (TransientError, ConfigurationError) as error:
            return ToolReport(tool=probe.name, ok=False, reason=str(error))

    if not probe.kept or subject.anew:
        return ask()
    key = key_of(subject.run, probe.name, content)
    return kept(subject.run, key, ToolReport, lambda report: report.ok, ask)

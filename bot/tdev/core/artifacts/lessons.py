"""lessons.json: what this run teaches.

The last file of a run. It is drawn from the other files without looking at the repository again, so a reader can
check each lesson against its evidence. A run that failed or had nothing to do also teaches something:
the file is written whatever the outcome.
"""

from __future__ import annotations

from tdev.core.artifacts.model import Model


class Lesson(Model):
    """One thing to know next time."""

    kind: str
    """`worked`, `failed`, `rolled-back`, `blocked`, `slow`, `question`."""
    text: str
    """One sentence."""
    evidence: str
    """Artifact and place that shows it, e.g. `patch.json#attempts/2`."""


class Lessons(Model):
    """What this run teaches, drawn from its other files alone."""

    outcome: str
    """How the run ended: `published`, `unchanged`, `gate-failed`, `dry-run`, `plan-only`, `questions`."""
    lessons: tuple[Lesson, ...] = ()
    """Most useful first."""
    seconds: dict[str, float] = {}
    """Wall clock by stage."""
    cost_usd: float = 0.0
    """Model cost of the run."""

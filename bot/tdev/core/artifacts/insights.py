"""insights.json: what the repository looks like and where it hurts.

stages/research.py writes it, core/decompose.py makes tasks from it, and a model is shown parts of it.
An insight's id comes from its kind and path alone (core/insight/fold.py), so two runs can be compared.
Kinds are listed in core/insight/kinds.py; new kinds need a title there and a task's words in core/task_words.py.
"""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.model import Model


class Evidence(Model):
    """One place that shows an insight."""

    path: str
    """POSIX path inside the repository."""
    line: int = Field(ge=0)
    """1-based line; 0 = the file as a whole."""
    detail: str = ""
    """What is seen there, e.g. the function's name."""


class Insight(Model):
    """One thing worth doing, with where it is seen."""

    id: str
    """Stable: the same for the same kind and place from run to run."""
    kind: str
    """What was found, e.g. `missing-docstring`, `complex-function`, `untested-module`."""
    title: str
    """One line for people."""
    path: str
    """File or folder it is about."""
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    """Where it is seen; duplicates are folded into one insight with several places."""
    effort_hours: float = Field(gt=0)
    """Estimated work for a person, in hours."""
    priority: float = Field(ge=0, le=1)
    """0..1; the formula is in docs/research.md."""
    recipe: str = ""
    """The recipe that can mend it without a model, if one can."""


class LanguageCount(Model):
    """Size of one language in the repository."""

    language: str
    """Name, e.g. `Python`."""
    files: int
    """Number of files."""
    lines: int
    """Number of lines."""


class Insights(Model):
    """What research saw."""

    languages: tuple[LanguageCount, ...] = ()
    """Largest first; only Python is judged, others are counted."""
    insights: tuple[Insight, ...] = ()
    """Highest priority first."""
    unreadable: tuple[Evidence, ...] = ()
    """Python files that could not be parsed or decoded, with the reason."""
    skipped: tuple[Evidence, ...] = ()
    """What was not read: symbolic links, submodules, binary and very large files; at most 200 of them."""
    files_scanned: int = 0
    """Python files read."""
    files_cached: int = 0
    """Of those, answered by the content-addressed cache."""
    truncated: bool = False
    """A limit of the policy cut the list."""

"""goal.json: what was asked, of which repository, within which limits.

stages/start.py writes it once; it never changes afterwards, and every later stage reads it.
`text` is untrusted: it is quoted as data wherever a model or a page sees it. What the run may do comes from the
policy and the budget, never from the text.
`goal_id` is the same when the same request comes again; `run_id` is new each time.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class GoalKind(StrEnum):
    """The two things T-Developer is asked for."""

    BUILD = "build"
    """Make a service from a requirement."""
    EVOLVE = "evolve"
    """Make an existing repository better."""


class Repository(Model):
    """The repository worked on, as it stood when the run began."""

    path: str
    """Absolute path of the repository (work tree or bare)."""
    name: str
    """Last component of the path, for people."""
    full_name: str = ""
    """`owner/name` on GitHub; empty for a repository that is only local."""
    base_sha: str = Field(pattern=r"^[0-9a-f]{40,64}$")
    """Commit the run starts from."""
    base_ref: str = ""
    """Branch that HEAD was on; empty when detached."""


class Budget(Model):
    """Limits of the whole run; whichever is reached first stops it."""

    usd: float = Field(default=5.0, ge=0)
    """Model cost in US dollars."""
    turns: int = Field(default=60, ge=1)
    """Model turns per task attempt."""
    minutes: float = Field(default=60.0, gt=0)
    """Wall-clock minutes of the run."""


class Goal(Model):
    """What was asked, by whom, at which base commit, with which budget."""

    run_id: str
    """The run this goal belongs to; sorts by time."""
    goal_id: str
    """Same for the same request of the same repository, whichever run."""
    trace_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """W3C trace id of the run."""
    kind: GoalKind
    """Build or evolve."""
    text: str
    """The request as it was given: data, never instructions to T-Developer itself."""
    removed: str = ""
    """What was taken out of the request because people can't see it, as a sentence; empty = nothing."""
    title: str
    """One line for people, at most 72 characters."""
    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    """The title as the last part of a branch name."""
    repository: Repository
    """Where the work is done."""
    project: str = "."
    """Folder inside the repository whose tests are run; POSIX path."""
    engine: str
    """The engine that was chosen: `claude` or `recipes`."""
    engine_reason: str
    """Why that engine."""
    recipes: tuple[str, ...] = ()
    """With the recipes engine: which recipes the request names; empty = whichever the insights call for."""
    budget: Budget = Budget()
    """Limits of the run."""
    dry_run: bool = False
    """Show the diff and stop before anything is published."""
    plan_only: bool = False
    """Stop after the plan."""
    requested_by: str = ""
    """Who asked: a login, or the local user's git name."""
    number: int = Field(default=0, ge=0)
    """Issue or pull request on GitHub that it was asked on; 0 = none."""
    created_at: str
    """UTC, ISO 8601."""

"""The beginning of a run: check what was asked and where, choose the engine, write goal.json.

Comes in: a Request from the command line or from a workflow. Goes out: a sealed run directory with goal.json and
policy.json. All that can be refused is refused here, before anything costs time or money: no
repository, a wrong policy, no sandbox, no credential, a disk that is full, a request no recipe can do.

The text of a request is untrusted. It is cleaned of characters that people can't see and later only
ever shown to a model inside a marked block.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tdev.adapters import policy_file, run_dir
from tdev.adapters.files import explained
from tdev.adapters.git import Git, open_repository
from tdev.adapters.run_dir import RunDir
from tdev.adapters.sandbox.table import chosen
from tdev.core.artifacts.goal import Budget, Goal, GoalKind, Repository
from tdev.core.recipes import RECIPES, recipes_named_in, why_not
from tdev.core.run import goal_id, new_run_id, new_trace_id, slug, utc_now
from tdev.core.untrusted_report import Removed
from tdev.core.untrusted_text import take_in
from tdev.engines import table
from tdev.errors import ConfigurationError, Refused, TransientError
from tdev.policy.model import EngineChoice, Policy
from tdev.settings import Settings

MINIMUM_FREE_BYTES = 200 * 1024 * 1024
_TITLE_LENGTH = 72


@dataclass(frozen=True)
class Request:
    """What a person asked for on the command line, in a label or in a comment."""

    kind: GoalKind
    """Build or evolve."""
    text: str
    """The request itself: untrusted."""
    repository: Path
    """Folder of the repository, or one inside it."""
    engine: str = ""
    """Overrides the policy's engine."""
    usd: float | None = None
    """Overrides the policy's budget."""
    dry_run: bool = False
    """Stop before anything is published."""
    plan_only: bool = False
    """Stop after the plan."""
    origin: Origin | None = None
    """Where on GitHub it was asked; None for a local run."""


@dataclass(frozen=True)
class Origin:
    """Where on GitHub a request comes from; each value was checked by core/job.py."""

    run_id: str
    """Id that the bot gave the run."""
    full_name: str
    """`owner/name` of the repository."""
    base_ref: str
    """Branch that is checked out."""
    number: int
    """Issue or pull request."""
    requested_by: str
    """Login of who asked."""
    folder: Path
    """Becomes the run directory."""


def start(settings: Settings, request: Request) -> RunDir:
    """Make the run directory of a request.

    Raises Refused when the request can't be done there, ConfigurationError when policy or engine are wrong.
    """
    git = open_repository(request.repository, settings.child_environment, settings.user_home)
    base = git.commit_of("HEAD")
    policy = policy_file.load_for(settings, git, base)
    text, removed = _checked_text(request, policy)
    engine, reason = table.choose(EngineChoice(request.engine) if request.engine else policy.engine, settings)
    recipes = _recipes(request.kind, text, engine)
    title = _title(request.kind, text)
    origin = request.origin
    if not request.plan_only:
        chosen(settings)
    _check_places(settings, git, dry_run=request.dry_run or request.plan_only)
    goal = Goal(
        run_id=origin.run_id if origin else new_run_id(),
        goal_id=goal_id(request.kind, text, origin.full_name if origin else str(git.folder)),
        trace_id=new_trace_id(),
        kind=request.kind,
        text=text,
        removed=removed.sentence(),
        title=title,
        slug=slug(title),
        repository=Repository(
            path=str(git.folder),
            name=(origin.full_name if origin else git.folder.name).rpartition("/")[2].removesuffix(".git"),
            full_name=origin.full_name if origin else "",
            base_sha=base,
            base_ref=origin.base_ref if origin else git.branch(),
        ),
        engine=engine,
        engine_reason=reason,
        recipes=recipes,
        budget=_budget(policy.budget, request.usd),
        dry_run=request.dry_run,
        plan_only=request.plan_only,
        requested_by=origin.requested_by if origin else settings.user,
        number=origin.number if origin else 0,
        created_at=utc_now(),
    )
    run = run_dir.create(settings, goal, policy, origin.folder if origin else None)
    if removed:
        run.emit("tdev.goal.cleaned", f"{goal.removed} from the request", removed=sum(removed.counts.values()))
    return run


def resume(run: RunDir, *, usd: float | None = None) -> RunDir:
    """The same run, ready to go on; a higher budget may be given."""
    if usd is not None:
        goal = run.goal
        run.write(goal.model_copy(update={"budget": _budget(goal.budget, usd)}))
        run.seal("resume")
    return replace(run)


def _budget(budget: Budget, usd: float | None) -> Budget:
    return budget if usd is None else budget.model_copy(update={"usd": usd})


def _checked_text(request: Request, policy: Policy) -> tuple[str, Removed]:
    """The request without what people can't see, and how much that was; raises Refused when it is empty or too long."""
    size = len(request.text.encode("utf-8", "replace"))
    limit = policy.limits.requirement_bytes
    if size > limit:
        raise Refused(
            f"The request is {size:,} bytes long; the limit is {limit:,}.",
            next_step="Shorten it, or raise limits.requirement_bytes in .github/tdev.yml.",
        )
    text, removed = take_in(request.text, limit)
    text = text.strip()
    if request.kind is GoalKind.BUILD and not text:
        raise Refused(
            "The requirement is empty.",
            next_step="Say what the service keeps and does; docs/requirements.md shows how.",
        )
    return text, removed


def _recipes(kind: GoalKind, text: str, engine: str) -> tuple[str, ...]:
    """The recipes the request names; raises Refused when the recipes engine can't do it."""
    if kind is GoalKind.BUILD or engine != "recipes" or not text:
        return ()
    named = recipes_named_in(text)
    if named:
        return named
    raise Refused(
        f"No recipe can do {_title(kind, text)!r}, and there is no model to ask. {why_not(text)}",
        next_step=f"Recipes: {', '.join(fact.name for fact in RECIPES)}. For anything else set ANTHROPIC_API_KEY.",
    )


def _title(kind: GoalKind, text: str) -> str:
    """One line for people, from the first line that says something."""
    line = next((line.strip("#*-_ \t") for line in text.splitlines() if line.strip("#*-_ \t")), "")
    if not line:
        return "build a service" if kind is GoalKind.BUILD else "improve what research finds"
    if kind is GoalKind.BUILD and not line.lower().startswith("build"):
        line = f"build {line}"
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…"


def _check_places(settings: Settings, git: Git, *, dry_run: bool) -> None:
    """Fail before any work is done when the result could not be kept."""
    with explained(settings.home):
        settings.runs.mkdir(parents=True, exist_ok=True)
        settings.work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < MINIMUM_FREE_BYTES:
        left, needed = free // 2**20, MINIMUM_FREE_BYTES // 2**20
        raise TransientError(
            f"The disk that holds {settings.home} has {left} MiB left; a run needs {needed}.",
            next_step="Free some space, or set TDEV_HOME to another disk.",
        )
    if not dry_run and not git.writable():
        raise ConfigurationError(
            f"The repository {git.folder} can't be written to, so no branch could be made there.",
            next_step="Make it writable, or use --dry-run.",
        )

"""research: scan the base commit and write down where it hurts.

The commit is read from git's own store, so that a dirty work tree, a detached HEAD or a bare repository make no
difference, and nothing of the user's is touched.

Comes in: a commit and the policy's research section. Goes out: insights.json, from which the plan
takes its tasks, and insights.md. The rules that find places are in core/insight and are pure;
reading, caching and git's history are adapters. No code of the repository is run or imported.
"""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

from tdev.adapters.content_cache import ContentCache, open_cache
from tdev.adapters.git import Git
from tdev.adapters.history import commits_per_file, line_dates
from tdev.adapters.run_dir import RunDir
from tdev.adapters.source_scan import SourceScan, scan_commit
from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.insights import Evidence, Insights
from tdev.core.insight import Material, Thresholds, find_places, fold
from tdev.core.insight.markdown import insights_markdown
from tdev.core.manifests import requirements
from tdev.policy.model import Research

MARKDOWN_FILE = "insights.md"
_SKIPPED_SHOWN = 200
_PROGRESS_SECONDS = 2.0
_BLAMED_FILES = 20


def research(run: RunDir) -> RunDir:
    """Write insights.json and insights.md about the base commit.

    Raises TransientError when git can't read the commit.
    """
    goal = run.goal
    limits = run.policy.research
    git = Git(Path(goal.repository.path), run.settings.child_environment)
    scan = scan_commit(
        git,
        goal.repository.base_sha,
        run.settings,
        folder=goal.project,
        exclude=limits.exclude,
        progress=_Progress(run),
    )
    with open_cache(run.settings) as cache:
        material = Material(
            files=tuple(scan.python),
            limits=_thresholds(limits),
            today=datetime.fromisoformat(goal.created_at).date(),
            manifests=scan.manifests,
            pinned_on=_pinned_on(git, goal, scan, cache),
            commits=commits_per_file(git, goal.repository.base_sha, cache),
        )
    insights = _insights(scan, material)
    run.write(insights)
    page = insights_markdown(goal.repository.name, goal.repository.base_sha, insights)
    run.write_bytes(MARKDOWN_FILE, page.encode("utf-8", "replace"))
    run.emit(
        "tdev.research.result",
        _sentence(insights),
        files=insights.files_scanned,
        cached=insights.files_cached,
        insights=len(insights.insights),
        unreadable=len(insights.unreadable),
        cache_trouble=scan.trouble,
    )
    return run


def _thresholds(limits: Research) -> Thresholds:
    """The policy's limits as the rules want them."""
    return Thresholds(
        complexity=limits.complexity,
        long_function_lines=limits.long_function_lines,
        todo_per_1000_lines=limits.todo_per_1000_lines,
        insights=limits.insights,
    )


class _Progress:
    """Emits an event now and then while files are read."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Tell, unless it was told a moment ago."""
        now = time.monotonic()
        if now - self._last >= _PROGRESS_SECONDS:
            self._last = now
            message = f"{done:,} of {total:,} files read"
            self._run.emit("tdev.research.progress", message, done=done, total=total)


def _pinned_on(git: Git, goal: Goal, scan: SourceScan, cache: ContentCache) -> dict[tuple[str, int], date]:
    """When the lines with exact pins were written."""
    paths = [
        path for path, text in sorted(scan.manifests.items()) if any(one.version for one in requirements(path, text))
    ]
    return {
        (path, line): day
        for path in paths[:_BLAMED_FILES]
        for line, day in line_dates(git, goal.repository.base_sha, path, cache).items()
    }


def _insights(scan: SourceScan, material: Material) -> Insights:
    """The artifact."""
    insights, truncated = fold(find_places(material), material)
    unreadable = tuple(
        Evidence(path=facts.path, line=facts.error_line, detail=facts.error) for facts in scan.python if facts.error
    )
    skipped = tuple(Evidence(path=path, line=0, detail=reason) for path, reason in scan.skipped[:_SKIPPED_SHOWN])
    return Insights(
        languages=scan.languages,
        insights=insights,
        unreadable=unreadable,
        skipped=skipped,
        files_scanned=len(scan.python),
        files_cached=scan.cached,
        truncated=truncated,
    )


def _sentence(insights: Insights) -> str:
    """What was seen, in one line."""
    lines = next((one.lines for one in insights.languages if one.language == "Python"), 0)
    if not insights.files_scanned:
        return "no Python files here, nothing to judge"
    return f"{insights.files_scanned:,} Python files, {lines:,} lines: {len(insights.insights)} insights"

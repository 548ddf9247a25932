"""One measurement of research, in a process of its own: `python -m bench.research_once REPOSITORY HOME [--parse]`.

Prints one line of JSON: seconds of the stage, lines, peak memory of this process and of its largest child, and with
`--parse` the seconds that parsing alone takes on the same files.
"""

from __future__ import annotations

import ast
import gc
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

from tdev.adapters import run_dir
from tdev.adapters.git import Git, open_repository
from tdev.adapters.source_tree import list_commit, read_blobs
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.insights import Insights
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.policy.model import Policy
from tdev.settings import Settings
from tdev.stages.research import research


def main(words: list[str]) -> int:
    """Measure and print."""
    repository, home = Path(words[0]), Path(words[1])
    settings = replace(Settings.from_environment(), home=home)
    git = open_repository(repository, settings.child_environment)
    run = run_dir.create(settings, _goal(git), Policy())
    started = time.perf_counter()
    research(run)
    seconds = time.perf_counter() - started
    insights = run.read(Insights)
    answer = {
        "seconds": seconds,
        "mib": sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 1024,
        "lines": next((one.lines for one in insights.languages if one.language == "Python"), 0),
        "insights": len(insights.insights),
        "cached": insights.files_cached,
        "files": insights.files_scanned,
    }
    if "--parse" in words:
        started = time.perf_counter()
        answer["parse_seconds"] = _parse_seconds(git)
        answer["whole_parse_seconds"] = time.perf_counter() - started
    print(json.dumps(answer))
    return 0


def _goal(git: Git) -> Goal:
    """A goal that asks for nothing in particular."""
    return Goal(
        run_id=new_run_id(),
        goal_id="bench",
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text="",
        title="bench",
        slug="bench",
        repository=Repository(path=str(git.folder), name=git.folder.name, base_sha=git.commit_of("HEAD")),
        engine="recipes",
        engine_reason="nothing is changed",
        created_at=utc_now(),
    )


def _parse_seconds(git: Git) -> float:
    """Seconds that `ast.parse` alone takes on the commit's Python files, the collector off."""
    blobs = [blob for blob in list_commit(git, "HEAD").blobs if blob.path.endswith(".py")]
    sources = [data for _, data in read_blobs(git, blobs)]
    gc.disable()
    started = time.perf_counter()
    for source in sources:
        ast.parse(source)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""What a repository's history says: how often files change, and when a line was written.

Comes in: a repository and a commit. Goes out: counts by path and dates by line, for the research
stage, which weighs its insights by them. The answers are kept in the scan cache under the commit's
id, because a commit's past never changes.

History is a hint and never evidence: where git can't tell, the answer is empty and the run goes on.
Times in commits are whatever their author's clock said, so they are kept within sane bounds.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime

from tdev.adapters.content_cache import ContentCache
from tdev.adapters.git import Git

COMMITS = 300
"""How far back changes are counted."""
_BLAME_HEAD = re.compile(r"^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$")


def commits_per_file(git: Git, sha: str, cache: ContentCache) -> dict[str, int]:
    """How many of the last COMMITS commits before and with `sha` touched each path; empty when git can't tell."""
    key = f"commits:{sha}"
    kept = _kept(cache, key)
    if kept is not None:
        return kept
    words = ("log", f"-n{COMMITS}", "--no-merges", "--no-renames", "--format=", "--name-only", "-z", sha, "--")
    done = git.run(*words, check=False)
    if not done.ok:
        return {}
    counts = dict(Counter(path.lstrip("\n") for path in done.stdout.split("\0") if path.strip()))
    _keep(git, cache, key, counts)
    return counts


def line_dates(git: Git, sha: str, path: str, cache: ContentCache) -> dict[int, date]:
    """Day (UTC) on which each line of a file was written, by 1-based line; empty when git can't tell.

    In a shallow clone the answer is the day of the oldest commit there is: no line seems older than it is.
    """
    key = f"dates:{sha}:{path}"
    kept = _kept(cache, key)
    if kept is None:
        done = git.run("blame", "--porcelain", "--no-textconv", sha, "--", path, check=False)
        if not done.ok:
            return {}
        kept = {str(line): seconds for line, seconds in _line_times(done.stdout).items()}
        _keep(git, cache, key, kept)
    return {int(line): datetime.fromtimestamp(seconds, UTC).date() for line, seconds in kept.items()}


def _line_times(porcelain: str) -> dict[int, int]:
    """Author time by line, from `git blame --porcelain`; a commit's header stands only at its first line."""
    times: dict[str, int] = {}
    commits: dict[int, str] = {}
    current = ""
    for row in porcelain.split("\n"):
        if row.startswith("\t"):
            continue
        head = _BLAME_HEAD.match(row)
        if head:
            current = head.group(1)
            commits[int(head.group(2))] = current
        elif row.startswith("author-time "):
            times[current] = _bounded(row.partition(" ")[2])
    return {line: times[commit] for line, commit in commits.items() if commit in times}


def _bounded(text: str) -> int:
    """Seconds since 1970, kept between then and the year 2100: commits may claim any time."""
    seconds = int(text) if text.lstrip("-").isdigit() else 0
    return min(max(seconds, 0), 4_102_444_800)


def _keep(git: Git, cache: ContentCache, key: str, answer: dict[str, int]) -> None:
    """Keep an answer, unless it comes from a shallow clone: one with more history knows better."""
    if git.text("rev-parse", "--is-shallow-repository") == "false":
        cache.keep({key: json.dumps(answer)})


def _kept(cache: ContentCache, key: str) -> dict[str, int] | None:
    """A kept answer; None when there is none."""
    body = cache.find([key]).get(key)
    try:
        kept = json.loads(body) if body else None
    except ValueError:
        return None
    return kept if isinstance(kept, dict) else None

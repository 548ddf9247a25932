"""ruff as a program: safe fixes of chosen rules on chosen files, with no configuration but ours.

Used by every recipe that edits Python; the rules and what counts as a safe fix are in ruff's
documentation. ruff's exit code is 1 when something is left to find, which is no failure. It prints
counts of its fixes; a change without counts means that the output has a new form, and is an error.

The project's configuration is never read (`--isolated`). Files are given in batches, for a command
line has a limit.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from tdev.engines.engine import Job
from tdev.engines.recipes.snapshot import Snapshot
from tdev.errors import TransientError
from tdev.tools.toolbox import Toolbox

TOOL = "ruff"
OLDEST_TARGET = (3, 7)
NEWEST_TARGET = (3, 14)
_FILES_AT_ONCE = 800
_FIXES = re.compile(r"^ +(\d+) × ([A-Z]+[0-9]+) \(", re.MULTILINE)
_CLEAN, _VIOLATIONS_LEFT = 0, 1


def target_version(lowest: tuple[int, int] | None) -> tuple[int, int]:
    """The Python version to write for: the lowest a project supports, inside what ruff knows."""
    return min(max(lowest or OLDEST_TARGET, OLDEST_TARGET), NEWEST_TARGET)


def fix(
    job: Job,
    snapshot: Snapshot,
    rules: Iterable[str],
    target: tuple[int, int],
    options: Mapping[str, object] | None = None,
) -> Counter[str]:
    """Apply the safe fixes of `rules` to the snapshot's files, and count them by rule.

    `options` are ruff settings by dotted name. Repository configuration is not read; `# noqa` is respected.
    Raises TransientError when ruff crashed, ran out of time, or changed files without saying which fixes it made.
    """
    selected = sorted(rules)
    if not selected:
        return Counter()
    words = [
        "check", "--isolated", "--no-cache", "--fix", "--no-unsafe-fixes", "--show-fixes", "--output-format", "concise",
        "--target-version", f"py{target[0]}{target[1]}", "--select", ",".join(selected), *_settings(options or {}),
    ]  # fmt: skip
    fixes: Counter[str] = Counter()
    for batch in batches(sorted(snapshot.content)):
        fixes += _fix_batch(job, words, batch)
    if snapshot.changed() and not fixes:
        raise TransientError("ruff changed files but did not say what it fixed; its output is not understood.")
    return fixes


def format_files(job: Job, paths: Iterable[str], line_length: int) -> None:
    """Format files in place; raises TransientError when ruff can't."""
    words = ["format", "--isolated", "--no-cache", "--config", f"line-length={line_length}", "--", *paths]
    _run(job, words, allowed=(_CLEAN,))


def batches(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths in groups short enough for a command line."""
    rest = iter(paths)
    while batch := list(islice(rest, _FILES_AT_ONCE)):
        yield batch


def _fix_batch(job: Job, words: Sequence[str], batch: Sequence[str]) -> Counter[str]:
    output = _run(job, [*words, "--", *batch], allowed=(_CLEAN, _VIOLATIONS_LEFT))
    return Counter({rule: sum(counts) for rule, counts in _by_rule(output).items()})


def _by_rule(output: str) -> dict[str, list[int]]:
    """Counts that `--show-fixes` printed, by rule; one per file."""
    found: dict[str, list[int]] = {}
    for count, rule in _FIXES.findall(output):
        found.setdefault(rule, []).append(int(count))
    return found


def _settings(options: Mapping[str, object]) -> Iterator[str]:
    """Settings as `--config KEY=VALUE`; JSON scalars and lists of strings are TOML as well."""
    for key in sorted(options):
        yield "--config"
        yield f"{key}={json.dumps(options[key])}"


def _run(job: Job, words: Sequence[str | Path], allowed: Sequence[int]) -> str:
    done = Toolbox(job.settings).run(TOOL, *words, cwd=job.project, timeout=seconds(job))
    if done.timed_out or done.truncated or done.exit_code not in allowed:
        what = "ran out of time" if done.timed_out else f"ended with exit code {done.exit_code}"
        raise TransientError(f"ruff {what}: {done.tail(4) or 'no message'}.")
    return done.stdout


def seconds(job: Job) -> float:
    """Time limit of one program, in seconds."""
    return max(1.0, min(float(job.policy.limits.tool_seconds), job.seconds_left))

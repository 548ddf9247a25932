"""Large files are scanned in another process, with limits on its time and memory.

The parser is one call that nothing can interrupt, and there are files, made on purpose, on which it takes minutes or
gigabytes. Ordinary files are too small for that and are scanned right here.

Comes in: (path, content) pairs from source_scan. Goes out: facts in the same order. The work is
done by `scan_worker` in a process with limits. It answers file by file, so when it dies the first
missing answer tells which file was too much; that one is marked, and the rest goes to a new
process.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.scan_worker import frame
from tdev.core.scan import FileFacts, decode_facts
from tdev.errors import TransientError

LARGE_BYTES = 128 * 1024
"""Files above this size are scanned apart."""
SECONDS = 4.0
"""Processor time one file may take, plus SECONDS_PER_MIB."""
SECONDS_PER_MIB = 6.0
FAILURES = 3
"""After so many files that could not be scanned the others are not tried."""
_GROUP_BYTES = 8 * 1024**2
_WALL_SECONDS = 600.0
_TOO_MUCH = "takes more time or memory to parse than is allowed"
NOT_TRIED = "was not tried: too many large files before it could not be parsed in the time and memory allowed"


def scan_apart(files: Sequence[tuple[str, bytes]], environment: Mapping[str, str]) -> list[FileFacts]:
    """The facts about each (path, content), in order; what can't be scanned within the limits carries `error`.

    Raises TransientError when the other process can't be run.
    """
    facts: list[FileFacts] = []
    failures = 0
    while len(facts) < len(files):
        rest = files[len(facts) :]
        if failures == FAILURES:
            facts += [FileFacts(path, lines=source.count(b"\n"), error=NOT_TRIED) for path, source in rest]
            break
        group = _group(rest)
        facts += _scan(group, environment)
        if len(facts) < len(files) - len(rest) + len(group):
            path, source = files[len(facts)]
            facts.append(FileFacts(path, lines=source.count(b"\n"), error=_TOO_MUCH))
            failures += 1
    return facts


def _group(files: Sequence[tuple[str, bytes]]) -> Sequence[tuple[str, bytes]]:
    """As many of the first files as go into one run."""
    size = 0
    for index, (_, source) in enumerate(files):
        size += len(source)
        if index and size > _GROUP_BYTES:
            return files[:index]
    return files


def _scan(group: Sequence[tuple[str, bytes]], environment: Mapping[str, str]) -> list[FileFacts]:
    """One run of the worker: the facts about the files it got through."""
    sources = [source for _, source in group]
    done = process.run(
        (sys.executable, "-I", "-m", "tdev.adapters.scan_worker", str(SECONDS), str(SECONDS_PER_MIB)),
        cwd=Path(sys.prefix),
        environment=environment,
        timeout=_WALL_SECONDS,
        stdin=frame(sources),
        max_output=512 * 1024**2,
    )
    if done.exit_code > 0 and "MemoryError" not in done.stderr:
        raise TransientError(f"The scanner of large files failed: {done.tail(1) or f'exit code {done.exit_code}'}.")
    answers = done.stdout.split("\n")[:-1]
    return [decode_facts(path, answer) for (path, _), answer in zip(group, answers, strict=False)]

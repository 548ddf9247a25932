"""What the failing tests of earlier attempts point at, so that the next attempt leaves it out.

Comes in: the reasons why earlier attempts were rolled back, as text with tracebacks. Goes out:
project files. The recipes that edit sources leave them out, or treat them with more care, so that
one file that breaks a test does not cost the whole change.

It errs on the side of more files: leaving one out needlessly is cheaper than a lost attempt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tdev.core.scan import FileFacts, is_test_path, scan_file
from tdev.engines.engine import Job
from tdev.engines.recipes.source_files import Sources

_PATH = re.compile(r"[\w./-]+\.pyi?\b")


def implicated(job: Job, sources: Sources) -> frozenset[str]:
    """Project files that the feedback names, and the own modules that the failing test files import.

    A file named in a traceback counts by itself; a test file that is only named as the place of a failing test stands
    for what it imports as well. Empty when there is no feedback or it points nowhere.
    """
    text = "\n".join(job.feedback)
    if not text:
        return frozenset()
    mentioned = _PATH.findall(text)
    named = {path for path in sources.files if any(_same(path, word) for word in mentioned)}
    if any(not is_test_path(path) for path in named):
        return frozenset(named)
    facts = {path: scan_file(path, sources.bytes_of(path)) for path in sources.files}
    return frozenset(named | _imported_by(named, facts))


def _same(path: str, word: str) -> bool:
    """True when a path from a message, relative or absolute, is this file."""
    return word == path or word.endswith(f"/{path}") or path.endswith(f"/{word}")


def _imported_by(paths: Iterable[str], facts: Mapping[str, FileFacts]) -> set[str]:
    """Files whose module one of the files imports, directly."""
    wanted = {
        name
        for path in paths
        for fact in facts[path].imports
        for name in (fact.module, f"{fact.module}.{fact.name}".strip("."))
        if name
    }
    return {path for path in facts if module_names(path) & wanted}


def module_names(path: str) -> frozenset[str]:
    """Dotted names a file may be imported by: from the project's root and from each folder below it."""
    parts = path.removesuffix(".pyi").removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return frozenset(".".join(parts[start:]) for start in range(len(parts)))

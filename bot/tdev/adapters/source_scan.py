"""All Python files of a commit scanned, all others counted; what the cache knows is not read again.

Comes in: a repository, a commit, what to leave out. Goes out: SourceScan, for the research stage
and for every measurement. The reading is done by source_tree, the parsing by the room core/scan,
and files above 128 KiB are parsed in a process of their own (scan_apart).

Files are known by the id of their content, so a second commit costs only what differs from the
first. Nothing is ever dropped silently: what was not read stands in `skipped`, what could not be
parsed carries `error`.
"""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tdev.adapters.content_cache import ContentCache, open_cache
from tdev.adapters.git import Git
from tdev.adapters.scan_apart import LARGE_BYTES, NOT_TRIED, scan_apart
from tdev.adapters.source_tree import Blob, Skipped, list_commit, read_blobs
from tdev.core.artifacts.insights import LanguageCount
from tdev.core.globs import matches
from tdev.core.languages import PYTHON, language_of
from tdev.core.manifests import is_manifest
from tdev.core.scan import FileFacts, decode_facts, encode_facts, scan_file
from tdev.settings import Settings

_BATCH = 250
_BINARY_HEAD = 8000
_BINARY = -1
Progress = Callable[[int, int], None]


@dataclass
class SourceScan:
    """What was seen in one commit."""

    python: list[FileFacts] = field(default_factory=list)
    """Every Python file, in path order; those that could not be parsed carry `error`."""
    languages: tuple[LanguageCount, ...] = ()
    """Most lines first."""
    skipped: list[Skipped] = field(default_factory=list)
    """What was not read, and why."""
    manifests: dict[str, str] = field(default_factory=dict)
    """Text of the dependency files by path."""
    cached: int = 0
    """How many of the Python files the cache answered."""
    trouble: str = ""
    """Why the cache kept nothing, when it did not."""


def scan_commit(
    git: Git,
    sha: str,
    settings: Settings,
    *,
    folder: str = ".",
    exclude: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
) -> SourceScan:
    """Scan the files of a commit below a folder, those that `exclude` names left out.

    `progress` is called with (files done, files to read) now and then. Raises TransientError when git's store is
    damaged.
    """
    listing = list_commit(git, sha, folder)
    kept = [blob for blob in listing.blobs if not matches(blob.path, exclude)]
    seen = SourceScan(skipped=[one for one in listing.skipped if not matches(one.path, exclude)])
    python = [blob for blob in kept if language_of(blob.path) == PYTHON]
    others = [blob for blob in kept if language_of(blob.path) not in ("", PYTHON)]
    with open_cache(settings) as cache, _no_collector():
        _Reader(git, cache, seen, progress, len(python) + len(others)).read(python, others)
        seen.trouble = cache.trouble
    manifests = [blob for blob in kept if is_manifest(blob.path)]
    seen.manifests = {blob.path: data.decode("utf-8", "replace") for blob, data in read_blobs(git, manifests)}
    return seen


@dataclass
class _Reader:
    """Reads what the cache does not know, and tells the cache."""

    git: Git
    cache: ContentCache
    seen: SourceScan
    progress: Progress
    total: int
    done: int = 0

    def read(self, python: list[Blob], others: list[Blob]) -> None:
        """Fill `seen`."""
        lines: Counter[str] = Counter()
        files: Counter[str] = Counter()
        for part in _parts(python):
            self.seen.python.extend(self._facts(part))
        for part in _parts(others):
            for blob, count in self._counts(part):
                if count == _BINARY:
                    self.seen.skipped.append(Skipped(blob.path, "binary file"))
                else:
                    lines[language_of(blob.path)] += count
                    files[language_of(blob.path)] += 1
        if self.seen.python:
            lines[PYTHON] = sum(facts.lines for facts in self.seen.python)
            files[PYTHON] = len(self.seen.python)
        order = sorted(files, key=lambda name: (-lines[name], name))
        self.seen.languages = tuple(
            LanguageCount(language=name, files=files[name], lines=lines[name]) for name in order
        )

    def _facts(self, part: list[Blob]) -> list[FileFacts]:
        known = self.cache.find(blob.sha for blob in part)
        facts: dict[str, FileFacts] = {}
        for blob in part:
            body = known.get(blob.sha)
            if body is not None:
                with contextlib.suppress(ValueError, TypeError):
                    facts[blob.path] = decode_facts(blob.path, body)
        self.seen.cached += len(facts)
        missing = [blob for blob in part if blob.path not in facts]
        facts.update((seen.path, seen) for seen in self._scan(missing))
        fresh = [blob for blob in missing if facts[blob.path].error != NOT_TRIED]
        self.cache.keep({blob.sha: encode_facts(facts[blob.path]) for blob in fresh})
        self._tell(len(part))
        return [facts[blob.path] for blob in part]

    def _scan(self, blobs: list[Blob]) -> Iterator[FileFacts]:
        """Facts about files the cache does not know; the large ones are scanned in a process of their own."""
        large: list[tuple[str, bytes]] = []
        for blob, source in read_blobs(self.git, blobs):
            if blob.size > LARGE_BYTES:
                large.append((blob.path, source))
            else:
                yield scan_file(blob.path, source)
        yield from scan_apart(large, self.git.environment)

    def _counts(self, part: list[Blob]) -> list[tuple[Blob, int]]:
        known = self.cache.find(f"lines:{blob.sha}" for blob in part)
        counts = {key: int(body) for key, body in known.items()}
        missing = [blob for blob in part if f"lines:{blob.sha}" not in counts]
        fresh: dict[str, str] = {}
        for blob, data in read_blobs(self.git, missing):
            fresh[f"lines:{blob.sha}"] = str(_line_count(data))
        self.cache.keep(fresh)
        counts.update((key, int(body)) for key, body in fresh.items())
        self._tell(len(part))
        return [(blob, counts[f"lines:{blob.sha}"]) for blob in part]

    def _tell(self, more: int) -> None:
        self.done += more
        self.progress(self.done, self.total)


def _line_count(data: bytes) -> int:
    """Lines of a text; _BINARY for what is none."""
    if b"\0" in data[:_BINARY_HEAD]:
        return _BINARY
    return data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)


def _parts(blobs: list[Blob]) -> Iterator[list[Blob]]:
    """The blobs in runs of _BATCH."""
    for start in range(0, len(blobs), _BATCH):
        yield blobs[start : start + _BATCH]


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Syntax trees hold no cycles, so that looking for cycles while they grow is time lost."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

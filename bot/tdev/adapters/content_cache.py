"""Answers about content, kept by what they are about: what was read or measured once is not done again.

One SQLite file per subject and version of what answers, so that changed code never sees old answers. It may be deleted
at any time. A damaged entry is as good as none; a damaged file is thrown away; a folder that can't be written to means
that nothing is kept, and `trouble` says so.

Facts about files and git's answers (source_scan, history) are kept for one version of the scanner, evidence for gates
(evidence/kept.py) for one installation of ours. Several processes may use a file at once; SQLite's own locks keep them
apart, and who waits too long goes on without cache. Each entry carries a check sum, as writes don't wait for the disk.
Nothing that runs in the sandbox can write here.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

import tdev.core.scan
from tdev.settings import Settings

_CHUNK = 500
_BUSY_SECONDS = 10.0
_KEEP_SECONDS = 30 * 24 * 3600.0
_MAX_BYTES = 1024**3
_TELLING = frozenset({".py", ".yml", ".toml", ".lock", ".txt"})


class ContentCache:
    """A cache, open; use it in a `with` block."""

    def __init__(self, folder: Path, version: str) -> None:
        self.file = folder / f"facts-{version}.sqlite"
        self.trouble = ""
        """Why nothing is kept, when nothing is."""
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> ContentCache:
        """Open, or make, the file."""
        with self._tolerant():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            _prune(self.file)
            try:
                self._db = _open(self.file)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._start_anew()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def find(self, keys: Iterable[str]) -> dict[str, str]:
        """What is kept under those keys; damaged entries are left out."""
        found: dict[str, str] = {}
        wanted = list(keys)
        with self._tolerant():
            for start in range(0, len(wanted), _CHUNK):
                if self._db is None:
                    break
                part = wanted[start : start + _CHUNK]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, crc, body FROM facts WHERE key IN ({marks})", part)  # noqa: S608
                found.update((key, body) for key, crc, body in rows if _intact(crc, body))
        return found

    def keep(self, entries: Mapping[str, str]) -> None:
        """Keep some entries, in one transaction."""
        if self._db is None or not entries:
            return
        rows = [(key, zlib.crc32(body.encode()), body) for key, body in entries.items()]
        with self._tolerant(), self._db as transaction:
            transaction.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[None]:
        """A cache that fails is left alone for the rest of its life; a damaged one is replaced by an empty one."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            self._give_up(str(error))
        except sqlite3.DatabaseError:
            with contextlib.suppress(sqlite3.Error, OSError):
                self._start_anew()

    def _give_up(self, why: str) -> None:
        self.trouble = why
        if self._db is not None:
            self._db.close()
            self._db = None

    def _start_anew(self) -> None:
        self._give_up("was damaged and has been emptied")
        for name in (self.file, self.file.with_name(f"{self.file.name}-journal")):
            name.unlink(missing_ok=True)
        self._db = _open(self.file)


def open_cache(settings: Settings) -> ContentCache:
    """The cache of facts about files, not yet open."""
    return ContentCache(settings.cache / "scan", scanner_version())


def open_evidence(settings: Settings) -> ContentCache:
    """The cache of evidence for gates, not yet open."""
    return ContentCache(settings.cache / "evidence", installation_version(settings.policies))


@functools.cache
def scanner_version() -> str:
    """Twelve hex digits that change when the scanner's code, or the Python whose grammar it uses, does."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in sorted(Path(tdev.core.scan.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@functools.cache
def installation_version(policies: Path) -> str:
    """Twelve hex digits that change when our code, a rule, a pinned program or the interpreter does."""
    digest = hashlib.sha256(f"{sys.version} {sys.executable}".encode())
    package = Path(tdev.core.scan.__file__).parents[2]
    for root in (package, policies):
        for file in sorted(path for path in root.rglob("*") if path.suffix in _TELLING):
            digest.update(f"\0{file.relative_to(root)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _open(file: Path) -> sqlite3.Connection:
    """The database with its one table. A crash may lose or damage it: it is a cache, so no write waits for the disk."""
    db = sqlite3.connect(file, timeout=_BUSY_SECONDS)
    db.text_factory = _lenient
    db.execute("PRAGMA synchronous=OFF")
    db.execute("CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, crc INTEGER, body TEXT) WITHOUT ROWID")
    return db


def _lenient(raw: bytes) -> str:
    """Text of a row; damaged bytes are replaced, so that the check sum no longer fits."""
    return raw.decode("utf-8", "replace")


def _intact(crc: object, body: object) -> bool:
    """True when an entry is what was once kept."""
    return isinstance(body, str) and zlib.crc32(body.encode()) == crc


def _prune(current: Path) -> None:
    """Remove caches of other versions that nobody has written to for a month, and this one when it grew too large."""
    for file in current.parent.glob("facts-*.sqlite"):
        status = file.stat()
        old = file != current and time.time() - status.st_mtime > _KEEP_SECONDS
        if old or status.st_size > _MAX_BYTES:
            file.unlink(missing_ok=True)

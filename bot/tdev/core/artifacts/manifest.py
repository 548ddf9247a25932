"""MANIFEST.json: the SHA-256 of each file, chained, so that a reader can prove that nothing was changed.

Each stage seals the files it wrote; the chain makes later edits, removals and swaps visible (`broken_link`).
It proves order and content, not authorship: whoever can rewrite the whole directory can rewrite the chain too,
unless `head` was noted elsewhere.
A log such as events.jsonl grows after it was sealed: only its first `size` bytes are covered.
"""

from __future__ import annotations

import hashlib

from tdev.core.artifacts.model import Model

FIRST_LINK = "0" * 64


class ManifestEntry(Model):
    """One sealed file."""

    path: str
    """POSIX path inside the run directory."""
    sha256: str
    """Of its first `size` bytes."""
    size: int
    """Bytes; a log may have grown since."""
    stage: str
    """Stage that sealed it."""
    chain: str
    """SHA-256 over the previous entry's `chain` and this entry's other fields."""


class Manifest(Model):
    """Sealed files in the order they were sealed; a later entry for the same path replaces the earlier one."""

    entries: tuple[ManifestEntry, ...] = ()
    """Oldest first."""

    @property
    def head(self) -> str:
        """The last link: note it elsewhere, and the whole directory is fixed."""
        return self.entries[-1].chain if self.entries else FIRST_LINK

    def append(self, *, path: str, sha256: str, size: int, stage: str) -> Manifest:
        """The manifest with one more sealed file."""
        entry = ManifestEntry(
            path=path, sha256=sha256, size=size, stage=stage, chain=link(self.head, path, sha256, size, stage)
        )
        return Manifest(entries=(*self.entries, entry))

    def latest(self) -> dict[str, ManifestEntry]:
        """The entry in force for each path, in sealing order."""
        current: dict[str, ManifestEntry] = {}
        for entry in self.entries:
            current.pop(entry.path, None)
            current[entry.path] = entry
        return current

    def broken_link(self) -> ManifestEntry | None:
        """The first entry whose chain does not follow from the one before it, or None."""
        previous = FIRST_LINK
        for entry in self.entries:
            if entry.chain != link(previous, entry.path, entry.sha256, entry.size, entry.stage):
                return entry
            previous = entry.chain
        return None


def link(previous: str, path: str, sha256: str, size: int, stage: str) -> str:
    """One link of the chain, hex SHA-256."""
    text = "\n".join((previous, path, sha256, str(size), stage))
    return hashlib.sha256(text.encode()).hexdigest()

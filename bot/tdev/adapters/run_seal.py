"""Sealing a run directory: which file came from which stage, and proof that none was changed since.

Called through RunDir. Comes in: a run's folder. Goes out: MANIFEST.json, a chain of entries in which
each holds the hash of the one before, so that none can be taken out or altered without breaking the
rest; the chain itself is core/artifacts/manifest.py. `tdev run verify` shows the answer to people.

The event log only grows. So of it just the part that was there when it was sealed is compared, while
every other file must have its sealed length. The lock, the manifest and temporary files are left out.

It shows accidents and edits by hand. Someone who can write the folder can seal it anew; who needs
more keeps the head of the chain, which `tdev run show` prints, in another place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tdev.adapters.files import sha256_of, write_atomically
from tdev.adapters.run_files import read_model
from tdev.core.artifacts import Manifest

EVENTS_FILE = "events.jsonl"
MANIFEST_FILE = "MANIFEST.json"
_UNSEALED = {MANIFEST_FILE, ".lock"}


def manifest_of(folder: Path) -> Manifest:
    """MANIFEST.json, empty when nothing was sealed yet; raises ConfigurationError when it is damaged."""
    return read_model(Manifest, folder, MANIFEST_FILE) if (folder / MANIFEST_FILE).is_file() else Manifest()


def seal(folder: Path, stage: str) -> None:
    """Add every new or changed file to the manifest, in name order, as this stage's work."""
    manifest = manifest_of(folder)
    current = manifest.latest()
    for name in _sealable(folder):
        digest, size = sha256_of(folder / name)
        entry = current.get(name)
        if entry is None or (entry.sha256, entry.size) != (digest, size):
            manifest = manifest.append(path=name, sha256=digest, size=size, stage=stage)
    write_atomically(folder / MANIFEST_FILE, manifest.model_dump_json(indent=2).encode() + b"\n", backup=False)


def why_broken(folder: Path) -> str:
    """Empty when every sealed file is as it was sealed; else one sentence that names the first that is not."""
    manifest = manifest_of(folder)
    if not manifest.entries:
        return f"{MANIFEST_FILE} is missing or empty"
    broken = manifest.broken_link()
    if broken is not None:
        return f"{MANIFEST_FILE} was changed: the chain breaks at the entry for {broken.path}"
    latest = manifest.latest()
    for name, entry in latest.items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if sha256_of(file, entry.size) != (entry.sha256, entry.size):
            return f"{name} was changed after stage {entry.stage} sealed it"
        if name != EVENTS_FILE and file.stat().st_size != entry.size:
            return f"{name} was changed after stage {entry.stage} sealed it"
    return next((f"{name} was added after the run was sealed" for name in _sealable(folder) if name not in latest), "")


def _sealable(folder: Path) -> Iterator[str]:
    """Names of the files that belong in the manifest."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        temporary = file.name.startswith(".")
        if file.is_file() and not file.is_symlink() and name not in _UNSEALED and not temporary:
            yield name

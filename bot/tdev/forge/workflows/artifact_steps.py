"""actions/upload-artifact and actions/download-artifact, done by the runner over the forge's own storage.

Follows the actions' README files. Comes in: a step's inputs, the workspace, the job's folder. Goes out: an archive that
the report keeps, or files in the workspace. Patterns and merging of several artifacts on download are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tdev.errors import Refused
from tdev.forge.workflows.artifact_files import pack, unpack, wanted
from tdev.forge.workflows.checkout import within

_LONGEST_DAYS = 90
_NOT_IN_NAMES = frozenset('":<>|*?\r\n\\/')


class Storage(Protocol):
    """Where artifacts are kept, and the log."""

    def write(self, text: bytes) -> None:
        """The step prints something."""

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """Keep an archive as an artifact of the run; Refused when the attempt has one of that name."""

    def artifact(self, name: str) -> Path | None:
        """The archive of an artifact of the run."""


async def upload(given: Mapping[str, str], workspace: Path, inside: Path, storage: Storage) -> None:
    """Keep the files a step names; Refused for inputs that make no sense and files outside the job's folder."""
    name, days = given.get("name") or "artifact", given.get("retention-days") or str(_LONGEST_DAYS)
    if not days.isdecimal() or int(days) > _LONGEST_DAYS:
        raise Refused(f"retention-days is no number up to {_LONGEST_DAYS}: {days}.")
    if set(name) & _NOT_IN_NAMES or not given.get("path"):
        raise Refused('An artifact needs a path, and a name without any of " : < > | * ? \\ /.')
    hidden = given.get("include-hidden-files") == "true"
    root, files = await asyncio.to_thread(wanted, given["path"], workspace, inside, hidden=hidden)
    if not files:
        _nothing_found(given, storage)
        return
    archive = inside / "upload.zip"
    await asyncio.to_thread(pack, root, files, archive)
    storage.keep(name, archive, int(days) or _LONGEST_DAYS, overwrite=given.get("overwrite") == "true")
    storage.write(f"Artifact {name} has been uploaded, with {len(files)} files.\n".encode())


def _nothing_found(given: Mapping[str, str], storage: Storage) -> None:
    """What `if-no-files-found` says is done: `warn`, `error` or `ignore`."""
    told = f"No files were found with the provided path: {given['path'].strip()}. No artifacts will be uploaded."
    what = given.get("if-no-files-found") or "warn"
    if what not in ("warn", "error", "ignore"):
        raise Refused(f"if-no-files-found can't be {what}.")
    if what == "error":
        raise Refused(told)
    storage.write(f"{'##[warning]' if what == 'warn' else ''}{told}\n".encode())


async def download(given: Mapping[str, str], workspace: Path, inside: Path, storage: Storage) -> None:
    """Unpack an artifact of the run into a folder of the job; Refused where there is none of the name."""
    name = given.get("name", "")
    archive = storage.artifact(name)
    if not name or archive is None:
        raise Refused(f"Unable to download artifact(s): Artifact not found for name: {name}")
    target = within(inside, str(workspace / given.get("path", "")))
    count = await asyncio.to_thread(unpack, archive, target)
    storage.write(f"Artifact {name} has been downloaded to {target}, with {count} files.\n".encode())

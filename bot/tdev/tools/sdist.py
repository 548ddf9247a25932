"""Source distributions from PyPI, pinned by hash: the real packages that `tdev demo` and the corpora work on.

Comes in: name, version and hash. Goes out: an unpacked folder. The archive is kept in the cache
under its hash, so the second demo needs no network. pip fetches it without building; nothing of the
package is run until its tests are.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import NamedTuple

from tdev.adapters.files import sha256_of
from tdev.errors import TransientError
from tdev.tools.toolbox import Toolbox


class Sdist(NamedTuple):
    """One pinned source distribution."""

    name: str
    """Name on the package index."""
    version: str
    """Exact version."""
    sha256: str
    """Of the `.tar.gz`."""


def fetch(toolbox: Toolbox, sdist: Sdist, timeout: float) -> Path:
    """The archive, from the cache or downloaded by pip, its hash checked; raises TransientError."""
    folder = toolbox.settings.cache / "sdists" / sdist.sha256
    found = _archive(folder, sdist)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{sdist.name}=={sdist.version} --hash=sha256:{sdist.sha256}\n")
    words = ("download", "--quiet", "--require-hashes", "--no-deps", "--no-binary", ":all:", "--dest", str(folder))
    done = toolbox.run(
        "pip",
        *words,
        "--requirement",
        requirements,
        cwd=folder,
        timeout=timeout,
        environment=toolbox.settings.installer_environment,
    )
    found = _archive(folder, sdist)
    if found is None:
        raise TransientError(
            f"{sdist.name} {sdist.version} could not be downloaded: {done.tail(3)}.",
            next_step="Check the network, then run the same command again.",
        )
    return found


def _archive(folder: Path, sdist: Sdist) -> Path | None:
    """The archive with the right hash, if it is there."""
    for file in folder.glob("*.tar.gz"):
        if sha256_of(file)[0] == sdist.sha256:
            return file
    return None


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive's single top folder as `folder`.

    Only folders and regular files are written, none outside; Python before 3.11.4 has no tarfile filters to ask for
    that. Raises TransientError when the archive holds anything else.
    """
    scratch = folder.with_name(folder.name + ".unpacking")
    with tarfile.open(archive) as opened:
        for member in opened:
            target = (scratch / member.name).resolve()
            if not target.is_relative_to(scratch.resolve()) or not (member.isdir() or member.isfile()):
                raise TransientError(f"{archive.name} holds {member.name!r}, which is no plain file.")
            _write(opened, member, target)
    (top,) = scratch.iterdir()
    top.rename(folder)
    shutil.rmtree(scratch)
    return folder


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """One folder or file of an archive, with the rights of whoever unpacks it."""
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    if source is not None:
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    target.chmod(0o755 if member.mode & 0o100 else 0o644)

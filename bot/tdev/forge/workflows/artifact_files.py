"""Files of artifacts: which a step wants, and archives of them in and out.

Follows the README files of actions/upload-artifact and actions/download-artifact. Comes in: the `path` of a step,
folders, archives. Goes out: a zip of regular files below one root, and the files of such a zip in a folder.

Nothing outside the job's folder is taken, links are never followed and never made, and an archive that unpacks
to more than 2 GiB or 100,000 files is refused. As on GitHub no file is executable after that.
"""

from __future__ import annotations

import glob
import os
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tdev.errors import Refused

MAX_BYTES = 2 * 1024**3
MAX_FILES = 100_000
_WILD = frozenset("*?[")


def wanted(path: str, workspace: Path, inside: Path, *, hidden: bool) -> tuple[Path, list[Path]]:
    """The root and the files a `path` of upload-artifact names, one pattern a line, `!` for what is left out.

    One folder is its own root, one file its parent; of several the root is what all of them have in common.
    Refused when a pattern leads out of the folder `inside`.
    """
    lines = [line.strip() for line in path.splitlines() if line.strip()]
    taken: dict[Path, None] = {}
    roots: list[Path] = []
    for line in lines:
        found = _found(workspace, line.removeprefix("!"), inside, hidden=hidden)
        files = [file for each in found for file in _files(each, hidden=hidden)]
        if line.startswith("!"):
            taken = {file: None for file in taken if file not in set(files)}
            continue
        taken |= dict.fromkeys(files)
        roots.append(_root(workspace, line, found))
    if not taken:
        return inside, []
    root = roots[0] if len(roots) == 1 else Path(os.path.commonpath(roots))
    return root, sorted(taken)


def _found(workspace: Path, pattern: str, inside: Path, *, hidden: bool) -> list[Path]:
    """What a pattern matches; Refused when that is outside."""
    if set(pattern) & _WILD:
        names = glob.glob(str(workspace / pattern), recursive=True, include_hidden=hidden)  # noqa: PTH207
    else:
        names = [str(workspace / pattern)] if (workspace / pattern).exists() else []
    found = [Path(os.path.normpath(name)) for name in names]
    for each in found:
        if not each.resolve().is_relative_to(inside.resolve()):
            raise Refused(f"{pattern} is outside the job's folder.", next_step="Upload files of the job.")
    return found


def _root(workspace: Path, pattern: str, found: Sequence[Path]) -> Path:
    """Where the paths of a pattern begin in the archive."""
    whole = Path(os.path.normpath(workspace / pattern))
    if set(pattern) & _WILD:
        return Path(*_before_wild(whole))
    return whole if found and found[0].is_dir() else whole.parent


def _before_wild(whole: Path) -> list[str]:
    """The parts of a path before its first wildcard."""
    parts: list[str] = []
    for part in whole.parts:
        if set(part) & _WILD:
            break
        parts.append(part)
    return parts


def _files(place: Path, *, hidden: bool) -> list[Path]:
    """The regular files at or below a place."""
    if place.is_symlink():
        return []
    if place.is_file():
        return [place]
    found: list[Path] = []
    for folder, folders, names in os.walk(place):
        if not hidden:
            folders[:] = [name for name in folders if not name.startswith(".")]
            names = [name for name in names if not name.startswith(".")]
        found += [file for name in names if _regular(file := Path(folder, name))]
    return found


def _regular(file: Path) -> bool:
    """A file that is no link, pipe or device."""
    return stat.S_ISREG(file.lstat().st_mode)


def pack(root: Path, files: Sequence[Path], archive: Path) -> None:
    """Zip files below a root."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6, strict_timestamps=False) as packed:
        for file in files:
            packed.write(file, file.relative_to(root))


def unpack(archive: Path, target: Path) -> int:
    """Unpack an archive into a folder and return how many files; Refused for links, ways out and too much."""
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
            raise Refused("The artifact is too large to unpack.", next_step="Upload less.")
        for member in members:
            _check(member)
        target.mkdir(parents=True, exist_ok=True)
        files = [member for member in members if not member.is_dir()]
        for member in files:
            _write(packed, member, target)
    return len(files)


def _check(member: zipfile.ZipInfo) -> None:
    """Refuse a member that is no plain file or folder below the target."""
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
    if not plain or path.is_absolute() or ".." in path.parts or "\\" in member.filename or not path.parts:
        raise Refused(f"The artifact holds {member.filename!r}, which is no plain file below its folder.")


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one file; never through a link that stands in the way."""
    place = target.joinpath(*PurePosixPath(member.filename).parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.parent.resolve().is_relative_to(target.resolve()):
        raise Refused(f"A link stands where the artifact's {member.filename!r} goes.")
    place.unlink(missing_ok=True)
    with packed.open(member) as source, place.open("xb") as file:
        shutil.copyfileobj(source, file)

"""Environments as the installer has filled them, kept on this machine under a hash of all that decides what is in them.

Used by environment_installer.py. Comes in: a folder that uv alone has filled from wheels of the machine's indexes, its
modules compiled; no code of a package and none of a project has run with the right to change it. Goes out: the same
files in the next environment that asks for the same, in another run or another job of this machine.

Files are copied both ways, never linked: builds may change an environment. No cell is ever shown the folder, so what a
repository's code writes can't get into it; it has the standing of uv's own cache, which is shared the same way
(docs/decisions/0012-kept-environments.md). Versions that a project leaves open stay as they were for a day at most.
It may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.removal import remove_tree
from tdev.settings import Settings

FRESH_SECONDS = 24 * 3600.0
"""How long what is kept may be used."""

_MOST = 12
_COPY_SECONDS = 600
_SHEBANG = b"#!tdev-python\n"
_CODE = "site-packages"
_SCRIPTS = "bin"


def key_of(*parts: object) -> str:
    """The name under which something is kept: a hash of all that decides its content, as JSON can say it."""
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_kept(settings: Settings, key: str) -> bool:
    """True when something is kept under the key and not too old."""
    try:
        return time.time() - (_place(settings) / key).stat().st_mtime <= FRESH_SECONDS
    except OSError:
        return False


def keep(settings: Settings, key: str, packages: Path, scripts: Path | None = None) -> None:
    """Keep a folder of packages, and the scripts beside them; where the machine has no room, nothing is kept."""
    place = _place(settings)
    with contextlib.suppress(OSError), _new(place) as new:
        (new / _CODE).mkdir()
        _copy_tree(settings, packages, new / _CODE)
        (new / _SCRIPTS).mkdir()
        for file in _plain_files(scripts) if scripts else ():
            _copy_script(file, new / _SCRIPTS / file.name, _SHEBANG)
        _forget_old(place, _MOST - 1)
        new.rename(place / key)


@contextlib.contextmanager
def filling(settings: Settings, key: str) -> Iterator[None]:
    """While the block runs, who else wants to fill a folder for the same key waits: it then finds it kept."""
    place = settings.cache / "locks"
    try:
        place.mkdir(parents=True, exist_ok=True)
        # few files for all keys, which stay: a lock on a file that was removed would hold nobody off
        handle = os.open(place / f"environment-{key[:2]}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def put(settings: Settings, key: str, packages: Path, scripts: Path | None = None) -> bool:
    """Copy what is kept into a folder that exists; False when it went away meanwhile, and the folder is useless then.

    Scripts start the interpreter beside them.
    """
    kept = _place(settings) / key
    try:
        found = kept.stat()
        _copy_tree(settings, kept / _CODE, packages)
        for file in _plain_files(kept / _SCRIPTS) if scripts else ():
            if scripts is not None and not (scripts / file.name).exists():
                _copy_script(file, scripts / file.name, _start_of(scripts / "python"))
        return os.path.samestat(found, kept.stat())
    except OSError:
        return False


def _place(settings: Settings) -> Path:
    return settings.cache / "environments"


@contextlib.contextmanager
def _new(place: Path) -> Iterator[Path]:
    """A folder to fill beside the others."""
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
    try:
        yield folder
    finally:
        remove_tree(folder)


def _forget_old(place: Path, most: int) -> None:
    """Remove what is too old, and the oldest above a number; under another name first, which ends who copies it."""
    entries = sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    kept = [entry for entry in entries if not entry.name.startswith(".")]
    limit = time.time() - FRESH_SECONDS
    for entry in entries:
        if entry.stat().st_mtime < limit or entry in kept[most:]:
            gone = entry.with_name(f".gone-{entry.name}")
            entry.rename(gone)
            remove_tree(gone)


def _copy_tree(settings: Settings, source: Path, target: Path) -> None:
    """Copy what a folder holds into one that exists; raises OSError. `cp` takes a sixth of shutil.copytree's time."""
    command = ("cp", "-RPp", "--", f"{source}/.", target)
    done = process.run(command, cwd=target, environment=settings.child_environment, timeout=_COPY_SECONDS)
    if not done.ok:
        raise OSError(f"{source} could not be copied: {done.tail(2)}")


def _plain_files(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False))


def _copy_script(source: Path, target: Path, start: bytes) -> None:
    """Copy a program; one that an interpreter runs gets another first line."""
    content = source.read_bytes()
    if content.startswith(b"#!"):
        target.write_bytes(start + _body_of(content))
        target.chmod(0o755)
    else:
        shutil.copy(source, target)


def _body_of(content: bytes) -> bytes:
    """A script without the lines that start its interpreter: one, or three where its path is too long for one."""
    lines = content.split(b"\n", 3)
    return lines[3] if lines[0] == b"#!/bin/sh" and len(lines) > 3 else content.split(b"\n", 1)[-1]


def _start_of(python: Path) -> bytes:
    """The lines that start an interpreter, whatever the length of its path."""
    quoted = str(python).replace("'", "'\\''")
    return f"#!/bin/sh\n'''exec' '{quoted}' \"$0\" \"$@\"\n' '''\n".encode("utf-8", "surrogateescape")

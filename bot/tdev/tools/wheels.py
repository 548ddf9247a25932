"""Wheels of the outside programs as files in one folder: what a cache may hold, since each is checked when it is used.

Comes in: lock files. Goes out: a folder of wheels, fetched by the pinned pip, which takes only those whose hash is in
the lock. With `UV_OFFLINE=1 UV_FIND_LINKS=<folder>` uv makes every environment from them, and holds each against its
lock once more (docs/decisions/0020-wheels-in-the-cache.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tdev.adapters.files import explained
from tdev.errors import TransientError
from tdev.tools.pins import lock_file
from tdev.tools.toolbox import Toolbox

NAME = "pip"
_SECONDS = 900.0


def fetch(toolbox: Toolbox, folder: Path, further: Iterable[Path] = ()) -> int:
    """Fetch the wheels of every usual program, and of further lock files, into `folder`; returns how many there are.

    Programs in Go and those that are installed on demand are left out. Raises TransientError when one can't be had.
    """
    usual = [pin.name for pin in toolbox.pins().values() if not (pin.go or pin.on_demand)]
    locks = [lock_file(toolbox.settings.policies, name) for name in usual] + [file.resolve() for file in further]
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    toolbox.program(NAME)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda lock: _fetch(toolbox, lock, folder.resolve()), locks))
    return sum(file.suffix == ".whl" for file in folder.iterdir())


def _fetch(toolbox: Toolbox, lock: Path, folder: Path) -> None:
    done = toolbox.run(
        NAME,
        "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--dest", folder, "--requirement", lock,
        cwd=folder,
        timeout=_SECONDS,
        environment=toolbox.settings.installer_environment,
    )  # fmt: skip
    if not done.ok:
        raise TransientError(
            f"The wheels of {lock.name} could not be fetched: {done.tail(6)}.",
            next_step="Check that the package index can be reached, then run it again.",
        )

"""`tdev tools lock`: writes the lock file of a pinned program, every requirement with its hashes.

For those who change policies/tools.toml; users never need it. uv chooses the versions for every
platform and for Python 3.11 and newer, and only such as have wheels: installing a tool must never
build code. The address of the package index is left out, so that lock files are the same whoever
makes them.
"""

from __future__ import annotations

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.files import write_atomically
from tdev.adapters.private_folder import private_folder
from tdev.errors import TransientError
from tdev.settings import Settings
from tdev.tools import go_programs
from tdev.tools.pins import Pin, lock_file

_SECONDS = 300.0
_OPTIONS = (
    "--universal",
    "--python-version", "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--only-binary", ":all:",
    "--quiet",
)  # fmt: skip


def lock(settings: Settings, pin: Pin, *, upgrade: bool = False) -> bool:
    """Write policies/tools/<name>.lock, or the module of a Go program; True when it changed.

    What is locked already stays unless `upgrade`.

    Raises TransientError when no set of versions could be found.
    """
    if pin.go:
        return go_programs.lock(settings, pin, upgrade=upgrade)
    file = lock_file(settings.policies, pin.name)
    with private_folder("lock") as folder:
        copy = folder / file.name
        if file.is_file() and not upgrade:
            copy.write_bytes(file.read_bytes())
        done = process.run(
            (find_uv_bin(), "pip", "compile", "-", *_OPTIONS, "--output-file", copy),
            cwd=folder,
            environment={**settings.child_environment, **settings.installer_environment},
            timeout=_SECONDS,
            stdin=f"{pin.name}=={pin.version}\n".encode(),
        )
        if not done.ok:
            raise TransientError(
                f"{pin.name} {pin.version} could not be locked: {done.tail(6)}.",
                next_step=f"Check the version and the network, then run `tdev tools lock {pin.name}`.",
            )
        new = copy.read_bytes()
    if file.is_file() and file.read_bytes() == new:
        return False
    write_atomically(file, new, backup=False)
    return True

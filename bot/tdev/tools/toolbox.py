"""The outside programs: each pinned, locked by hash, and installed on first use in an environment of its own.

Every wrapper in this room starts its program through `Toolbox.run`. Comes in: a name from
policies/tools.toml. Goes out: the program's path, or how it ended. Environments are shared by all
runs of a user; the name of the folder changes with version, lock file and interpreter, so an old
one is never mistaken for a new. Programs written in Go are built instead (go_programs.py).

Two processes may need the same program at the same time: one installs beside the final place under
a file lock and renames, the other waits. Hashes are checked by the installer.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.files import explained
from tdev.errors import ConfigurationError, TransientError
from tdev.settings import Settings
from tdev.tools import go_programs
from tdev.tools.pins import Pin, lock_file, pin_of, read_pins

INSTALL_SECONDS = 600.0
"""Longest one program's installation may take, and the longest to wait for another process that installs it."""

_READY = ".tdev-ready"


@dataclass(frozen=True)
class Toolbox:
    """The pinned outside programs of one installation."""

    settings: Settings
    """Where environments are kept and what installers may see."""

    def pins(self) -> Mapping[str, Pin]:
        """Every program by name; raises ConfigurationError when policies/tools.toml is wrong."""
        return read_pins(self.settings.policies)

    def version(self, name: str) -> str:
        """The pinned version of a program."""
        return pin_of(self.pins(), name).version

    def environment(self, name: str) -> Path:
        """Where a program's environment is, or will be: its name tells version, lock file and interpreter apart."""
        return _environment(self.settings, pin_of(self.pins(), name))

    def installed(self, name: str) -> bool:
        """True when the environment is there and complete."""
        return _complete(self.environment(name), pin_of(self.pins(), name))

    def program(self, name: str, command: str = "") -> Path:
        """The path of a program, installed if need be; `command` chooses one of several it brings.

        Raises ConfigurationError for a name that is not pinned, TransientError when it can't be installed.
        """
        pin = pin_of(self.pins(), name)
        wanted = command or pin.programs[0]
        if wanted not in pin.programs:
            raise ConfigurationError(f"{name} has no program {wanted}; it has {', '.join(pin.programs)}.")
        return self._ensure(pin) / "bin" / wanted

    def python(self, name: str) -> Path:
        """The interpreter of a program's environment, installed if need be."""
        return self._ensure(pin_of(self.pins(), name)) / "bin" / "python"

    def run(
        self,
        name: str,
        *args: str | Path,
        cwd: Path,
        timeout: float,
        command: str = "",
        environment: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
    ) -> process.Completed:
        """Run a program to its end, at most `timeout` seconds, with a home of its own so that it reads no settings
        of the user; `environment` comes on top. Installs it first if need be (that time does not count).
        """
        program = self.program(name, command)
        return process.run(
            (program, *args),
            cwd=cwd,
            environment={**self._surroundings(name, program), **(environment or {})},
            timeout=timeout,
            stdin=stdin,
        )

    def install(
        self, names: Iterable[str] | None = None, progress: Callable[[str], None] | None = None
    ) -> tuple[str, ...]:
        """Install the programs named and return the names of those that were not there before.

        None names all but those that are installed on demand, and those that can't be built here: `progress` tells.
        """
        pins, tell = self.pins(), progress or (lambda line: None)
        chosen = [pin_of(pins, name) for name in names] if names is not None else self._usual(tell)
        new = [pin for pin in chosen if not _complete(_environment(self.settings, pin), pin)]

        most = 1 if any(pin.go for pin in new) else min(4, os.cpu_count() or 1)
        with ThreadPoolExecutor(max_workers=most) as side_by_side:
            made = []
            for pin in new:
                tell(f"{'Building' if pin.go else 'Installing'} {pin.name} {pin.version}")
                made.append(side_by_side.submit(self._ensure, pin))
            try:
                for each in made:
                    each.result()
            finally:
                for each in made:
                    each.cancel()
        return tuple(pin.name for pin in new)

    def lacking(self, name: str) -> str:
        """Why a program is not there and can't be installed, in one sentence; empty when it is or can be."""
        pin = pin_of(self.pins(), name)
        built = not pin.go or _complete(_environment(self.settings, pin), pin)
        return "" if built else go_programs.why_not(self.settings, pin)

    def _usual(self, tell: Callable[[str], None]) -> list[Pin]:
        """The programs that are installed when none is named."""
        usual = [pin for pin in self.pins().values() if not pin.on_demand]
        reasons = {pin.name: self.lacking(pin.name) for pin in usual}
        for reason in filter(None, reasons.values()):
            tell(f"Left out: {reason}")
        return [pin for pin in usual if not reasons[pin.name]]

    def _ensure(self, pin: Pin) -> Path:
        folder = _environment(self.settings, pin)
        if _complete(folder, pin):
            return folder
        with explained(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with _locked(folder, pin.name, go_programs.BUILD_SECONDS if pin.go else INSTALL_SECONDS):
                if not _complete(folder, pin):
                    _make(self.settings, pin, folder)
        return folder

    def _surroundings(self, name: str, program: Path) -> dict[str, str]:
        home = self.settings.cache / "tool-homes" / name
        with explained(home):
            home.mkdir(parents=True, exist_ok=True)
        given = self.settings.child_environment
        return {
            "LC_ALL": "C.UTF-8",
            **given,
            "PATH": f"{program.parent}:{given.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONNOUSERSITE": "1",
            "NO_COLOR": "1",
        }


def _environment(settings: Settings, pin: Pin) -> Path:
    if pin.go:
        return go_programs.folder_of(settings, pin)
    file = lock_file(settings.policies, pin.name)
    try:
        lock = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{pin.name} has no lock file {file}.", next_step=f"Run `tdev tools lock {pin.name}`."
        ) from error
    interpreter = f"{sys.implementation.cache_tag} {sys.base_prefix}".encode()
    key = hashlib.sha256(lock + b"\0" + interpreter).hexdigest()[:8]
    return settings.tool_environments / f"{pin.name}-{pin.version}-{key}"


def _complete(folder: Path, pin: Pin) -> bool:
    """Installed to the end (the mark is written last), and neither programs nor interpreter have gone since."""
    if pin.go:
        return go_programs.complete(folder, pin)
    needed = (_READY, "bin/python", *(f"bin/{program}" for program in pin.programs))
    return all((folder / name).exists() for name in needed)


@contextlib.contextmanager
def _locked(folder: Path, name: str, seconds: float) -> Iterator[None]:
    """Only one process installs into `folder`; raises TransientError when another does so for too long."""
    handle = os.open(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TransientError(
                        f"Another process has been installing {name} for more than {seconds:g} s.",
                        next_step=f"Wait for it to end, then run `tdev tools install {name}`.",
                    ) from None
                time.sleep(0.2)
        yield
    finally:
        os.close(handle)


def _make(settings: Settings, pin: Pin, folder: Path) -> None:
    """Build the environment beside its place and move it there; the lock is held."""
    _clear(folder)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    try:
        if pin.go:
            go_programs.build(settings, pin, scratch)
        else:
            _install(settings, pin, scratch)
        if not _complete(scratch, pin):
            raise ConfigurationError(f"{pin.name} {pin.version} does not bring {', '.join(pin.programs)}.")
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    finally:
        # once more: a killed installer's last writes may have come after the first time
        _clear(folder)


def _install(settings: Settings, pin: Pin, scratch: Path) -> None:
    """Fill an environment with what the lock file names."""
    lock = lock_file(settings.policies, pin.name)
    _uv(
        settings, pin, "venv", "--no-project", "--relocatable", "--allow-existing", "--python", sys.executable, scratch
    )  # fmt: skip
    _uv(
        settings, pin, "pip", "install", "--python", scratch / "bin" / "python",
        "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirements", lock,
    )  # fmt: skip
    (scratch / _READY).write_text(f"{pin.name}=={pin.version}\n")


def _uv(settings: Settings, pin: Pin, *words: str | Path) -> None:
    """Run uv; raises ConfigurationError when a file does not match its hash, else TransientError."""
    done = process.run(
        (find_uv_bin(), *words, "--no-progress", "--color", "never"),
        cwd=settings.tool_environments,
        environment={
            **settings.child_environment,
            **settings.installer_environment,
            "UV_PYTHON_DOWNLOADS": "never",
        },
        timeout=INSTALL_SECONDS,
    )
    if done.ok:
        return
    if "Hash mismatch" in done.stderr:
        raise ConfigurationError(
            f"{pin.name} was not installed: a file is not the one that was locked. {done.tail(6)}",
            next_step="Check where this machine gets its packages from.",
        )
    what = f"did not end within {INSTALL_SECONDS:g} s" if done.timed_out else f"failed: {done.tail(6)}"
    raise TransientError(
        f"The installation of {pin.name} {pin.version} {what}.",
        next_step=f"Check that the package index can be reached, then run `tdev tools install {pin.name}`.",
    )


def _clear(folder: Path) -> None:
    """Remove what unfinished installations left beside the environment's place; the lock is held."""
    for leftover in folder.parent.glob(f".{folder.name}.*.new"):
        shutil.rmtree(leftover, ignore_errors=True)

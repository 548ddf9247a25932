"""Outside programs written in Go: built once from a locked module, kept, and verified each time they are used.

Called by the toolbox. Comes in: a pin with `go`, and its module in policies/tools/<name>: go.mod pins every version,
go.sum every hash. Goes out: a folder with the program in bin/ and its SHA-256 beside it.

The folder's name holds version, a hash of the module's two files and the Go that built it. Where there is no Go any
more, what another one built from the same module still serves. The Go command fetches modules by its own ways (GOPROXY
and so on), and a newer Go only where `GOTOOLCHAIN=auto` says so.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tdev.adapters import process
from tdev.adapters.files import write_atomically
from tdev.adapters.private_folder import private_folder
from tdev.errors import ConfigurationError, TransientError
from tdev.settings import Settings
from tdev.tools.pins import Pin, go_module

BUILD_SECONDS = 1800.0
"""Longest one program may take to fetch and build."""
_FILES = ("go.mod", "go.sum")
_SUMS = ".tdev-ready"
_WANTED = re.compile(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", re.M)
_FOUND = re.compile(r"go(\d+)\.(\d+)(?:\.(\d+))?")
_FETCHES = (1, 21, 0)
"""The first Go that can fetch a newer one."""
_CALM = ("nice", "-n", "10")


def folder_of(settings: Settings, pin: Pin) -> Path:
    """Where the program is, or will be; raises ConfigurationError when its module is not there."""
    module = go_module(settings.policies, pin.name)
    try:
        content = b"\0".join((module / name).read_bytes() for name in _FILES)
    except OSError as error:
        raise ConfigurationError(
            f"{pin.name} has no go.mod and go.sum in {module}.", next_step=f"Run `tdev tools lock {pin.name}`."
        ) from error
    stem = f"{pin.name}-{pin.version}-{hashlib.sha256(content).hexdigest()[:8]}"
    go = found_go(settings)
    if go:
        return settings.tool_environments / f"{stem}-{go}"
    built = sorted(settings.tool_environments.glob(f"{stem}-go*"))
    return next((each for each in built if complete(each, pin)), settings.tool_environments / f"{stem}-nogo")


def complete(folder: Path, pin: Pin) -> bool:
    """Built to the end, and every byte is still as it was then."""
    try:
        return (folder / _SUMS).read_text() == _sums(folder, pin)
    except OSError:
        return False


def _sums(folder: Path, pin: Pin) -> str:
    """The SHA-256 of each program, one a line."""
    lines = []
    for name in pin.programs:
        with (folder / "bin" / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines)


def found_go(settings: Settings) -> str:
    """The version of the machine's Go, such as `go1.26.5`; empty where there is none."""
    command = shutil.which("go", path=settings.child_environment.get("PATH"))
    if command is None:
        return ""
    try:
        text = (Path(command).resolve().parent.parent / "VERSION").read_text()
    except OSError:
        text = process.run((command, "version"), cwd=Path("/"), environment=_environment(settings), timeout=20).stdout
    version = _FOUND.search(text)
    return version.group() if version else ""


def why_not(settings: Settings, pin: Pin) -> str:
    """Why this machine can't build the program, in one sentence; empty when it can."""
    wanted = _WANTED.search((go_module(settings.policies, pin.name) / "go.mod").read_text())
    needs = tuple(int(part or 0) for part in wanted.groups()) if wanted else (0, 0, 0)
    named = ".".join(str(part) for part in needs)
    go = found_go(settings)
    version = _FOUND.fullmatch(go)
    if version is None:
        return f"{pin.name} is built with Go {named} or newer, and there is no Go on this machine."
    fetches = _environment(settings)["GOTOOLCHAIN"] == "auto"
    if tuple(int(part or 0) for part in version.groups()) < (_FETCHES if fetches else needs):
        return f"{pin.name} is built with Go {named} or newer, and this machine has {go}."
    return ""


def build(settings: Settings, pin: Pin, folder: Path) -> None:
    """Build the program into `folder`, on one core and with patience.

    Raises ConfigurationError when Go is missing or too old or a hash does not match, TransientError when it failed.
    """
    if why := why_not(settings, pin):
        raise ConfigurationError(why, next_step="Install Go from https://go.dev/dl and put it on PATH.")
    (folder / "bin").mkdir(parents=True)
    target = folder / "bin" / pin.programs[0]
    with private_folder("go") as scratch:
        for name in _FILES:
            shutil.copy(go_module(settings.policies, pin.name) / name, scratch / name)
        go(settings, pin, scratch, "build", "-p", "1", "-trimpath", "-mod=readonly", "-o", target, pin.go)
    (folder / _SUMS).write_text(_sums(folder, pin))


def lock(settings: Settings, pin: Pin, *, upgrade: bool = False) -> bool:
    """Write go.mod and go.sum of a program; True when they changed. What is locked already stays unless `upgrade`."""
    place = go_module(settings.policies, pin.name)
    with private_folder("lock") as scratch:
        (scratch / "go.mod").write_text(f"module tdev.invalid/{pin.name}\n")
        if place.is_dir() and not upgrade:
            for name in _FILES:
                shutil.copy(place / name, scratch / name)
        go(settings, pin, scratch, "get", "-tool", f"{pin.go}@v{pin.version}")
        go(settings, pin, scratch, "mod", "tidy")
        new = {name: (scratch / name).read_bytes() for name in _FILES}
    place.mkdir(exist_ok=True)
    changed = [name for name in _FILES if not (place / name).is_file() or (place / name).read_bytes() != new[name]]
    for name in changed:
        write_atomically(place / name, new[name], backup=False)
    return bool(changed)


def go(settings: Settings, pin: Pin, folder: Path, *words: str | Path) -> None:
    """Run Go in a folder; raises ConfigurationError when a file does not match its hash, else TransientError."""
    done = process.run(
        (*_CALM, "go", *words), cwd=folder, environment=_environment(settings), timeout=BUILD_SECONDS
    )  # fmt: skip
    if done.ok:
        return
    if "checksum mismatch" in done.stderr:
        raise ConfigurationError(
            f"{pin.name} was not built: a module is not the one that was locked. {done.tail(6)}",
            next_step="Check where this machine gets its Go modules from.",
        )
    what = f"did not end within {BUILD_SECONDS:g} s" if done.timed_out else f"failed: {done.tail(6)}"
    raise TransientError(
        f"`go {words[0]}` for {pin.name} {pin.version} {what}.",
        next_step=f"Check that the Go module proxy can be reached, then run `tdev tools install {pin.name}`.",
    )


def _environment(settings: Settings) -> Mapping[str, str]:
    """What Go sees: how this machine reaches modules, and to use itself unless the machine says otherwise."""
    given = {"GOTOOLCHAIN": "local", **settings.child_environment, **settings.installer_environment}
    return {**given, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}

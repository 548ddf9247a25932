"""policies/tools.toml: which outside programs there are, in which exact version, and the lock file behind each.

Read by the toolbox, the lock command and `tdev tools list`. One table per program, one lock file
per program in policies/tools/: programs whose requirements contradict each other can then still be
used together. A program with `go` is a Go package: its lock is a module of its own in
policies/tools/<name>/, whose go.mod names it and whose go.sum holds the hashes.

Versions are exact. Raising one is a commit that people can review: change the table, then run `tdev
tools lock NAME`.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from tdev.core.artifacts.model import Model
from tdev.errors import ConfigurationError


class Pin(Model):
    """One outside program."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    """Its name on the package index, which is also ours."""
    version: str = Field(pattern=r"^[0-9][0-9A-Za-z.+]*$")
    """Exact version."""
    purpose: str
    """What it is used for, one line."""
    commands: tuple[str, ...] = ()
    """Programs it brings that may be started; empty = the one of its own name."""
    go: str = Field(default="", pattern=r"^([a-z0-9.-]+\.[a-z]+(/[\w.-]+)+)?$")
    """The Go package it is built from; empty for a program from the Python package index."""
    on_demand: bool = False
    """Only installed when it is named or used, as it takes long and few need it."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Programs that may be started, the usual one first."""
        return self.commands or (self.name,)


def read_pins(policies: Path) -> Mapping[str, Pin]:
    """Every pin by name, from policies/tools.toml; raises ConfigurationError when it is absent or wrong."""
    file = policies / "tools.toml"
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{file} can't be read: {error.strerror or error}.", next_step="Set TDEV_POLICIES to the policies folder."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is no TOML: {error}.") from error
    return {name: _pin(file, name, table) for name, table in document.items()}


def _pin(file: Path, name: str, table: object) -> Pin:
    fields = table if isinstance(table, dict) else {}
    try:
        return Pin.model_validate({"name": name, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{file}: [{name}] {place}: {first['msg']}.") from error


def pin_of(pins: Mapping[str, Pin], name: str) -> Pin:
    """The pin of that name; raises ConfigurationError that names the nearest one."""
    if name in pins:
        return pins[name]
    near = difflib.get_close_matches(name, pins, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "See `tdev tools list`."
    raise ConfigurationError(f"There is no pinned program called {name}.", next_step=hint)


def lock_file(policies: Path, name: str) -> Path:
    """The requirements of one program, every one with its hashes."""
    return policies / "tools" / f"{name}.lock"


def go_module(policies: Path, name: str) -> Path:
    """The folder of a Go program's go.mod and go.sum."""
    return policies / "tools" / name

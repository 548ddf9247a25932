"""How this machine's npm is set up: which registries it uses, where its cache and its settings are.

Comes in: Settings, and a folder without settings of its own. Goes out: an NpmMachine, from what npm itself says
(https://docs.npmjs.com/cli/commands/npm-config). Never run in a repository, whose .npmrc would have a say.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdev.adapters import process
from tdev.errors import TransientError
from tdev.settings import Settings

_SECONDS = 60.0
_FOR_NPM = ("NPM_CONFIG_", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True)
class NpmMachine:
    """npm on this machine."""

    registries: tuple[str, ...]
    """Addresses of the registry and of those that some scopes have for themselves."""
    cache: Path
    """Its cache."""
    files: tuple[Path, ...]
    """Its settings of the user and of the machine, and certificates it trusts, as far as they exist."""
    variables: dict[str, str]
    """The variables that lead npm to the same settings where there is no home folder of the user."""
    identity: str
    """Versions of npm and Node.js."""


def npm_machine(settings: Settings, folder: Path) -> NpmMachine:
    """What npm says of itself, run in `folder`; raises TransientError when it says nothing that can be read."""
    given = {name: value for name, value in settings.installer_environment.items() if name.startswith(_FOR_NPM)}
    home = {"HOME": str(settings.user_home or folder)}
    command = (npm_program(), "config", "list", "--long", "--json")
    done = process.run(
        command, cwd=folder, environment={**settings.child_environment, **given, **home}, timeout=_SECONDS
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout)
        named = [told[key] for key in told if key == "registry" or (key[:1] == "@" and key.endswith(":registry"))]
        shown = [Path(told[key]) for key in ("userconfig", "globalconfig", "cafile") if told.get(key)]
        places = {f"npm_config_{key}": str(told[key]) for key in ("userconfig", "globalconfig", "cache")}
        version = str(told["npm-version"])
    except (ValueError, KeyError, TypeError) as error:
        raise TransientError(
            f"npm does not say how it is set up: {done.tail(3) or error}.", next_step="Try `npm config list --json`."
        ) from error
    certificates = [Path(value) for name, value in given.items() if name == "NODE_EXTRA_CA_CERTS"]
    return NpmMachine(
        registries=tuple(dict.fromkeys(map(str, named))),
        cache=Path(told["cache"]).absolute(),
        files=tuple(dict.fromkeys(path.absolute() for path in (*shown, *certificates) if path.is_file())),
        variables={**given, **places},
        identity=f"npm {version}, node {_node_version(settings, folder)}",
    )


def _node_version(settings: Settings, folder: Path) -> str:
    """What `node --version` says, with the kind of machine its packages are for."""
    words = ("-p", "[process.version, process.platform, process.arch].join(' ')")
    return process.run(
        (shutil.which("node") or "node", *words), cwd=folder, environment=settings.child_environment, timeout=_SECONDS
    ).stdout.strip()


def npm_program() -> Path:
    """Where npm is, or its bare name where it is nowhere."""
    return Path(shutil.which("npm") or "npm")


def node_folders(settings: Settings) -> tuple[Path, ...]:
    """Installations of Node.js outside /usr, which every cell has: what a version manager or a workflow has set up.

    One that is the user's home or a folder around it is left out.
    """
    home = (settings.user_home or Path("/")).resolve()
    found = [Path(place).resolve() for name in ("node", "npm") if (place := shutil.which(name))]
    above = dict.fromkeys(folder for path in found for folder in path.parents[1:] if (folder / "bin/node").is_file())
    return tuple(folder for folder in above if not (folder.is_relative_to("/usr") or home.is_relative_to(folder)))

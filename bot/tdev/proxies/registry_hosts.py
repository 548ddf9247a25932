"""Which package indexes an install may reach: those that this machine is set up with, else the public one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tdev.errors import ConfigurationError
from tdev.proxies.index_files import public_index
from tdev.settings import Settings

_ONE = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_MANY = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
_KEYS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
_LOGIN = re.compile(r"://[^/\s?#]*@")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Destination:
    """One place that may be reached."""

    host: str
    """Name or address, in small letters."""
    port: int
    tls: bool
    own: bool
    """This machine is set up with it, so it may be at an address of a private network."""


def destinations(settings: Settings, extra: Iterable[str] = (), instead: Sequence[str] = ()) -> tuple[Destination, ...]:
    """All that may be reached: the indexes that uv and pip use here, or the public one, and the `extra` hosts.

    `instead` takes the place of those indexes. Raises ConfigurationError for a uv.toml that can't be read.
    """
    own = [place for url in instead or _own_indexes(settings) if (place := _destination(url))]
    public = [] if instead else [public_place(urlsplit(url).hostname or "") for url in _public_index(settings)]
    return tuple(dict.fromkeys([*own, *public, *(public_place(host) for host in extra)]))


def indexes(settings: Settings) -> tuple[str, ...]:
    """Addresses of the indexes that an install uses here."""
    return (*_own_indexes(settings), *_public_index(settings))


def simple_indexes(settings: Settings) -> tuple[str, ...]:
    """Addresses of the indexes that uv asks about a project, in its order; folders and pages of files are left out."""
    told = index_environment(settings)
    further = [
        _without_name(word) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL") for word in told.get(name, "").split()
    ]
    default = next((told[name].split()[0] for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL") if told.get(name)), "")
    listed = (*further, default or public_index())
    return tuple(url for url in listed if urlsplit(url).scheme in _PORTS)


def public_place(host: str) -> Destination:
    """A host of the internet."""
    return Destination(host.lower(), 443, True, False)


def _own_indexes(settings: Settings) -> tuple[str, ...]:
    """Addresses that this machine is set up with."""
    return (*_from_environment(settings.installer_environment), *(url for _, url in _from_files(settings)))


def _public_index(settings: Settings) -> tuple[str, ...]:
    """The index that is used where none is set up; empty where one is."""
    replaced = any(settings.installer_environment.get(name) for name in _ONE)
    replaced = replaced or any(variable == "UV_DEFAULT_INDEX" for variable, _ in _from_files(settings))
    return () if replaced else (public_index(),)


def index_environment(settings: Settings) -> dict[str, str]:
    """The variables by which an installer in the sandbox, where no file of ours is, finds the same indexes."""
    present = {name: value for name, value in settings.installer_environment.items() if name in (*_ONE, *_MANY)}
    told: dict[str, list[str]] = {}
    for variable, url in _from_files(settings):
        told.setdefault(variable, []).append(url)
    return {**{name: " ".join(urls) for name, urls in told.items()}, **present}


def without_logins(addresses: str) -> str:
    """Addresses without names and passwords in them."""
    return _LOGIN.sub("://", addresses)


def _destination(url: str) -> Destination | None:
    """The host of an address; None for a folder."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if not parts.hostname or parts.scheme not in _PORTS:
        return None
    return Destination(parts.hostname, port, parts.scheme == "https", own=True)


def _from_environment(environment: Mapping[str, str]) -> Iterator[str]:
    for name in _ONE:
        yield from environment.get(name, "").split()[:1]
    for name in _MANY:
        for word in environment.get(name, "").replace(",", " ").split():
            yield _without_name(word)


def _without_name(word: str) -> str:
    """`NAME=URL` or `URL`."""
    name, mark, url = word.partition("=")
    return url if mark and "/" not in name else word


def _from_files(settings: Settings) -> Iterator[tuple[str, str]]:
    """Variable and address of each index in the uv.toml of the machine and of its user; never a repository's own."""
    named = settings.installer_environment.get("UV_CONFIG_FILE")
    home = settings.user_home or Path("/nowhere")
    files = [Path(named)] if named else [home / ".config" / "uv" / "uv.toml", Path("/etc/uv/uv.toml")]
    for file in files:
        yield from _in_table(_read(file))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} can't be read: {error}.", next_step="Correct it, or remove it.") from error


def _in_table(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for index in table.get("index") or ():
        if isinstance(index, dict) and isinstance(index.get("url"), str):
            yield "UV_DEFAULT_INDEX" if index.get("default") is True else "UV_INDEX", index["url"]
    for part in (table, table.get("pip") or {}):
        for key, variable in _KEYS.items():
            value = part.get(key) or ()
            yield from ((variable, word) for word in ([value] if isinstance(value, str) else value))

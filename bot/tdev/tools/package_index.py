"""The package indexes of this machine, asked about exact versions: their files, days, and what the packages say.

Called by packages.py. Comes in: pairs of name and version. Goes out: for each what its index and its METADATA say;
nothing of a package runs. The indexes are those that uv uses here, the further ones first, as uv asks them. An index
that can't be reached, or answers with an error, ends it: no evidence. A folder of files (`find-links`) is no index and
is not asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from tdev.adapters.content_cache import open_evidence
from tdev.core.package_index import JSON_FORM, IndexFile, PackageFacts, ProjectPage, facts_of_metadata, page_of
from tdev.proxies.outward import machine_proxy, trusted
from tdev.proxies.registry_hosts import simple_indexes
from tdev.settings import Settings
from tdev.tools.pip_audit import Pin

if TYPE_CHECKING:
    import aiohttp

_REQUEST_SECONDS = 20.0
_AT_ONCE = 8
_MOST_PAGE = 64 * 1024 * 1024
_MOST_METADATA = 4 * 1024 * 1024
_MOST_FILE = 32 * 1024 * 1024
"""Largest package that is fetched where the index does not give its METADATA by itself."""
_ABSENT = (404, 410)
_ACCEPT = f"{JSON_FORM}, text/html;q=0.2"


@dataclass(frozen=True)
class Release:
    """One version of one project."""

    files: tuple[IndexFile, ...] = ()
    """Files of this version; empty = no index has it."""
    first: datetime | None = None
    """When the project's first file was put on the index, UTC; None = it is not known."""
    facts: PackageFacts | None = None
    """What the package says; None = it was too large to be read, or has no METADATA."""


_READ = TypeAdapter(Release).validate_json
_WRITE = TypeAdapter(Release).dump_json


@dataclass(frozen=True)
class Releases:
    """What the indexes said."""

    found: Mapping[Pin, Release] = field(default_factory=dict)
    """By pin; every one that was asked for, where there is no reason."""
    reason: str = ""
    """Why it is no evidence; empty when it is."""


class _NoAnswer(Exception):
    """An index or its files can't be reached."""


def look_up(settings: Settings, pins: Iterable[Pin], now: datetime, timeout: float) -> Releases:
    """Ask about each pin; `timeout` is in seconds, for all of them. What was said within the hour of `now` is kept."""
    addresses = simple_indexes(settings)
    if not addresses:
        return Releases(reason="this machine's index is a folder, which tells neither days nor licences")
    keys = {pin: _key(addresses, pin, now) for pin in sorted(set(pins))}
    with open_evidence(settings) as cache:
        bodies = cache.find(keys.values())
    known = {pin: _READ(bodies[key]) for pin, key in keys.items() if key in bodies}
    missing = [pin for pin in keys if pin not in known]
    try:
        asked = asyncio.run(asyncio.wait_for(_all(settings, addresses, missing), timeout)) if missing else {}
    except TimeoutError:
        return Releases(reason=f"it did not answer within {timeout:g} s")
    except _NoAnswer as error:
        return Releases(reason=str(error))
    with open_evidence(settings) as cache:
        cache.keep({keys[pin]: _WRITE(release).decode() for pin, release in asked.items() if release.files})
    return Releases({**known, **asked})


def _key(addresses: Sequence[str], pin: Pin, now: datetime) -> str:
    return hashlib.sha256(" ".join(("release", *addresses, *pin, f"{now:%Y-%m-%dT%H}")).encode()).hexdigest()


async def _all(settings: Settings, addresses: Sequence[str], pins: Sequence[Pin]) -> dict[Pin, Release]:
    import aiohttp

    limits = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
    connections = aiohttp.TCPConnector(limit=_AT_ONCE, ssl=trusted(settings))
    async with aiohttp.ClientSession(timeout=limits, trust_env=False, connector=connections) as session:
        index = _Index(settings, session, addresses)
        projects = dict.fromkeys(name for name, _ in pins)
        pages = dict(zip(projects, await asyncio.gather(*map(index.page, projects)), strict=True))
        releases = await asyncio.gather(*(index.release(pages[name], version) for name, version in pins))
        return dict(zip(pins, releases, strict=True))


@dataclass(frozen=True)
class _Index:
    """The indexes, through one client."""

    settings: Settings
    session: aiohttp.ClientSession
    addresses: Sequence[str]

    async def page(self, project: str) -> ProjectPage:
        """The page of a project at the first index that has it; an empty one where none has."""
        for address in self.addresses:
            url = f"{address.rstrip('/')}/{project}/"
            data, form = await self._get(url, _MOST_PAGE, {"accept": _ACCEPT})
            if data is not None:
                try:
                    return page_of(data.decode("utf-8", "replace"), url, form)
                except ValueError as error:
                    raise _NoAnswer(f"{urlsplit(url).hostname}'s page of {project} can't be read: {error}") from error
        return ProjectPage("")

    async def release(self, page: ProjectPage, version: str) -> Release:
        """One version, with what the file says whose METADATA costs least to read."""
        files = page.release(version)
        cheapest = sorted(files, key=lambda file: (not file.metadata, not file.wheel, file.name))
        return Release(files, page.first, await self._facts(cheapest[0]) if cheapest else None)

    async def _facts(self, file: IndexFile) -> PackageFacts | None:
        """What a package says; None where its file is too large or has no METADATA."""
        if file.metadata:
            data, _ = await self._get(f"{file.url}.metadata", _MOST_METADATA)
        else:
            data, _ = await self._get(file.url, _MOST_FILE)
            data = _metadata_in(file, data) if data else None
        return facts_of_metadata(data.decode("utf-8", "replace")) if data else None

    async def _get(self, url: str, most: int, headers: Mapping[str, str] | None = None) -> tuple[bytes | None, str]:
        """Body and content type; None for what is not there or longer than `most`. Raises _NoAnswer."""
        import aiohttp

        host = urlsplit(url).hostname
        try:
            async with self.session.get(url, proxy=machine_proxy(self.settings, url), headers=headers) as answer:
                if answer.status in _ABSENT:
                    return None, ""
                if answer.status != 200:
                    raise _NoAnswer(f"{host} answered with status {answer.status}")
                data = bytearray()
                async for piece in answer.content.iter_chunked(1 << 16):
                    data += piece
                    if len(data) > most:
                        return None, ""
                return bytes(data), answer.content_type
        except TimeoutError as error:
            raise _NoAnswer(f"{host} did not answer within {_REQUEST_SECONDS:g} s") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise _NoAnswer(f"{host}: {str(error) or type(error).__name__}") from error


def _metadata_in(file: IndexFile, data: bytes) -> bytes | None:
    """METADATA of a wheel, PKG-INFO of a source distribution; None where there is none, or it is absurdly long."""
    try:
        return _in_zip(data) if file.name.lower().endswith((".whl", ".zip")) else _in_tar(data)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return None


def _in_zip(data: bytes) -> bytes | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if _is_metadata(entry.filename) and entry.file_size <= _MOST_METADATA:
                with archive.open(entry) as member:
                    return member.read(_MOST_METADATA)
    return None


def _in_tar(data: bytes) -> bytes | None:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
        for entry in archive:
            member = archive.extractfile(entry) if entry.isfile() and _is_metadata(entry.name) else None
            if member is not None:
                return member.read(_MOST_METADATA)
    return None


def _is_metadata(path: str) -> bool:
    folder, _, name = path.partition("/")
    return name == "PKG-INFO" or (name == "METADATA" and folder.endswith(".dist-info"))

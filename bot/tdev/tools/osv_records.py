"""What an OSV service knows of exact versions of any ecosystem, asked in portions; no answer is never "none known".

Comes in: packages out of lock files. Goes out: vulnerabilities of each, for locked_packages.py. The interface is
https://google.github.io/osv.dev/post-v1-querybatch/: a portion is answered with names of records, further pages with
a token, and each record is fetched once. Nothing is kept: a record that was published since must be seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ValidationError

from tdev.core.locks import Package
from tdev.core.semver import precedence
from tdev.proxies.outward import machine_proxy, trusted
from tdev.settings import Settings
from tdev.tools.osv import osv_query_url
from tdev.tools.pip_audit import Vulnerability

if TYPE_CHECKING:
    import aiohttp

_REQUEST_SECONDS = 30.0
_AT_ONCE = 8
_PORTION = 500
_MOST_PAGES = 50
_MOST_BYTES = 64 * 1024 * 1024


class _Brief(BaseModel):
    id: str


class _Result(BaseModel):
    vulns: list[_Brief] = []
    next_page_token: str = ""
    code: int = 0
    """Not 0: this one could not be answered."""


class _Batch(BaseModel):
    results: list[_Result]


class _Range(BaseModel):
    type: str = ""
    events: list[dict[str, str]] = []


class _Affected(BaseModel):
    package: dict[str, str] = {}
    ranges: list[_Range] = []


class _Record(BaseModel):
    """A record of https://ossf.github.io/osv-schema/."""

    id: str
    withdrawn: str = ""
    aliases: list[str] = []
    summary: str = ""
    details: str = ""
    affected: list[_Affected] = []


@dataclass(frozen=True)
class Known:
    """What the service said."""

    vulnerabilities: Mapping[Package, tuple[Vulnerability, ...]] = field(default_factory=dict)
    """By package; every one that was asked about, where there is no reason."""
    reason: str = ""
    """Why it is no evidence; empty when it is."""


class _NoAnswer(Exception):
    """The service can't be reached, or what it says can't be understood."""


def ask(settings: Settings, packages: Iterable[Package], timeout: float) -> Known:
    """Ask about each package; `timeout` is in seconds, for all of them."""
    wanted = list(packages)
    try:
        return Known(asyncio.run(asyncio.wait_for(_all(settings, wanted), timeout)))
    except TimeoutError:
        return Known(reason=f"the vulnerability service did not answer within {timeout:g} s")
    except _NoAnswer as error:
        return Known(reason=f"the vulnerability service gave no evidence: {error}")
    except ValidationError as error:
        return Known(reason=f"what the vulnerability service says is not of its form: {error.errors()[0]['msg']}")


async def _all(settings: Settings, packages: Sequence[Package]) -> dict[Package, tuple[Vulnerability, ...]]:
    import aiohttp

    limits = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
    connections = aiohttp.TCPConnector(limit=_AT_ONCE, ssl=trusted(settings))
    async with aiohttp.ClientSession(timeout=limits, trust_env=False, connector=connections) as session:
        service = _Service(settings, session, osv_query_url(settings).removesuffix("/query"))
        portions = [packages[at : at + _PORTION] for at in range(0, len(packages), _PORTION)]
        names: dict[Package, set[str]] = {}
        for said in await asyncio.gather(*map(service.names, portions)):
            names.update(said)
        idents = sorted(set().union(*names.values()))
        records = dict(zip(idents, await asyncio.gather(*map(service.record, idents)), strict=True))
        return {each: _about(each, [records[ident] for ident in sorted(names[each])]) for each in packages}


@dataclass(frozen=True)
class _Service:
    """The service, through one client."""

    settings: Settings
    session: aiohttp.ClientSession
    root: str

    async def names(self, packages: Sequence[Package]) -> dict[Package, set[str]]:
        """Names of the records about each package, all pages of them."""
        found: dict[Package, set[str]] = {each: set() for each in packages}
        left = dict.fromkeys(packages, "")
        for _ in range(_MOST_PAGES):
            queries = [_query(each, token) for each, token in left.items()]
            batch = _Batch.model_validate_json(await self._ask("POST", "querybatch", {"queries": queries}))
            if len(batch.results) != len(queries):
                raise _NoAnswer(f"{len(queries)} packages were asked about, {len(batch.results)} were answered")
            answered = list(zip(left, batch.results, strict=True))
            for each, result in answered:
                if result.code:
                    raise _NoAnswer(f"{each.name} {each.version} could not be looked up")
                found[each].update(brief.id for brief in result.vulns)
            left = {each: result.next_page_token for each, result in answered if result.next_page_token}
            if not left:
                return found
        raise _NoAnswer(f"its answer about {next(iter(left)).name} has no end")

    async def record(self, ident: str) -> _Record:
        """One record."""
        record = _Record.model_validate_json(await self._ask("GET", f"vulns/{quote(ident, safe='')}"))
        if record.id != ident:
            raise _NoAnswer(f"{ident} was asked for, {record.id} was given")
        return record

    async def _ask(self, method: str, path: str, body: object = None) -> bytes:
        import aiohttp

        url = f"{self.root}/{path}"
        host = urlsplit(url).hostname
        try:
            proxy = machine_proxy(self.settings, url)
            async with self.session.request(method, url, json=body, proxy=proxy, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise _NoAnswer(f"{host} answered /{path} with status {answer.status}")
                data = bytearray()
                async for piece in answer.content.iter_chunked(1 << 16):
                    data += piece
                    if len(data) > _MOST_BYTES:
                        raise _NoAnswer(f"{host} does not stop answering /{path}")
                return bytes(data)
        except TimeoutError as error:
            raise _NoAnswer(f"{host} did not answer within {_REQUEST_SECONDS:g} s") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise _NoAnswer(f"{host}: {str(error) or type(error).__name__}") from error


def _query(package: Package, token: str) -> dict[str, object]:
    query: dict[str, object] = {
        "package": {"name": package.name, "ecosystem": package.ecosystem},
        "version": package.version,
    }
    return {**query, "page_token": token} if token else query


def _about(package: Package, records: Iterable[_Record]) -> tuple[Vulnerability, ...]:
    """The vulnerabilities, each once: records of several databases that name each other are one."""
    found: list[Vulnerability] = []
    told: set[str] = set()
    standing = [record for record in records if not record.withdrawn]
    for record in sorted(standing, key=lambda each: (not _fixes(package, each), each.id)):
        names = {record.id, *record.aliases}
        if not names & told:
            summary = " ".join((record.summary or record.details).split())
            summary = summary if len(summary) <= 200 else f"{summary[:199]}…"
            found.append(Vulnerability(record.id, tuple(record.aliases), _fixes(package, record), summary))
        told |= names
    return tuple(sorted(found, key=lambda each: each.id))


def _fixes(package: Package, record: _Record) -> tuple[str, ...]:
    """Versions with a fix that are newer than the package's, lowest first."""
    events = (
        event
        for affected in record.affected
        if affected.package.get("name") == package.name and affected.package.get("ecosystem") == package.ecosystem
        for each in affected.ranges
        if each.type != "GIT"
        for event in each.events
    )
    own = precedence(package.version)
    fixed = {str(event["fixed"]): precedence(str(event["fixed"])) for event in events if event.get("fixed")}
    newer = [(key, version) for version, key in fixed.items() if key is not None and own is not None and key > own]
    return tuple(version for _, version in sorted(newer))

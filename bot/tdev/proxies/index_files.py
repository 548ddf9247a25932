"""Where a package index keeps its files: the hosts that its own list of one package names.

Indexes keep files elsewhere than their pages, each where it likes. Nobody should have to name that place: the index
is asked, once and only when an installer wants to go somewhere that is not listed. The form of the list is that of
the simple repository API, https://packaging.python.org/en/latest/specifications/simple-repository-api/.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from uv import find_uv_bin

from tdev.adapters import process
from tdev.errors import TransientError
from tdev.proxies.outward import machine_proxy, trusted
from tdev.settings import Settings

if TYPE_CHECKING:
    import aiohttp

_PACKAGE = "pip"
"""A package that every index has which can install anything."""
_MOST_BYTES = 8 * 1024 * 1024
_SECONDS = 20.0
_ADDRESS = re.compile(rb"""["'](https://[^\s"'<>\\]{1,2000})["']""")
_NAMED = re.compile(r"^--index-url (?P<url>https://\S+)$", re.MULTILINE)


@cache
def public_index() -> str:
    """Address of the index that uv uses where none is set up, as uv itself says.

    Raises TransientError when it does not.
    """
    done = process.run(
        (
            find_uv_bin(), "pip", "compile", "--no-config", "--offline", "--no-header", "--emit-index-url",
            "--python", sys.executable, "-",
        ),
        cwd=Path("/"),
        environment={"UV_NO_CACHE": "1"},
        timeout=_SECONDS,
        stdin=b"",
    )  # fmt: skip
    found = _NAMED.search(done.stdout)
    if found is None:
        raise TransientError(f"uv does not say which package index it uses: {done.tail(2) or 'no answer'}.")
    return found["url"]


async def file_hosts(settings: Settings, indexes: Iterable[str]) -> frozenset[str]:
    """Hosts, in small letters, at which these indexes keep files; those that can't be asked name none.

    The client is imported here, for every command that may install something imports this module.
    """
    import aiohttp

    found: set[str] = set()
    limits = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=limits, trust_env=False) as session:
        for index in indexes:
            try:
                found.update(hosts_in(await _page(settings, session, f"{index.rstrip('/')}/{_PACKAGE}/")))
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
    return frozenset(found)


async def _page(settings: Settings, session: aiohttp.ClientSession, url: str) -> bytes:
    """The list of one package's files; empty when there is none, or a longer one than any."""
    if urlsplit(url).scheme != "https":
        return b""
    async with session.get(
        url, proxy=machine_proxy(settings, url), ssl=trusted(settings), headers={"accept": "text/html"}
    ) as answer:
        data = bytearray()
        async for piece in answer.content.iter_chunked(1 << 16):
            data += piece
            if len(data) > _MOST_BYTES:
                return b""
        return bytes(data) if answer.status == 200 else b""


def hosts_in(page: bytes) -> Iterator[str]:
    """The hosts of the addresses that a page links to, of those that are reached by https at its own port."""
    for address in _ADDRESS.findall(page):
        parts = urlsplit(address.decode("ascii", "replace"))
        if parts.hostname and parts.port in (None, 443):
            yield parts.hostname

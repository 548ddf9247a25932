"""The files that a workflow run uploaded, and the log of a job, read in memory.

In go a client with actions:read and a workflow run; out come the wanted members of its newest artifact of a name, or
what our command said last in a job's log. GitHub answers a download with an address elsewhere, which gets no token of
ours (https://docs.github.com/en/rest/actions/artifacts#download-an-artifact). Nothing is unpacked to disk, names are
only compared, and sizes are capped while reading, since a job that ran a repository's code wrote the archive.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection

import aiohttp
from gidgethub import sansio

from tdev import __version__
from tdev.adapters.github import Client
from tdev.adapters.github_http import API_VERSION
from tdev.errors import TransientError

_MOST_ARCHIVE = 64 * 1024 * 1024
_MOST_FILE = 8 * 1024 * 1024
_SECONDS = 60.0
_ZIP = "/repos/{owner}/{repo}/actions/artifacts/{id}/zip"
_LOG = "/repos/{owner}/{repo}/actions/jobs/{id}/logs"
_SAID = re.compile(r"^\S+ tdev: (.+)$", re.MULTILINE)


async def kept_files(client: Client, workflow_run_id: int, prefix: str, wanted: Collection[str]) -> dict[str, bytes]:
    """The wanted files of a run's newest artifact whose name begins so; nothing when there is none that can be read.

    Raises TransientError when GitHub does not answer.
    """
    newest: dict[str, object] = {}
    path = "/actions/runs/{id}/artifacts{?per_page}"
    async for artifact in client.items(path, "artifacts", id=workflow_run_id, per_page=100):
        fits = str(artifact["name"]).startswith(prefix) and not artifact["expired"]
        if fits and int(artifact["id"]) > int(str(newest.get("id", 0))):
            newest = artifact
    if not newest or int(str(newest["size_in_bytes"])) > _MOST_ARCHIVE:
        return {}
    return _members(await _download(client, _ZIP, int(str(newest["id"]))), wanted)


async def last_words(client: Client, job_id: int) -> str:
    """What `tdev` said last in the log of a job, one line: why it stopped; empty when it said nothing.

    Raises TransientError when GitHub does not answer.
    """
    log = (await _download(client, _LOG, job_id)).decode("utf-8", "replace")
    said = _SAID.findall(log.replace("\r", ""))
    return str(said[-1]) if said else ""


async def _download(client: Client, template: str, number: int) -> bytes:
    """What GitHub has stored elsewhere; empty when it is gone or above the cap."""
    transport, token = client.hub.transport, await client.hub.token(client.place, client.permissions)
    owner, _, name = client.place.repository.partition("/")
    variables = {"owner": owner, "repo": name, "id": str(number)}
    url = sansio.format_url(template, variables, base_url=transport.base_url)
    headers = sansio.create_headers(f"tdev/{__version__}", oauth_token=token) | {"x-github-api-version": API_VERSION}
    limits = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with transport.session.get(url, headers=headers, allow_redirects=False, timeout=limits) as answer:
            place = answer.headers.get("location", "")
            if answer.status in (404, 410):
                return b""
            if answer.status != 302 or not place:
                raise TransientError(f"GitHub answered a download with {answer.status}.")
        async with transport.session.get(place, timeout=limits) as answer:
            answer.raise_for_status()
            data = bytearray()
            async for piece in answer.content.iter_chunked(1 << 16):
                data += piece
                if len(data) > _MOST_ARCHIVE:
                    return b""
            return bytes(data)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TransientError(f"A download broke off: {error or type(error).__name__}.") from error


def _members(archive: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """The wanted files of an archive, none larger than the cap; nothing when it is no archive."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            for name in wanted:
                if name in files.namelist():
                    with files.open(name) as member:
                        data = member.read(_MOST_FILE + 1)
                    if len(data) <= _MOST_FILE:
                        found[name] = data
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return {}
    return found

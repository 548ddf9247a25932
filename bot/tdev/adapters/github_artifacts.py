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

from tdev.adapters.github import Client
from tdev.adapters.github_http import download

_MOST_ARCHIVE = 64 * 1024 * 1024
_MOST_FILE = 8 * 1024 * 1024
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
    token = await client.hub.token(client.place, client.permissions)
    owner, _, name = client.place.repository.partition("/")
    variables = {"owner": owner, "repo": name, "id": str(number)}
    return await download(client.hub.transport, template, variables, token, _MOST_ARCHIVE) or b""


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

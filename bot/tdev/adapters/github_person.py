"""GitHub as one person uses it, call by call: what the demo and its tests do in place of a browser.

Comes in: the address of a REST API and a personal token. Goes out: decoded answers, with GitHub's
refusals as GitHubRefusal. Waiting, repeats and headers are those of adapters/github_http.py; here
each call blocks until it is answered. Files of the person's own are pushed by git over HTTP, the
token in git's environment and neither on a command line nor in a configuration file.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tdev.adapters.git import Git, with_token
from tdev.adapters.github_http import Transport, download, send
from tdev.errors import TransientError

_LARGEST_ARTIFACT = 256 * 1024 * 1024
_LARGEST_UNPACKED = 1024 * 1024 * 1024
_ZIP = "/repos/{owner}/{repo}/actions/artifacts/{id}/zip"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    login: str
    """Account."""
    token: str = field(repr=False)
    """Personal token."""
    transport: Transport = field(repr=False)
    """Connections to the API."""
    loop: asyncio.Runner = field(repr=False)
    """What the calls run in."""

    def ask(self, method: str, path: str, body: object = None, **variables: object) -> Any:
        """One request; `path` is GitHub's template and `variables` fill it. Raises GitHubRefusal, TransientError."""
        texts = {name: str(value) for name, value in variables.items()}
        page = self.loop.run(send(self.transport, method, path, texts, token=self.token, body=body))
        return page.data

    def artifact(self, repository: str, artifact_id: int, folder: Path) -> Path:
        """Download an artifact of a workflow run and unpack its files into a folder."""
        owner, _, name = repository.partition("/")
        variables = {"owner": owner, "repo": name, "id": str(artifact_id)}
        archive = self.loop.run(download(self.transport, _ZIP, variables, self.token, _LARGEST_ARTIFACT))
        if archive is None:
            raise TransientError(f"Artifact {artifact_id} is gone, or too large.")
        _unpack(archive, folder)
        return folder


@contextmanager
def signed_in(api_url: str, login: str, token: str) -> Iterator[Person]:
    """A person at an API, until the block ends."""

    async def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    with asyncio.Runner() as loop:
        opened = loop.run(session())
        try:
            yield Person(login, token, Transport(opened, api_url), loop)
        finally:
            loop.run(opened.close())


def push(folder: Path, url: str, branch: str, token: str, environment: Mapping[str, str]) -> None:
    """Push a branch of a work tree to an address; raises TransientError with git's words."""
    _git(folder, url, token, environment, "push", "--quiet", url, f"{branch}:refs/heads/{branch}")


def clone(folder: Path, url: str, branch: str, token: str, environment: Mapping[str, str]) -> None:
    """Clone one branch into a new folder; raises TransientError with git's words."""
    _git(folder.parent, url, token, environment, "clone", "--quiet", "--branch", branch, url, str(folder))


def _git(folder: Path, url: str, token: str, environment: Mapping[str, str], *words: str) -> None:
    Git(folder, {**environment, **with_token("/".join(url.split("/")[:3]), token)}).run(*words)


def _unpack(archive: bytes, folder: Path) -> None:
    """Write the regular files of a zip below a folder; raises TransientError for one that would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST_UNPACKED:
                raise TransientError("The artifact is larger than any of ours when it is unpacked.")
            for entry in packed.infolist():
                target = (folder / entry.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise TransientError(f"The artifact holds a path outside its folder: {entry.filename!r}.")
                if not entry.is_dir():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(packed.read(entry))
    except zipfile.BadZipFile as error:
        raise TransientError(f"The artifact is no archive: {error}.") from error

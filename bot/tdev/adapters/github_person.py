"""GitHub as one person uses it, call by call: what the demo and its tests do in place of a browser.

Comes in: the address of a REST API and a personal token. Goes out: decoded answers, with GitHub's
refusals as GitHubRefusal. Waiting, repeats and headers are those of adapters/github_http.py; here
each call blocks until it is answered. Files of the person's own are pushed by git over HTTP, the
token in git's environment and neither on a command line nor in a configuration file.
"""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tdev.adapters import process
from tdev.adapters.github_http import Transport, send
from tdev.errors import TransientError

_SECONDS = 120.0
_LARGEST_ARTIFACT = 256 * 1024 * 1024
_QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}


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
        url = f"{self.transport.base_url}/repos/{repository}/actions/artifacts/{artifact_id}/zip"
        _unpack(self.loop.run(self._download(url)), folder)
        return folder

    async def _download(self, url: str) -> bytes:
        """The bytes behind an address that may lead on to another; the token goes to the first one alone."""
        headers = {"authorization": f"Bearer {self.token}"}
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        for _ in range(3):
            request = self.transport.session.get(url, headers=headers, timeout=timeout, allow_redirects=False)
            async with request as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    url, headers = answer.headers["location"], {}
                    continue
                if answer.status != 200:
                    raise TransientError(f"{url} answered {answer.status}.")
                return await _whole(answer)
        raise TransientError(f"{url} leads nowhere.")


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body; TransientError when it is larger than any artifact of ours."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(1024 * 1024):
        body += chunk
        if len(body) > _LARGEST_ARTIFACT:
            raise TransientError(f"The artifact is larger than {_LARGEST_ARTIFACT >> 20} MiB.")
    return bytes(body)


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
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    origin = "/".join(url.split("/")[:3])
    header = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{origin}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }
    done = process.run(
        ("git", "-c", "core.hooksPath=/dev/null", *words),
        cwd=folder,
        environment={**environment, **_QUIET, **header},
        timeout=_SECONDS,
    )
    if not done.ok:
        raise TransientError(f"git {words[0]} failed: {done.tail(4) or 'no message'}.")


def _unpack(archive: bytes, folder: Path) -> None:
    """Write the regular files of a zip below a folder; raises TransientError for one that would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            for entry in packed.infolist():
                target = (folder / entry.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise TransientError(f"The artifact holds a path outside its folder: {entry.filename!r}.")
                if not entry.is_dir():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(packed.read(entry))
    except zipfile.BadZipFile as error:
        raise TransientError(f"The artifact is no archive: {error}.") from error

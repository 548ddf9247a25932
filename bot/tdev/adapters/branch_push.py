"""Git with GitHub over HTTPS: a bare clone of our own, a look at its branches, and a push that never forces.

In goes the address of a repository and a token; out come commits here and a branch there. The token reaches git by its
environment (GIT_CONFIG_*), so it stands on no command line and in no file, and is sent to that server alone, without
following it elsewhere. Nothing of the repository is checked out: what is fetched is data.
What the server says no to is Refused with its words; what may pass is tried three times.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.git import Git, with_token
from tdev.core.redaction import redact
from tdev.errors import Refused, TransientError
from tdev.settings import Settings

_TRIES = 3
_NO_TOKEN = re.compile(r"returned error: 40[134]|Authentication failed|could not read Username|repository .*not found")
_NO_RULE = re.compile(r"remote rejected|protected branch|GH006|GH013|pre-receive")
_MOVED = re.compile(r"non-fast-forward|fetch first|stale info")


@dataclass(frozen=True)
class Remote:
    """A repository on a server, and a bare clone of ours."""

    git: Git
    """The bare clone; its environment holds the token."""
    url: str
    """Where it is, without any token."""
    token: str
    """To keep it out of messages."""

    def branches(self, *names: str) -> dict[str, str]:
        """Name -> commit of those of the branches that are there now."""
        refs = [f"refs/heads/{name}" for name in names]
        out = self._run("ls-remote", "--refs", self.url, *refs)
        rows = (line.split("\t") for line in out.splitlines() if "\t" in line)
        found = {ref.removeprefix("refs/heads/"): sha for sha, ref in rows}
        return {name: found[name] for name in names if name in found}

    def fetch(self, *names: str) -> None:
        """Bring branches here, under the same names."""
        self._run(
            "fetch", "--quiet", "--no-tags", self.url, *(f"+refs/heads/{name}:refs/heads/{name}" for name in names)
        )

    def push(self, sha: str, branch: str) -> None:
        """Make the branch there, or move it forward. Raises Refused when it moved or a rule forbids it."""
        self._run("push", "--quiet", "--no-verify", self.url, f"{sha}:refs/heads/{branch}")

    def _run(self, *words: str) -> str:
        message = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(float(attempt))
            done = self.git.run(*words, check=False)
            if done.ok:
                return done.stdout
            message = redact(done.tail(6), (self.token,))
            self._refuse(words[0], message)
        raise TransientError(f"git {words[0]} with {self.url} failed: {message or 'no message'}.")

    def _refuse(self, what: str, message: str) -> None:
        """Raise Refused when trying again is no use."""
        if _MOVED.search(message):
            raise Refused("The branch was moved by somebody else meanwhile.", next_step="Start the run again.")
        if _NO_RULE.search(message):
            raise Refused(f"{self.url} does not take the branch: {message}", next_step="Its rules say why.")
        if _NO_TOKEN.search(message):
            raise Refused(
                f"{self.url} does not take the token for git {what}: {message}",
                next_step="The token needs contents: write on this repository, and must not have expired.",
            )


def connect(settings: Settings, folder: Path, full_name: str, token: str) -> Remote:
    """A new bare clone in `folder`, still empty, that speaks to a repository of GITHUB_SERVER_URL with this token."""
    folder.mkdir(parents=True, exist_ok=True)
    server = settings.actions.server_url
    proxies = {name: value for name, value in settings.installer_environment.items() if name.lower().endswith("_proxy")}
    environment = {**settings.child_environment, **proxies, **with_token(server, token)}
    git = Git(folder, environment)
    git.run("init", "--quiet", "--bare", "--initial-branch=none")
    return Remote(git, f"{server}/{full_name}.git", token)

"""actions/checkout, done by the runner: a commit of the job's repository, over HTTP with the job's token.

Follows the action's README file. Comes in: its inputs (`ref`, `path`, `fetch-depth`, `token`) and the job's order. Goes
out: a work tree in the workspace. The token reaches git as a header for the forge's address, through the environment,
so it stands in no command line and in no configuration; `persist-credentials` is therefore never true here.

Other repositories, submodules, sparse checkouts and large file storage are left out.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tdev.adapters.git import with_token
from tdev.errors import Refused, TransientError

QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
RunGit = Callable[[tuple[str, ...], Path, Mapping[str, str]], Awaitable[tuple[bool, str]]]
"""Runs a git command in a folder with more variables; whether it succeeded, and what it printed."""
_SHA = re.compile(r"[0-9a-f]{40}")
_PULL = "refs/pull/"
_BRANCH = "refs/heads/"


def within(folder: Path, path: str) -> Path:
    """A place below a folder; Refused when it is elsewhere, also through links."""
    place = (folder / path).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise Refused(f"{path} is outside {folder.name}.", next_step="Name a folder below it.")
    return place


async def check_out(
    given: Mapping[str, str], *, clone_url: str, repository: str, ref: str, sha: str, token: str, folder: Path,
    git: RunGit,
) -> None:  # fmt: skip
    """Leave a commit checked out; TransientError when git could not, Refused for what is not known here."""
    if given.get("repository", repository) != repository:
        raise Refused(f"This runner checks out {repository} only, not {given['repository']}.")
    depth = given.get("fetch-depth", "1")
    if not depth.isdecimal():
        raise Refused(f"fetch-depth is no number: {depth}.")
    place = within(folder, given.get("path", ""))
    await asyncio.to_thread(_clear, place)
    secret = with_token("/".join(clone_url.split("/")[:3]), given.get("token") or token)

    async def run(*words: str) -> str:
        done, printed = await git(("git", *words), place, {**QUIET, **secret})
        if not done:
            raise TransientError(f"git {words[0]} failed.")
        return printed

    await run("init", "--quiet", "--initial-branch=main")
    await run("remote", "add", "origin", clone_url)
    if wanted := given.get("ref", ""):
        ref, sha = await _resolved(wanted, run)
    local = ref.replace(_BRANCH, "refs/remotes/origin/", 1).replace(_PULL, "refs/remotes/pull/", 1)
    specs = [f"+{sha}:{local}" if ref else sha]
    if depth == "0":
        specs = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*", *([] if ref else specs)]
        specs += [f"+{sha}:{local}"] if ref.startswith(_PULL) else []
    shallow = () if depth == "0" else (f"--depth={depth}",)
    tags = () if given.get("fetch-tags") == "true" else ("--no-tags",)
    await run("fetch", "--quiet", "--force", *tags, *shallow, "origin", *specs)
    if ref.startswith(_BRANCH):
        branch = ref.removeprefix(_BRANCH)
        await run("checkout", "--quiet", "--force", "-B", branch, sha)
        await run("branch", "--quiet", f"--set-upstream-to=origin/{branch}")
    else:
        await run("checkout", "--quiet", "--force", "--detach", sha)


async def _resolved(wanted: str, run: Callable[..., Awaitable[str]]) -> tuple[str, str]:
    """Full name (empty for a commit id) and commit of what the input `ref` says."""
    if _SHA.fullmatch(wanted):
        return "", wanted
    names = [f"{_BRANCH}{wanted}", f"refs/tags/{wanted}"] if not wanted.startswith("refs/") else [wanted]
    printed = await run("ls-remote", "origin", *(each for name in names for each in (name, f"{name}^{{}}")))
    found = {name: sha for sha, _, name in (line.partition("\t") for line in printed.splitlines())}
    for name in names:
        if name in found:
            return name, found.get(f"{name}^{{}}", found[name])
    raise Refused(f"A branch or tag with the name '{wanted}' could not be found.")


def _clear(place: Path) -> None:
    """An empty folder, so that nothing an earlier step left there decides how git works."""
    place.mkdir(parents=True, exist_ok=True)
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()

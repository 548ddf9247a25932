"""Private clones in the run's scratch folder: the user's checkout, index, stash and configuration are never touched.

A clone shares the repository's objects read-only and keeps its own new ones, so nothing an engine or a test does in
it can reach the user's `.git`. Finished commits leave it as a bundle in the run directory, and only `publish` brings
them into the repository.

Comes in: a run. Goes out: clones of its repository at the base commit, at the patch's head, or on
the run's branch, each in its own folder below `run.work`. The stages that code, measure and publish
ask for them. The head is always rebuilt from the base and the bundle, so what is judged is exactly
what would be published.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tdev.adapters.git import Git
from tdev.adapters.removal import remove_tree
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.patch import Patch
from tdev.core.run import branch_name
from tdev.errors import TransientError

BUNDLE_FILE = "patch.bundle"


def repository(run: RunDir) -> Git:
    """Git in the repository the goal is about."""
    return Git(Path(run.goal.repository.path), run.settings.child_environment)


def base_checkout(run: RunDir, name: str) -> Path:
    """A fresh clean checkout of the goal's base commit at `<work>/<name>`."""
    return _clone(run, name).folder


def head_checkout(run: RunDir, name: str) -> Path:
    """A fresh clean checkout of the patch's head commit, made from the base and the run's bundle alone.

    Raises TransientError when the bundle does not hold the commit that patch.json names.
    """
    patch = run.read(Patch)
    if patch.empty:
        git = _clone(run, name)
    else:
        git = _bare_clone(run, name)
        git.run("fetch", "--quiet", "--no-tags", str(run.path / BUNDLE_FILE), f"refs/heads/{_branch(run)}")
        git.run("checkout", "--quiet", "--detach", patch.head_sha)
    if git.commit_of("HEAD") != patch.head_sha:
        raise TransientError(f"{BUNDLE_FILE} does not hold commit {patch.head_sha[:12]}.")
    return git.folder


def code_checkout(run: RunDir) -> Git:
    """The clone the engine works in, on the run's branch; kept over a restart, its uncommitted changes dropped."""
    folder = run.work / "code"
    if (folder / ".git" / "HEAD").is_file():
        git = Git(folder, run.settings.child_environment)
        if git.commit_of(f"refs/heads/{_branch(run)}"):
            git.discard()
            git.run("checkout", "--quiet", "--force", _branch(run))
            return git
    git = _clone(run, "code")
    git.run("checkout", "--quiet", "-b", _branch(run))
    return git


def commits_checkout(run: RunDir, sha: str) -> Git:
    """A fresh clone without files, whose branch and HEAD stand on a commit that the repository has already."""
    git = _bare_clone(run, "code")
    git.run("update-ref", f"refs/heads/{_branch(run)}", sha)
    git.run("symbolic-ref", "HEAD", f"refs/heads/{_branch(run)}")
    return git


def worktree(run: RunDir, git: Git, name: str, sha: str) -> Git:
    """A work tree of the clone at `<work>/<name>`, detached at a commit; one that is there already is cleaned and used.

    Its objects are the clone's: a commit made in it can be put on the run's branch. git locks a tree while it makes
    it: the lock that a killed process has left is passed over by force given twice, and a tree half made is made anew.
    """
    folder = run.work / name
    tree = Git(folder, run.settings.child_environment)
    if not ((folder / ".git").is_file() and tree.commit_of("HEAD")):
        remove_tree(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        git.run("worktree", "add", "--quiet", "--force", "--force", "--detach", str(folder), sha)
    tree.discard()
    tree.run("checkout", "--quiet", "--force", "--detach", sha)
    return tree


def prune_worktrees(run: RunDir, git: Git, name: str) -> None:
    """Remove the work trees below `<work>/<name>` that a killed run has left, and the clone's notes of them."""
    remove_tree(run.work / name)
    for lock in (git.folder / ".git" / "worktrees").glob("*/locked"):
        lock.unlink(missing_ok=True)
    git.run("worktree", "prune", "--expire=now")


def advance(run: RunDir, git: Git, sha: str) -> None:
    """Put a commit that follows the branch's head on the run's branch, and its files into the clone."""
    git.run("checkout", "--quiet", "--force", _branch(run))
    git.run("reset", "--quiet", "--hard", sha)
    git.discard()


def write_bundle(run: RunDir, git: Git) -> None:
    """Write the commits on the run's branch to patch.bundle, and the difference to patch.diff."""
    base = run.goal.repository.base_sha
    temporary = run.work / BUNDLE_FILE
    if git.commit_of("HEAD") != base:
        git.run("bundle", "create", "--quiet", str(temporary), f"{base}..refs/heads/{_branch(run)}")
        run.write_bytes(BUNDLE_FILE, temporary.read_bytes())
        temporary.unlink()
    run.write_bytes("patch.diff", git.diff(base, "HEAD").encode("utf-8", "surrogateescape"))


def _branch(run: RunDir) -> str:
    return branch_name(run.goal.slug)


def _clone(run: RunDir, name: str) -> Git:
    """A fresh shared clone at `<work>/<name>`, detached at the base commit."""
    git = _bare_clone(run, name)
    git.run("checkout", "--quiet", "--detach", run.goal.repository.base_sha)
    return git


def _bare_clone(run: RunDir, name: str) -> Git:
    """A fresh shared clone at `<work>/<name>`, in which nothing is checked out."""
    run.work.mkdir(parents=True, exist_ok=True)
    return _cloned(Path(run.goal.repository.path), run.work / name, run.settings.child_environment)


def clean_clone(source: Path, folder: Path, sha: str, environment: Mapping[str, str]) -> Git:
    """A fresh clone of `source` in `folder`, whose parent exists, detached at a commit; an older one is removed.

    It shares the source's objects and has no remote, so nothing can be pushed from it.
    """
    git = _cloned(source, folder, environment)
    git.run("checkout", "--quiet", "--detach", sha)
    return git


def _cloned(source: Path, folder: Path, environment: Mapping[str, str]) -> Git:
    """A fresh clone without files and without a remote."""
    remove_tree(folder)
    outside = Git(folder.parent, environment)
    outside.run("clone", "--quiet", "--shared", "--no-checkout", "--no-tags", "--", str(source), str(folder))
    git = Git(folder, environment)
    git.run("remote", "remove", "origin")
    return git

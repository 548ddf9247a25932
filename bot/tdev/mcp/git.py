"""MCP server `git`: what changed, what was before, and checkpoints on the run's own branch.

git gets no flag from the model: revisions must look like revisions, paths follow `--` and are literal. A checkpoint
is made without HEAD, index or work tree being touched, so that the code stage alone decides what becomes the change.
"""

from __future__ import annotations

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from tdev.adapters.git import Git
from tdev.adapters.private_folder import private_folder
from tdev.core.outbound import plain
from tdev.core.run import BRANCH_PREFIX
from tdev.mcp.service import Service, answer, explained, inside, limit_use, serve
from tdev.policy.write_scope import outside_scope

_LITERAL = "--literal-pathspecs"
_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
_MOST_COMMITS = 50


def add_tools(server: MCPServer, service: Service) -> None:
    """The server's tools."""
    git = Git(service.root, service.settings.child_environment)

    @server.tool(structured_output=False)
    def status() -> str:
        """Which files differ from the last commit; untracked ones too."""
        service.check("status")
        with explained():
            return answer(git.run("status", "--porcelain=v1", "--ignore-submodules=all").stdout)

    @server.tool(structured_output=False)
    def diff(paths: list[str] | None = None, base: str = "HEAD") -> str:
        """How the files differ now from a revision (default: the last commit)."""
        names = _names(service, "diff", paths, base=base)
        with explained():
            return answer(git.run(_LITERAL, "diff", *_DIFF, _commit(git, base), "--", *names).stdout)

    @server.tool(structured_output=False)
    def log(paths: list[str] | None = None, revision: str = "HEAD", count: int = 20) -> str:
        """The commits that led to a revision, newest first."""
        names = _names(service, "log", paths, revision=revision)
        most = f"--max-count={min(max(count, 1), _MOST_COMMITS)}"
        form = "--format=%h %as %an: %s"
        with explained():
            return answer(
                git.run(_LITERAL, "log", "--no-color", most, form, _commit(git, revision), "--", *names).stdout
            )

    @server.tool(structured_output=False)
    def show(revision: str, paths: list[str] | None = None) -> str:
        """One commit: its message and what it changed."""
        names = _names(service, "show", paths, revision=revision)
        with explained():
            return answer(git.run(_LITERAL, "show", *_DIFF, _commit(git, revision), "--", *names).stdout)

    @server.tool(structured_output=False)
    def commit(message: str) -> str:
        """Keep the files as they are now as a checkpoint on the run's branch; HEAD stays where it is."""
        service.check("commit")
        with explained():
            return _checkpoint(git, service, plain(message)[:200])


def _names(service: Service, tool: str, paths: list[str] | None, **revisions: str) -> list[str]:
    """The paths of a call that is allowed."""
    call = service.check(tool, paths=paths or None, **revisions)
    return [inside(call, path) or "." for path in paths or ()]


def _commit(git: Git, revision: str) -> str:
    sha = git.commit_of(revision)
    if not sha:
        raise ToolError("There is no such revision.")
    return sha


def _checkpoint(git: Git, service: Service, message: str) -> str:
    """Commit the work tree on the run's branch through an index of its own."""
    branch = service.configuration.branch
    if not branch.startswith(BRANCH_PREFIX) or git.run("check-ref-format", "--branch", branch, check=False).exit_code:
        raise ToolError("This run has no branch to commit on.")
    if not message:
        raise ToolError("Say in the message what the commit is for.")
    ref = f"refs/heads/{branch}"
    if git.branch() == branch:
        raise ToolError("The run's branch is checked out; it is committed to when the task ends.")
    with private_folder("index") as folder:
        apart = Git(git.folder, {**git.environment, "GIT_INDEX_FILE": str(folder / "index")})
        apart.run("read-tree", "HEAD")
        apart.run("add", "--all", "--", ".")
        tree = apart.text("write-tree")
    base, before = git.commit_of("HEAD"), git.commit_of(ref)
    if tree == git.tree_of(before or base):
        raise ToolError("Nothing has changed since the last checkpoint.")
    outside = outside_scope(git.changed_files(base, tree), service.rules.scope, service.rules.allowed_root)
    if outside:
        raise ToolError(f"{outside[0][0]} is outside the write scope: {outside[0][1]}. Undo that change first.")
    made = git.run("commit-tree", "-p", before or base, tree, stdin=message.encode()).stdout.strip()
    git.run("update-ref", ref, made, before or "0" * len(made))
    return f"Committed {made[:12]} on {branch}."


def main() -> int:
    """Serve."""
    limit_use()
    return serve("git", add_tools)


if __name__ == "__main__":
    raise SystemExit(main())

"""Git, with hooks off and no prompts: the user's repository is read, and written to only by `publish`.

Comes in: a folder and the environment of Settings. Goes out: git's answers as plain values.
Machine-readable forms of git are used throughout (`-z`, porcelain, format strings): the words meant
for people change with version and language.

Every call switches off what a repository could use to run code on this machine: hooks, the file
monitor, external diff and text conversion, the `ext` transport. System and user configuration are
not read, so a run does not depend on whose machine it is on.

The one exception is the question whether git trusts the owner of the folder, which only the user's
own configuration can answer.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tdev.adapters import process
from tdev.core.artifacts.patch import ChangedFile
from tdev.core.artifacts.patch import Commit as PatchCommit
from tdev.errors import Refused, TransientError

BOT_NAME = "T-Developer"
BOT_EMAIL = "tdev[bot]@users.noreply.github.com"
_SECONDS = 120
_QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_AUTHOR_NAME": BOT_NAME,
    "GIT_AUTHOR_EMAIL": BOT_EMAIL,
    "GIT_COMMITTER_NAME": BOT_NAME,
    "GIT_COMMITTER_EMAIL": BOT_EMAIL,
    "LC_ALL": "C.UTF-8",
}
_SAFE = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "protocol.ext.allow=never",
    "-c", "commit.gpgSign=false",
    "-c", "core.autocrlf=false",
    "-c", "gc.auto=0",
    "-c", "safe.directory=*",
    "-c", "core.quotePath=false",
)  # fmt: skip


@dataclass(frozen=True)
class Git:
    """Git in one folder."""

    folder: Path
    """Work tree or bare repository."""
    environment: Mapping[str, str]
    """Settings.child_environment."""

    def run(
        self, *words: str, check: bool = True, stdin: bytes | None = None, output: IO[bytes] | None = None
    ) -> process.Completed:
        """Run `git WORDS`; raises TransientError with git's own words when `check` and it failed.

        With `output`, standard output goes to that file byte for byte.
        """
        done = process.run(
            ("git", *_SAFE, *words),
            cwd=self.folder,
            environment={**self.environment, **_QUIET},
            timeout=_SECONDS,
            stdin=stdin,
            max_output=256 * 1024 * 1024,
            output=output,
        )
        if check and not done.ok:
            raise TransientError(f"git {words[0]} failed: {done.tail(4) or 'no message'}.")
        return done

    def text(self, *words: str) -> str:
        """Standard output of `git WORDS`, stripped."""
        return self.run(*words).stdout.strip()

    def commit_of(self, ref: str) -> str:
        """Commit id a ref points to, or an empty string."""
        if "\0" in ref:
            return ""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", check=False)
        return done.stdout.strip() if done.ok else ""

    def branch(self) -> str:
        """The branch HEAD is on; empty when detached."""
        done = self.run("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
        return done.stdout.strip() if done.ok else ""

    def dirty(self) -> bool:
        """True when the work tree or the index differs from HEAD (untracked files count)."""
        done = self.run("status", "--porcelain", "--untracked-files=normal", check=False)
        return done.ok and bool(done.stdout.strip())

    def shallow(self) -> bool:
        """True when older commits were left out of the clone."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"

    def writable(self) -> bool:
        """True when a branch could be made: the repository's refs and objects take new files."""
        common = Path(self.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
        return all(os.access(common / part, os.W_OK | os.X_OK) for part in ("refs", "objects"))

    def tree_of(self, ref: str) -> str:
        """Tree id of a commit."""
        return self.text("rev-parse", "--verify", f"{ref}^{{tree}}")

    def files(self, ref: str = "HEAD") -> tuple[str, ...]:
        """Paths of a commit's files."""
        out = self.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", ref).stdout
        return tuple(name for name in out.split("\0") if name)

    def commit_all(self, message: str) -> str:
        """Commit everything in the work tree; returns the commit id, empty when there was nothing to commit."""
        self.run("add", "--all", "--", ".")
        if self.run("diff", "--cached", "--quiet", check=False).exit_code == 0:
            return ""
        self.run("commit", "--quiet", "--no-verify", "--file=-", stdin=message.encode())
        return self.commit_of("HEAD")

    def commit_tree(self, tree: str, parent: str, message: str) -> str:
        """Make a commit of a tree without touching branch, index or files; returns its id."""
        return self.run("commit-tree", tree, "-p", parent, "-F", "-", stdin=message.encode()).stdout.strip()

    def merged_tree(self, ours: str, theirs: str) -> tuple[str, tuple[str, ...]]:
        """The tree of two commits merged, without touching index or files, and the paths that conflict, if any."""
        done = self.run("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs, check=False)
        tree, *paths = [part for part in done.stdout.split("\0") if part] or [""]
        if done.exit_code not in (0, 1) or not tree:
            raise TransientError(f"git merge-tree failed: {done.tail(4) or 'no message'}.")
        return tree, tuple(dict.fromkeys(paths))

    def discard(self) -> None:
        """Throw away every uncommitted change, untracked and ignored files included."""
        self.run("reset", "--quiet", "--hard")
        self.run("clean", "--quiet", "-ffdx")

    def diff(self, base: str, head: str) -> str:
        """Unified diff between two commits."""
        return self.run("diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M", base, head).stdout

    def line_diff(self, base: str, head: str) -> str:
        """Unified diff between two commits without context lines, with fixed prefixes, whatever .gitattributes calls
        binary: for core/changed_lines.py.
        """
        options = ("-U0", "-M", "--text", "--no-color", "--no-ext-diff", "--no-textconv")
        return self.run("diff", *options, "--src-prefix=a/", "--dst-prefix=b/", base, head).stdout

    def changed_files(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        """What differs between two commits."""
        options = ("-z", "-M", "--no-ext-diff", "--no-textconv", base, head)
        statuses = _statuses(self.run("diff", "--name-status", *options).stdout)
        counts = line_counts(self.run("diff", "--numstat", *options).stdout)
        return tuple(
            ChangedFile(
                path=path,
                status=status,
                added=counts[path][0],
                removed=counts[path][1],
                binary=counts[path][2],
                old_path=old_path,
            )
            for path, status, old_path in statuses
        )

    def commits(self, base: str, head: str) -> tuple[PatchCommit, ...]:
        """Commits after `base` up to `head`, oldest first, with the task their trailer names."""
        form = "%H%x00%s%x00%(trailers:key=Tdev-Task,valueonly,separator=%x2C)"
        out = self.text("log", "--reverse", f"--format={form}", f"{base}..{head}")
        rows = [line.split("\0") for line in out.splitlines() if line]
        return tuple(PatchCommit(sha=sha, subject=subject, task=task.strip()) for sha, subject, task in rows)


def _statuses(raw: str) -> list[tuple[str, str, str]]:
    """(path, letter, old path) of `git diff --name-status -z`; the old path of renames and copies only."""
    fields = iter(raw.split("\0"))
    rows = []
    for letter in fields:
        if not letter:
            continue
        path, old_path = next(fields), ""
        if letter[0] in "RC":
            old_path, path = path, next(fields)
        rows.append((path, letter[0], old_path))
    return rows


def line_counts(raw: str) -> dict[str, tuple[int, int, bool]]:
    """Path -> (added, removed, binary) of `git diff --numstat -z`."""
    fields = iter(raw.split("\0"))
    counts = {}
    for row in fields:
        if not row:
            continue
        added, removed, path = row.split("\t", 2)
        if not path:
            next(fields)
            path = next(fields)
        binary = added == "-"
        counts[path] = (0, 0, True) if binary else (int(added), int(removed), False)
    return counts


def with_token(server: str, token: str) -> dict[str, str]:
    """Variables that give git a token for one server: on no command line, in no file, and not followed elsewhere."""
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    rows = (
        (f"http.{server}/.extraHeader", f"Authorization: Basic {basic}"),
        ("http.followRedirects", "false"),
        ("credential.helper", ""),
    )
    variables = {"GIT_CONFIG_COUNT": str(len(rows))}
    for number, (key, value) in enumerate(rows):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def open_repository(path: Path, environment: Mapping[str, str], home: Path | None = None) -> Git:
    """The repository at (or around) a folder.

    Raises Refused when the folder does not exist, is no git repository, has no commit yet, or belongs to somebody
    else and the git configuration in `home` does not trust it (git's `safe.directory`).
    """
    if not path.is_dir():
        raise Refused(f"There is no folder {path}.", next_step="Give an existing repository with --repo.")
    git = Git(path.absolute(), environment)
    _check_owner(git, home)
    done = git.run("rev-parse", "--is-bare-repository", "--absolute-git-dir", check=False)
    if not done.ok:
        raise Refused(
            f"{path} is not a git repository.", next_step="Run `git init` and commit once there, or give --repo."
        )
    bare, git_folder = done.stdout.splitlines()[:2]
    top = Path(git_folder) if bare == "true" else Path(git.text("rev-parse", "--show-toplevel"))
    git = Git(top, environment)
    if not git.commit_of("HEAD"):
        raise Refused(
            f"{path} has no commit yet.",
            next_step="Commit once, for instance with `git commit --allow-empty -m start`.",
        )
    return git


def _check_owner(git: Git, home: Path | None) -> None:
    """Ask git itself, with the user's own configuration, whether it trusts the folder's owner."""
    environment = {**git.environment, "LC_ALL": "C.UTF-8", **({"HOME": str(home)} if home else {})}
    words = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "rev-parse", "--git-dir")
    done = process.run(words, cwd=git.folder, environment=environment, timeout=_SECONDS)
    if "dubious ownership" in done.stderr:
        raise Refused(
            f"{git.folder} belongs to another user, and git does not trust it.",
            next_step=f"If you do: git config --global --add safe.directory {git.folder}",
        )

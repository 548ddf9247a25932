"""Commits made and read in a bare repository, with git's own plumbing.

Comes in: Git of a bare folder, trees, parents, the person who commits. Goes out: commit ids and
GitHub's documents of them. Commit objects are written by `git hash-object`, so author, committer and
times are exactly what the caller says. Signing is left out: every `verification` says `unsigned`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile

from tdev.adapters.git import Git
from tdev.errors import Refused
from tdev.forge.store import Row

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_FORM = "%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B%x1e"
OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_SHORT_ID = re.compile(r"[0-9a-fA-F]{7,40}")


@dataclass(frozen=True)
class Person:
    """An author or committer at a time."""

    name: str
    email: str
    seconds: int
    """Since 1970."""

    @classmethod
    def of(cls, user: Row, seconds: float) -> Person:
        """An account, at a time."""
        email = user["email"] or f"{user['id']}+{user['login']}@users.noreply.forge.example"
        return cls(user["name"] or user["login"], email, int(seconds))

    def line(self) -> str:
        """As a commit object holds it."""
        clean = "".join(letter for letter in self.name if letter not in "<>\n\0").strip() or "unknown"
        email = "".join(letter for letter in self.email if letter not in "<>\n\0 ")
        return f"{clean} <{email}> {self.seconds} +0000"

    def when(self) -> str:
        """The time as GitHub writes it."""
        return datetime.fromtimestamp(self.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class CommitFacts:
    """What a commit object says."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


def write_commit(
    git: Git, tree: str, parents: Sequence[str], message: str, author: Person, committer: Person | None = None
) -> str:
    """Write a commit object and return its id; no ref moves."""
    head = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    head += [f"author {author.line()}", f"committer {(committer or author).line()}", ""]
    raw = "\n".join([*head, message.replace("\0", "").rstrip("\n") + "\n"])
    return git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode()).stdout.strip()


def read_commits(git: Git, *words: str) -> list[CommitFacts]:
    """The commits that `git log WORDS` names, newest first unless the words say otherwise."""
    out = git.run("log", "--no-show-signature", f"--format={_FORM}", *words).stdout
    return [_facts(record.lstrip("\n")) for record in out.split("\x1e") if record.strip()]


def read_commit(git: Git, sha: str) -> CommitFacts:
    """One commit."""
    return read_commits(git, "-1", sha, "--")[0]


def _facts(record: str) -> CommitFacts:
    """One record of the log."""
    sha, tree, parents, name, email, at, cname, cemail, cat, message = record.split("\x1f", 9)
    author, committer = Person(name, email, int(at)), Person(cname, cemail, int(cat))
    return CommitFacts(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def move_ref(git: Git, ref: str, new: str, old: str | None = None) -> None:
    """Set a ref; with `old` (empty = must be new) Refused when it is not where the caller thinks."""
    words = ["update-ref", ref, new] + ([] if old is None else [old or "0" * 40])
    done = git.run(*words, check=False)
    if not done.ok:
        raise Refused(f"{ref} has moved: {done.tail(1)}", next_step="Read it again and try once more.")


def tree_with(git: Git, tree: str, changes: Mapping[str, bytes | None]) -> str:
    """The tree that differs from `tree` in these files; None removes one.

    Raises Refused when a path goes through a file.
    """
    listing = listing_of(git, tree)
    for path, content in changes.items():
        if content is None:
            listing.pop(path, None)
            continue
        mode = listing.get(path, "100644").split(" ")[0]
        listing[path] = f"{mode if mode.startswith('100') else '100644'} blob {write_blob(git, content)}"
    return write_tree(git, listing)


def listing_of(git: Git, tree: str) -> dict[str, str]:
    """Every file of a tree: path -> `mode type id`."""
    out = git.run("ls-tree", "-r", "-z", "--full-tree", tree).stdout
    rows = (entry.split("\t", 1) for entry in out.split("\0") if entry)
    return {path: meta for meta, path in rows}


def write_blob(git: Git, content: bytes) -> str:
    """Keep a file's content; its id."""
    return git.run("hash-object", "-w", "--stdin", stdin=content).stdout.strip()


def read_blob(git: Git, sha: str) -> bytes:
    """A file's content, byte for byte."""
    with TemporaryFile() as file:
        git.run("cat-file", "blob", sha, output=file)
        file.seek(0)
        return file.read()


def kind_of(git: Git, sha: str) -> str:
    """`commit`, `tree`, `blob` or `tag`; empty for what is no whole object id, or of no object here."""
    if not OBJECT_ID.fullmatch(sha):
        return ""
    done = git.run("cat-file", "-t", sha, check=False)
    return done.stdout.strip() if done.ok else ""


def commit_named(git: Git, word: str) -> str:
    """The commit a branch, a tag, a reference or an id of at least seven digits names; empty for none."""
    if "\0" in word:
        return ""
    for prefix in ("refs/heads/", "refs/tags/", "refs/" if word.startswith(("heads/", "tags/")) else ""):
        full = prefix + word
        valid = full.startswith("refs/") and git.run("check-ref-format", full, check=False).ok
        if valid and (found := git.commit_of(full)):
            return found
    return git.commit_of(word) if word == "HEAD" or _SHORT_ID.fullmatch(word) else ""


def write_tree(git: Git, listing: Mapping[str, str]) -> str:
    """Write the trees of a flat listing, deepest first, and return the top one's id."""
    here: dict[str, str] = {}
    below: dict[str, dict[str, str]] = {}
    for path, meta in listing.items():
        name, _, rest = path.partition("/")
        if rest:
            below.setdefault(name, {})[rest] = meta
        else:
            here[name] = meta
    if set(here) & set(below):
        raise Refused("A folder and a file can't have the same path.", next_step="Choose another path.")
    lines = [f"{meta}\t{name}" for name, meta in here.items()]
    lines += [f"040000 tree {write_tree(git, inner)}\t{name}" for name, inner in below.items()]
    return git.run("mktree", "-z", stdin="".join(f"{line}\0" for line in lines).encode()).stdout.strip()


def first_commit(git: Git, branch: str, files: Mapping[str, str], message: str, who: Person) -> str:
    """The first commit of an empty repository; returns its id."""
    empty = git.run("mktree", stdin=b"").stdout.strip()
    tree = tree_with(git, empty, {path: text.encode() for path, text in files.items()})
    sha = write_commit(git, tree, (), message, who)
    move_ref(git, f"refs/heads/{branch}", sha, "")
    return sha

"""Every version of every file that a change brings, commit by commit, laid out as plain files for programs to search.

Used by secrets.py. Comes in: two commits. Goes out: versions with the lines that are new in each,
and a folder with one numbered folder per content. The head against the base comes first, so that a
finding is told at the place where people can still see it.

Content is read from git's own store in one stream; no checkout is made, and nothing in the change
can choose the name a file gets here. An ending stays where programs read that format in a special
way, such as archives and notebooks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdev.adapters.git import Git
from tdev.core.changed_lines import changed_lines
from tdev.tools.secret_hits import Hit

_MESSAGE_ITEM = "message.txt"
_TEXTS = (
    "bash|c|cfg|conf|cpp|cs|css|env|go|gradle|hcl|html|ini|ipynb|java|js|json|jsx|key|kt|md|pem|php|properties|ps1|py|rb"
    "|rs|rst|sh|sql|swift|tf|tfvars|toml|ts|tsx|xml|yaml|yml"
)
_ARCHIVES = "bz2|gz|jar|tar|tgz|whl|xz|zip"
_FORMATS = frozenset(f"{_TEXTS}|{_ARCHIVES}".split("|"))
"""Endings of text and archives that the programs read in a way of their own; all else is given as plain text."""


@dataclass(frozen=True)
class Version:
    """One file as one commit made it, or a commit's own text (then `path` is empty)."""

    blob: str
    """Id of its content; for a commit's own text the commit's."""
    path: str
    """POSIX path; empty for a commit's own text."""
    commit: str
    """Empty = the head, compared with the base."""
    added: frozenset[int] | None
    """Lines the commit added or altered; None = all of them."""

    def concerns(self, hit: Hit) -> bool:
        """True when the commit brought one of the hit's lines."""
        return self.added is None or any(line in self.added for line in range(hit.line, hit.end_line + 1))


def versions_of(git: Git, base: str, head: str) -> Iterator[Version]:
    """The head against the base, then each commit against its first parent, with its own text."""
    yield from _changed(git, base, head, "")
    empty = git.run("hash-object", "-t", "tree", "--stdin", stdin=b"").stdout.strip()
    for row in git.text("rev-list", "--parents", "--reverse", f"{base}..{head}").splitlines():
        commit, *parents = row.split()
        yield Version(commit, "", commit, None)
        yield from _changed(git, parents[0] if parents else empty, commit, commit)


def _changed(git: Git, old: str, new: str, commit: str) -> Iterator[Version]:
    """The files that differ between two trees and still are there, with the lines that are new."""
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "-M")
    raw = git.run("diff", "--raw", "-z", "--no-abbrev", *options, old, new).stdout
    lines = changed_lines(git.run("diff", "-U0", "--src-prefix=a/", "--dst-prefix=b/", *options, old, new).stdout)
    for blob, path in _raw_rows(raw):
        added = lines.get(path)
        yield Version(blob, path, commit, None if added is None else frozenset(added))


def _raw_rows(raw: str) -> Iterator[tuple[str, str]]:
    """(blob, path) of each file of `git diff --raw -z` whose content is new; submodules have none."""
    fields = iter(raw.split("\0"))
    for row in fields:
        if not row:
            continue
        _, mode, before, blob, status = row.removeprefix(":").split(" ")
        path = next(fields)
        if status[0] in "RC":
            path = next(fields)
        if status[0] != "D" and mode != "160000" and blob != before:
            yield blob, path


def sizes_of(git: Git, blobs: Sequence[str]) -> dict[str, int]:
    """Bytes of each object."""
    out = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin="\n".join(blobs).encode()).stdout
    return {name: int(size) for name, size in (line.split(" ") for line in out.splitlines())}


def lay_out(
    git: Git, folder: Path, versions: Sequence[Version], blobs: Sequence[str]
) -> Mapping[str, tuple[Version, ...]]:
    """Write each object into a folder of its own, under a harmless name with the same ending; versions by folder."""
    names = {version.blob: _harmless(version.path) for version in reversed(versions)}
    numbers = {blob: str(number) for number, blob in enumerate(blobs)}
    with tempfile.TemporaryFile(dir=folder.parent) as stream:
        git.run("cat-file", "--batch=%(objectname) %(objectsize)", stdin="\n".join(blobs).encode(), output=stream)
        stream.seek(0)
        while header := stream.readline():
            blob, size = header.decode().split()
            place = folder / numbers[blob]
            place.mkdir()
            (place / names[blob]).write_bytes(stream.read(int(size)))
            stream.read(1)
    return {number: tuple(version for version in versions if version.blob == blob) for blob, number in numbers.items()}


def _harmless(path: str) -> str:
    """A file name that no program leaves out or takes for its settings; endings that tell a format stay."""
    if not path:
        return _MESSAGE_ITEM
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    return f"file.{ending if ending in _FORMATS else 'txt'}"

"""Files that differ between two commits, as commits, comparisons and pull requests show them.

Goes out: GitHub's `diff-entry` documents in git's order, at most 300, each with its patch. Binary files have
no patch. Renames are found as git finds them by default; copies are not looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from tdev.adapters.git import Git, line_counts
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.store import Json, Row, Store

MOST = 300
_WORDS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
_OPTIONS = ("-M", "--no-color", "--no-ext-diff", "--no-textconv", "--no-abbrev")


@dataclass(frozen=True)
class Entry:
    """One file."""

    path: str
    old_path: str
    """Of a renamed one; else empty."""
    letter: str
    sha: str
    """Of the new content; of the old one where the file was removed."""
    added: int
    removed: int
    patch: str
    """From the first `@@`; empty for a binary file or a mere renaming."""


def entries(git: Git, base: str, head: str) -> list[Entry]:
    """Every file that differs between two commits or trees."""
    rows = _raw(git.run("diff", "--raw", "-z", *_OPTIONS, base, head).stdout)
    counts = line_counts(git.run("diff", "--numstat", "-z", *_OPTIONS, base, head).stdout)
    patches = iter(_patches(git.run("diff", "--patch", *_OPTIONS, base, head).stdout))
    found = []
    for letter, sha, path, old_path in rows:
        patch = next(patches, "")
        if letter == "T":
            next(patches, "")
        added, removed, _ = counts.get(path, (0, 0, False))
        found.append(Entry(path, old_path, letter, sha, added, removed, patch))
    return found


def _raw(out: str) -> list[tuple[str, str, str, str]]:
    """(letter, id, path, old path) of `git diff --raw -z`."""
    words = iter(out.split("\0"))
    rows = []
    for word in words:
        if not word:
            continue
        _, _, before, after, letter = word.split(" ")
        path, old_path = next(words), ""
        if letter[0] in "RC":
            old_path, path = path, next(words)
        rows.append((letter[0], before if letter[0] == "D" else after, path, old_path))
    return rows


def _patches(out: str) -> list[str]:
    """The hunks of each file of `git diff --patch`."""
    sections = re.split(r"^diff --git .*\n", out, flags=re.MULTILINE)[1:]
    starts = [re.search(r"^@@ ", section, re.MULTILINE) for section in sections]
    return [
        section[start.start() :].removesuffix("\n") if start else ""
        for section, start in zip(sections, starts, strict=True)
    ]


def entry_document(store: Store, repository: Row, head: str, entry: Entry) -> Json:
    """A file as GitHub's `diff-entry`."""
    path, page = quote(entry.path), html_url(store, repository)
    return {
        "sha": entry.sha,
        "filename": entry.path,
        "status": _WORDS.get(entry.letter, "changed"),
        "additions": entry.added,
        "deletions": entry.removed,
        "changes": entry.added + entry.removed,
        "blob_url": f"{page}/blob/{head}/{path}",
        "raw_url": f"{page}/raw/{head}/{path}",
        "contents_url": f"{api_url(store, repository)}/contents/{path}?ref={head}",
        **({"patch": entry.patch} if entry.patch else {}),
        **({"previous_filename": entry.old_path} if entry.old_path else {}),
    }

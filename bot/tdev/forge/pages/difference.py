"""The diff of a pull request, file by file, with line numbers, colours and annotations.

Comes in: a pull request. Goes out: Html; at most 20,000 lines, and annotations of the latest check runs stand
under the line they are about.
"""

from __future__ import annotations

import re

from tdev.forge.api.diffs import Entry, entries
from tdev.forge.git.diff import merge_base
from tdev.forge.pages.checks import annotations_of
from tdev.forge.pages.html import Html, fill, joined, pill
from tdev.forge.pages.place import Place
from tdev.forge.pulls.required import latest_runs
from tdev.forge.store import Json, Row

_MAX_LINES = 20_000
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
Notes = dict[tuple[str, int], list[Json]]


def shown(place: Place, pull: Row) -> Html:
    """The changes between where the branches parted and the head."""
    git = place.store.git(place.repository)
    start = merge_base(git, pull["base_sha"], pull["head_sha"])
    if not start:
        return fill("<h2>Changes</h2><p>{why}</p>", why="The branches have nothing in common.")
    files, left, parts = entries(git, start, pull["head_sha"]), _MAX_LINES, []
    notes = _notes(place, pull["head_sha"])
    for entry in files:
        lines = entry.patch.split("\n") if entry.patch else []
        parts.append(_file(entry, lines[:left], notes))
        left = max(left - len(lines), 0)
    return fill(
        '<h2 id="diff">Changes</h2><p class="muted">{count}, {size}</p>{parts}',
        count="1 file" if len(files) == 1 else f"{len(files)} files",
        size=_size(sum(each.added for each in files), sum(each.removed for each in files)),
        parts=joined(parts),
    )  # fmt: skip


def _notes(place: Place, sha: str) -> Notes:
    """Annotations by file and last line."""
    notes: Notes = {}
    for row in latest_runs(place.store, place.repository["id"], sha):
        for note in annotations_of(place.store, row["id"]):
            notes.setdefault((note["path"], note["end_line"]), []).append({**note, "check": row["name"]})
    return notes


def _size(added: int, removed: int) -> Html:
    """Lines added and removed."""
    words = '<span class="added">+{added}</span> <span class="removed">−{removed}</span>'
    return fill(words, added=added, removed=removed)


def _file(entry: Entry, lines: list[str], notes: Notes) -> Html:
    """One file in a box."""
    name = f"{entry.old_path} → {entry.path}" if entry.old_path else entry.path
    old = new = 0
    rows = []
    for line in lines:
        if hunk := _HUNK.match(line):
            old, new = int(hunk[1]), int(hunk[2])
            rows.append(_line("hunk", "", "", line))
            continue
        kind = {"+": "add", "-": "del"}.get(line[:1], "")
        note = line.startswith("\\")
        rows.append(_line(kind, "" if kind == "add" or note else old, "" if kind == "del" or note else new, line))
        if kind != "del" and not note:
            rows += [_note(each) for each in notes.get((entry.path, new), [])]
            new += 1
        old += kind != "add" and not note
    empty = Html("<tr><td>Nothing to show: a binary file, a mere renaming, or a very large change.</td></tr>")
    return fill(
        '<div class="box"><div class="head"><b>{name}</b> {size}</div><table class="diff">{rows}</table></div>',
        name=name, size=_size(entry.added, entry.removed), rows=joined(rows) or empty,
    )  # fmt: skip


def _line(kind: str, old: object, new: object, line: str) -> Html:
    """One line with its numbers."""
    return fill(
        '<tr class="{kind}"><td class="no">{old}</td><td class="no">{new}</td><td>{line}</td></tr>',
        kind=kind, old=old, new=new, line=line.removesuffix("\r"),
    )  # fmt: skip


def _note(note: Json) -> Html:
    """An annotation under its line."""
    return fill(
        '<tr class="note"><td colspan="3">{level}<b>{check}</b> · {title}{message}</td></tr>',
        level=pill(note["annotation_level"]), check=note["check"], message=note["message"],
        title=fill("<b>{title}:</b> ", title=note["title"]) if note.get("title") else Html(""),
    )  # fmt: skip

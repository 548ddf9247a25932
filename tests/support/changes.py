"""Changes in memory, for the patch guard's rules."""

from __future__ import annotations

from tdev.core.patch_guard import Bounds, Change, CommitText, FileChange, Side
from tdev.core.patch_guard.change import REGULAR
from tdev.core.patch_guard.table import RULES


def side(text: str | bytes | None, mode: str = REGULAR) -> Side | None:
    """One side of a file; bytes are binary, None is no file."""
    if text is None:
        return None
    if isinstance(text, bytes):
        return Side(mode, len(text), None, binary=True, head=text[:64])
    return Side(mode, len(text.encode("utf-8", "replace")), text)


def file(
    path: str, after: str | bytes | None = "x = 1\n", before: str | bytes | None = None, *,
    mode: str = REGULAR, old_mode: str = REGULAR, old_path: str = "",
) -> FileChange:  # fmt: skip
    """A file that is added, altered, renamed or deleted, as its two sides say."""
    status = "D" if after is None else "A" if before is None else "R" if old_path else "M"
    return FileChange(path, status, side(before, old_mode), side(after, mode), old_path)


def change(
    *files: FileChange, message: str = "Improve sums\n", branch: str = "tdev/auto/sums", **facts: object
) -> Change:
    """A change of these files, in one commit."""
    given = {
        "paths": tuple(each.path for each in files if each.after is not None),
        "commits": (CommitText("a" * 40, message, "T-Developer <tdev@example.com>"),),
        "branch": branch,
        "diff_bytes": 100,
    }
    return Change(files=files, **{**given, **facts})  # type: ignore[arg-type]


def hits(rule: str, made: Change, bounds: Bounds | None = None) -> list[tuple[str, int, str]]:
    """What one rule says of a change."""
    function = next(each.function for each in RULES if each.name == rule)
    return [(hit.path, hit.line, hit.message) for hit in function(made, bounds or Bounds())]

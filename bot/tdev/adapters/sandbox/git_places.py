"""What of git a program in a checkout may see: its own `.git`, read-only, and where else its objects are.

Comes in: a checkout that we made. Goes out: folders to show. `.git` is a folder in a clone and a file in a worktree;
a shared clone takes objects from another repository. What these files name is believed only because no program could
write them: `.git` is read-only in every cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_HOPS = 5
_NEVER_WRITABLE = ("config", "config.worktree", "hooks", "info", "objects/info", "modules", "commondir", "gitdir")
"""Parts of a git folder that decide what git runs or reads, when it is the turn of somebody else to call it."""


def git_parts(checkout: Path, *, writable_git: bool = False) -> tuple[Path, ...]:
    """What to show read-only of a checkout's git: `.git` (or, where that may be written, the parts that never may),
    the common folder of a worktree, folders of borrowed objects. Empty where there is no `.git`.
    """
    link = checkout / ".git"
    if link.is_symlink() or not link.exists():
        return ()
    if link.is_dir():
        own: tuple[Path, ...] = (link,) if not writable_git else _kept(link)
        return (*own, *_borrowed(link / "objects", _HOPS))
    common = _common(link)
    return (link, common, *_borrowed(common / "objects", _HOPS)) if common else (link,)


def _kept(git: Path) -> tuple[Path, ...]:
    """Parts of a writable git folder that stay as they are, made where they are missing."""
    for name in ("hooks", "info", "objects/info"):
        (git / name).mkdir(parents=True, exist_ok=True)
    return tuple(git / name for name in _NEVER_WRITABLE if (git / name).exists())


def _common(link: Path) -> Path | None:
    """The git folder that a worktree belongs to."""
    word, _, name = link.read_text("utf-8", "surrogateescape").strip().partition(": ")
    own = link.parent / name
    if word != "gitdir" or own.parent.name != "worktrees" or not own.is_dir():
        return None
    return own.parents[1].resolve()


def _borrowed(objects: Path, hops: int) -> Iterator[Path]:
    """Object folders that a repository's own refer to."""
    file = objects / "info" / "alternates"
    if not hops or not file.is_file():
        return
    for line in file.read_text("utf-8", "surrogateescape").splitlines():
        folder = (objects / line).resolve()
        if line and not line.startswith("#") and folder.name == "objects" and folder.is_dir():
            yield folder
            yield from _borrowed(folder, hops - 1)

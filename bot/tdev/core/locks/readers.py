"""Which files are lock files of these ecosystems, and which reader each of them has.

go.sum is read beside its go.mod only, and only where that one is too old to list everything.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping

from tdev.core.locks import cargo_lock, go_modules, npm_lock, pnpm_lock, yarn_lock
from tdev.core.locks.package import Locked

_READERS: Mapping[str, Callable[[str, str], Locked]] = {
    **dict.fromkeys(npm_lock.NAMES, npm_lock.of_npm_lock),
    pnpm_lock.NAME: pnpm_lock.of_pnpm_lock,
    yarn_lock.NAME: yarn_lock.of_yarn_lock,
    go_modules.MOD: go_modules.of_go_mod,
    "go.work": go_modules.of_go_mod,
    go_modules.SUM: go_modules.of_go_sum,
    cargo_lock.NAME: cargo_lock.of_cargo_lock,
}
_UNREADABLE = (ValueError, AttributeError, RecursionError, MemoryError)


def is_lock(path: str) -> bool:
    """True for a path that by its name says which versions are taken."""
    return posixpath.basename(path) in _READERS


def locked_by(paths: Iterable[str], text_of: Callable[[str], str]) -> Mapping[str, Locked]:
    """What each lock file of a tree says, by path; one that can't be read says so in `error`."""
    texts = {path: text_of(path) for path in paths if is_lock(path)}
    return {path: _read(path, text) for path, text in texts.items() if _counts(path, texts)}


def _counts(path: str, texts: Mapping[str, str]) -> bool:
    folder, name = posixpath.split(path)
    beside = texts.get(posixpath.join(folder, go_modules.MOD), "")
    return name != go_modules.SUM or not go_modules.lists_everything(beside)


def _read(path: str, text: str) -> Locked:
    try:
        return _READERS[posixpath.basename(path)](path, text)
    except _UNREADABLE as error:
        why = next(iter(str(error).splitlines()), "") or "it is nested too deeply"
        return Locked(error=f"{path} can't be read: {why}", unread=text)

"""Licences: the terms under which others gave their work, which a change may not take away.

Licence files that are altered or deleted, and notices at the beginning of a file that are gone. A notice that moved
within the file, or whose year was raised, is still there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change, FileChange
from tdev.core.patch_guard.names import named
from tdev.core.patch_guard.rule import Bounds, Hit

_FILES = ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "COPYRIGHT*", "PATENTS*", "**/LICENSES/**")
_NOTICE = re.compile(
    r"(?i)SPDX-License-Identifier|SPDX-FileCopyrightText|\bcopyright\b|©|\blicensed (?:under|to)\b|all rights reserved"
    r"|\bpermission is hereby granted\b|\bGNU (?:lesser |affero )?general public licen[cs]e"
)
_HEADER_LINES = 60


def licences(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each licence file that is not only added, and each notice that is gone from the beginning of a file."""
    for file in change.files:
        for path in file.paths:
            if file.status not in "AC" and named(path, _FILES) and not path.endswith((".py", ".js", ".ts")):
                yield Hit(path, 0, f"{path} states a licence")
        if file.status != "D":
            yield from _lost(file)


def _lost(file: FileChange) -> Iterator[Hit]:
    """Notices of the old header that the whole new text no longer has, years aside."""
    if file.after is None or file.after.text is None or not file.removed:
        return
    kept = {_words(line.text) for line in file.after.lines() if _NOTICE.search(line.text[:1000])}
    for line in file.removed:
        text = line.text[:1000]
        if line.number <= _HEADER_LINES and _is_comment(text) and _NOTICE.search(text) and _words(text) not in kept:
            yield Hit(file.path, 0, f"a notice is gone: {text.strip()}")


def _is_comment(text: str) -> bool:
    return text.lstrip()[:2] in ("//", "/*", "--", "<!", "* ", "%%") or text.lstrip()[:1] in (
        "#",
        "*",
        ";",
        "%",
        '"',
        "'",
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", text.casefold()))

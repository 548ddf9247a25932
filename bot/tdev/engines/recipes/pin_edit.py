"""Raising one exact version in one dependency file, and nothing else in it; pure.

Called by dependencies.py. It works on the text, not on parsed TOML, because the file must come out
the same but for one version: comments and order are the owner's.

It knows requirement files, `project.dependencies` and Poetry's tables. Anything that is not clear,
such as the same pin in two places, is refused with a reason that goes into the summary.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_REQUIREMENTS = re.compile(
    r"(?:^|/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*|requirements/[\w.-]+)\.(?:txt|in)$", re.I
)


class PinEdit(NamedTuple):
    """The file's new text, or why it can't be had."""

    text: str
    """The whole file; unchanged when `reason` is not empty."""
    reason: str = ""
    """Why the pin is left, as the end of a sentence."""


def raise_pin(path: str, text: str, line: int, package: str, old: str, new: str) -> PinEdit:
    """Replace `old` by `new` where `package` is pinned on a 1-based line; 0 = wherever it stands alone in the file.

    Comments, markers, extras, spacing and line ends stay. A pin with hashes is refused: hashes of the new version can't
    be made up.
    """
    if not (_REQUIREMENTS.search(path) or path.rpartition("/")[2] == "pyproject.toml"):
        return PinEdit(text, "is no requirements file or pyproject.toml; its own tool has to renew it")
    lines = text.splitlines(keepends=True)
    pin = _pin(package, old)
    places = [index for index, row in enumerate(lines) if pin.search(row)]
    wanted = [index for index in places if index == line - 1] or (places if line == 0 or len(places) == 1 else [])
    if len(wanted) != 1:
        return PinEdit(text, f"does not pin {package} {old} in a place that is clear")
    index = wanted[0]
    if "--hash" in _logical_line(lines, index):
        return PinEdit(text, "pins it with hashes, which only the index can give; renew them with pip-compile or uv")
    lines[index] = pin.sub(lambda match: f"{match.group('before')}{new}", lines[index], count=1)
    return PinEdit("".join(lines))


def _pin(package: str, version: str) -> re.Pattern[str]:
    """The place of one exact version: `name[extra] == 1.2`, or Poetry's `name = "1.2"`."""
    name = "[-_.]+".join(re.escape(part) for part in re.split(r"[-_.]+", package))
    start = rf"(?<![\w.-]){name}\s*(?:\[[^\]]*\])?[\"']?\s*"
    exact = r"\(?\s*={2,3}\s*"
    poetry = r"=\s*(?:\{[^}#]*\bversion\s*=\s*)?[\"'](?:={2,3}\s*)?"
    return re.compile(rf"(?P<before>{start}(?:{exact}|{poetry})){re.escape(version)}(?![\w.*+!-])", re.I)


def _logical_line(lines: list[str], index: int) -> str:
    """A line with those that a backslash joins to it."""
    whole = lines[index]
    while whole.rstrip("\r\n").endswith("\\") and index + 1 < len(lines):
        index += 1
        whole = whole.rstrip("\r\n").removesuffix("\\") + lines[index]
    return whole

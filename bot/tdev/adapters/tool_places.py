"""What a tool call names, looked up on disk: each path as spelled and with links followed, each program's file.

Comes in: a tool's name and arguments, and the session's rules. Goes out: the Call that policy/tool_calls.decide
judges. Nothing is opened. Between this look and the tool's own a program inside the sandbox could swap a link: that
the sandbox stops, and our own MCP servers open files without following links (adapters/confined_files.py).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from tdev.policy.tool_calls import named_paths, named_programs
from tdev.policy.tool_rules import Call, Kind, Located, Place, ToolRules


def call_on_disk(tool: str, arguments: Mapping[str, object], rules: ToolRules) -> Call:
    """The call with the facts about every path and program it names."""
    paths = named_paths(tool, arguments)
    root = Path(rules.root)
    try:
        real_root = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        places = {name: Place(None, None, trouble=str(error)) for name in paths}
    else:
        places = {name: place_of(name, root, real_root) for name in paths}
    programs = {name: located(name, rules) for name in named_programs(tool, arguments)}
    return Call(tool, arguments, places, programs)


def place_of(name: str, root: Path, real_root: Path, folder: Path | None = None) -> Place:
    """How a path, seen from `folder` (default: the checkout), lies to the checkout; never raises."""
    try:
        written = (folder or root) / name
        real = written.resolve(strict=False)
        spelled = _below(Path(os.path.normpath(written)), root, real_root)
        inside = _below(real, real_root)
        kind, links = _kind(real)
    except (OSError, RuntimeError, ValueError) as error:
        return Place(None, None, trouble=str(error))
    return Place(spelled, inside, kind, links)


def located(name: str, rules: ToolRules) -> Located:
    """The file of a program, looked for in the fixed folders alone."""
    if not name or "/" in name or "\0" in name:
        return Located()
    folders = [folder for folder in rules.search_path if folder.startswith("/")]
    found = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
    if found is None:
        return Located()
    try:
        real, root = Path(found).resolve(strict=True), Path(rules.root).resolve(strict=True)
    except (OSError, RuntimeError):
        return Located()
    return Located(str(real), inside=real.is_relative_to(root) or Path(found).is_relative_to(root))


def _below(path: Path, *roots: Path) -> str | None:
    """The path relative to the first root it is below, POSIX; None when it is below none."""
    for root in roots:
        if path.is_relative_to(root):
            inside = path.relative_to(root).as_posix()
            return "" if inside == "." else inside
    return None


def _kind(real: Path) -> tuple[Kind, int]:
    """What stands at a path without links in it, and how many names it has."""
    try:
        seen = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return Kind.MISSING, 1
    if stat.S_ISREG(seen.st_mode):
        return Kind.FILE, seen.st_nlink
    return (Kind.FOLDER if stat.S_ISDIR(seen.st_mode) else Kind.OTHER), 1

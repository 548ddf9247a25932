"""The wall around the model's tools: which call may go on. It runs in the worker, before Claude Code's own rules.

Comes in: a tool's name and arguments. Goes out: a reason to deny, or nothing. The worker asks it in
the hook that Claude Code calls before each tool.

A path is looked at in each way it could be read: as spelled, with links resolved, and in Unicode's
composed form, and all must be inside. The same write scope is checked again on the finished change
by the code stage: this wall saves tries, that one is the guarantee.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tdev.core.untrusted import hidden_characters
from tdev.engines.claude.talk import ANSWER_TOOL, Talk
from tdev.policy.write_scope import why_outside

_READS = {"Read": "file_path", "Grep": "path", "Glob": "path"}
_WRITES = {"Edit": "file_path", "Write": "file_path"}
_CLIMBS = re.compile(r"(^|[/\\{,])\.\.($|[/\\},])")


def denial(tool: str, arguments: Mapping[str, object], talk: Talk) -> str:
    """Why the call is denied, in words the model can act on; empty when it may go on."""
    if tool == ANSWER_TOOL and talk.answer_schema:
        return ""
    if tool not in talk.tools or tool not in {**_READS, **_WRITES}:
        return f"The tool {tool} is not available here."
    if tool == "Glob" and (reason := _pattern_denial(arguments.get("pattern"))):
        return reason
    root = Path(talk.cwd)
    name = arguments.get(_WRITES.get(tool) or _READS[tool])
    if name is None and tool in ("Grep", "Glob"):
        return ""
    try:
        return _path_denial(name, root, writes=tool in _WRITES, talk=talk)
    except (OSError, RuntimeError, ValueError) as error:
        return f"The path can't be resolved: {error}."


def _pattern_denial(pattern: object) -> str:
    if not isinstance(pattern, str) or pattern.startswith(("/", "~", "\\")) or _CLIMBS.search(pattern):
        return "Give the pattern relative to the repository, without `..`."
    return ""


def _path_denial(name: object, root: Path, *, writes: bool, talk: Talk) -> str:
    """Why a path may not be read or written; every reading of it that Claude Code could take must be inside."""
    if not isinstance(name, str) or not name:
        return "Give a path."
    if name != name.strip() or name.startswith("~") or hidden_characters(name) or "\n" in name or "\\" in name:
        return "Give a plain path: no `~`, no backslash, no blanks at its ends, no characters that can't be seen."
    name = unicodedata.normalize("NFC", name)
    real_root = root.resolve(strict=True)
    written = root / name
    real = written.resolve(strict=False)
    if not real.is_relative_to(real_root):
        return f"{name} is outside the repository; only files below {root} can be used."
    inside = real.relative_to(real_root)
    lexical = _lexical(written, root)
    for path in {inside.as_posix(), lexical}:
        if reason := _inside_denial(path, writes=writes, talk=talk):
            return reason
    return ""


def _lexical(path: Path, root: Path) -> str:
    """The path as it is spelled, relative to the root; empty where it leads out by its spelling alone."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    spelled = Path(*parts)
    return spelled.relative_to(root).as_posix() if spelled.is_relative_to(root) else ""


def _inside_denial(path: str, *, writes: bool, talk: Talk) -> str:
    if any(part.lower() == ".git" for part in PurePosixPath(path).parts):
        return "Git's own files can't be used."
    if not writes or not path:
        return ""
    added = not Path(talk.cwd, path).exists()
    reason = why_outside(path, talk.scope, allowed_root=talk.allowed_root if added else "")
    return f"{path} is outside the write scope: {reason}. Leave it as it is." if reason else ""

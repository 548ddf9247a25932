"""May a tool read or write a path? Every reading of it that a program could take must be inside.

A path is looked at as it is spelled, with links followed, and in Unicode's composed form. What may be written is said
by policy/write_scope.py alone, so that tools and the finished change are held to the same rules.
"""

from __future__ import annotations

import unicodedata

from tdev.core.untrusted import hidden_characters
from tdev.policy.decision import Decision, allow, deny
from tdev.policy.path_spelling import is_git
from tdev.policy.tool_rules import Kind, Place, ToolRules
from tdev.policy.write_scope import why_outside


def readings(name: str) -> tuple[str, ...]:
    """The spellings under which a path must be looked up on disk."""
    composed = unicodedata.normalize("NFC", name)
    return (name,) if composed == name else (name, composed)


def judge_path(name: object, places: dict[str, Place], rules: ToolRules, *, writes: bool) -> Decision:
    """Whether a path may be read, or written with `writes`."""
    if not isinstance(name, str) or not name:
        return deny("path", "Give a path.")
    label = f"path {name!r}"
    if unplain(name):
        return deny(
            label, "Give a plain path: no `~`, no backslash, no blanks at its ends, no characters that can't be seen."
        )
    for reading in readings(name):
        place = places.get(reading)
        reason = "It was not looked at." if place is None else _why_not(reading, place, rules, writes=writes)
        if reason:
            return deny(label, reason)
    return allow(label)


def unplain(name: str) -> bool:
    """True when a path is spelled in a way that two programs could read differently."""
    return name != name.strip() or name[0] == "~" or "\\" in name or "\n" in name or bool(hidden_characters(name))


def _why_not(name: str, place: Place, rules: ToolRules, *, writes: bool) -> str:
    if place.trouble:
        return f"The path can't be resolved: {place.trouble}."
    if place.real is None or place.spelled is None:
        return f"{name} is outside the repository; only files below {rules.root} can be used."
    if place.kind is Kind.OTHER:
        return f"{name} is no regular file."
    if writes and place.kind is Kind.FILE and place.links > 1:
        return f"{name} has a second name (a hard link), so it can't be told where a change would go."
    inside = (place.real,) if place.real == place.spelled else (place.real, place.spelled)
    return next((reason for path in inside if (reason := _inside(path, place, rules, writes=writes))), "")


def _inside(path: str, place: Place, rules: ToolRules, *, writes: bool) -> str:
    if any(is_git(part) for part in path.split("/")):
        return "Git's own files can't be used."
    if not writes:
        return ""
    if not path:
        return "The repository's folder itself can't be written."
    reason = why_outside(path, rules.scope, allowed_root=rules.allowed_root if place.kind is Kind.MISSING else "")
    return f"{path} is outside the write scope: {reason}. Leave it as it is." if reason else ""

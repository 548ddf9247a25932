"""What a word of a command line says to the program that gets it; raises Unknown where a shell may differ."""

from __future__ import annotations

from tdev.core.shell.problems import NOT_HERE, Unknown, shown

_BARE = frozenset("_./:@%+,^=-~")
"""What may stand in a word without quotes, besides letters and digits."""


def bare(text: str) -> str:
    """A word without quotes; no character in it has a meaning of its own."""
    before = ""
    for char in text:
        if not (char in _BARE or char.isalnum()) or (char == "~" and before in ("", "=", ":")) or text[0] == "=":
            raise Unknown(f"`{shown(text)}` holds `{char}`, which has a meaning of its own; use single quotes.")
        before = char
    return text


def single_quoted(text: str) -> str:
    """What stands in `'…'`: nothing in it has a meaning."""
    if len(text) < 2 or text[0] != "'" or text[-1] != "'" or "'" in text[1:-1]:
        raise Unknown(NOT_HERE["ERROR"])
    return text[1:-1]


def double_quoted(text: str) -> str:
    """What stands in `"…"` without substitutions."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise Unknown(NOT_HERE["ERROR"])
    return _unescaped(text[1:-1])


def _unescaped(text: str) -> str:
    """What double quotes hold; a backslash counts before `$`, a backquote, `"`, itself and a newline only."""
    out: list[str] = []
    chars = iter(text)
    for char in chars:
        if char != "\\":
            if char in '$`"':
                raise Unknown("`$`, backquotes and quotes have a meaning in double quotes; use single quotes.")
            out.append(char)
            continue
        escaped = next(chars, "")
        if escaped in ("", "\n"):
            raise Unknown("Give one line; a backslash can't join two.")
        out.append(escaped if escaped in '$`"\\' else f"\\{escaped}")
    return "".join(out)

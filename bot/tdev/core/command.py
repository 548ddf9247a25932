"""The grammar of `/tdev <command>` in a comment: which command a text holds, if any.

In goes the text of a comment as its author wrote it, out comes the first command that stands at the start of a line.
What is quoted, shown as code or hidden in an HTML comment is no command: people explain commands to each other there.
Which blocks are code follows CommonMark, https://spec.commonmark.org/0.31.2/#leaf-blocks: fences of backticks or
tildes, and lines indented by four columns. Inline code can't begin with `/tdev`, so it needs no rule.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tdev.core import untrusted

PREFIX = "/tdev"
LONGEST = 65_536
"""Bytes of a comment that are read; GitHub keeps no longer one."""


class Name(StrEnum):
    """What a comment can ask for."""

    BUILD = "build"
    EVOLVE = "evolve"
    PLAN = "plan"
    STATUS = "status"
    STOP = "stop"
    RETRY = "retry"
    ANSWER = "answer"
    EXPLAIN = "explain"
    HELP = "help"


MEANINGS: dict[Name, str] = {
    Name.BUILD: "make a service from this issue, or from the requirement that follows the command",
    Name.EVOLVE: "make the repository better: `/tdev evolve [goal]`; on a pull request, its branch",
    Name.PLAN: "show the plan of that and change nothing: `/tdev plan [goal]`",
    Name.STATUS: "say how the last run here stands",
    Name.STOP: "stop the run that is at work here",
    Name.RETRY: "do the last run here again",
    Name.ANSWER: "answer the questions of the last run, on the lines that follow, and go on",
    Name.EXPLAIN: "say why the gates of the last run decided as they did",
    Name.HELP: "show this list",
}
"""One line per command, as the help comment shows it."""

_COMMAND = re.compile(r"^ {0,3}/tdev(?:[ \t]+(?P<word>\S+)(?:[ \t]+(?P<rest>.*))?)?[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_BULLET = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+")


@dataclass(frozen=True)
class Command:
    """A command as it was written."""

    name: Name
    """What is asked for; HELP where the word is none of ours."""
    argument: str = ""
    """The rest of its line."""
    following: str = ""
    """The lines below it, up to the next command; code and quotes included, as they may be the requirement itself."""
    unknown: str = ""
    """The word that is no command, at most 40 characters."""
    nearest: Name | None = None
    """The command that the unknown word is most like."""


def parse(text: str) -> Command | None:
    """The first command of a comment; None when it holds none."""
    lines = untrusted.clean(text, LONGEST).split("\n")
    starts = [(index, found) for index, found in _spoken(lines) if found]
    if not starts:
        return None
    first, found = starts[0]
    end = starts[1][0] if len(starts) > 1 else len(lines)
    following = "\n".join(lines[first + 1 : end]).strip()
    word = (found["word"] or "").lower()
    argument = (found["rest"] or "").strip()
    if not word:
        return Command(Name.HELP)
    if word in list(Name):
        return Command(Name(word), argument, following)
    near = difflib.get_close_matches(word, list(Name), n=1, cutoff=0.6)
    return Command(Name.HELP, unknown=word[:40], nearest=Name(near[0]) if near else None)


def _spoken(lines: list[str]) -> Iterator[tuple[int, re.Match[str] | None]]:
    """Index and command (or None) of every line that is neither code nor a quote."""
    fence = ""
    quoting = False
    for index, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and _closes(mark, fence) else fence
            continue
        if mark and not ("`" in mark["mark"] and "`" in mark["info"]):
            fence, quoting = mark["mark"], False
            continue
        quoting = line.lstrip(" ").startswith(">") or (quoting and bool(line.strip()) and not _COMMAND.match(line))
        if not quoting and not _BULLET.match(line):
            yield index, _COMMAND.match(line)


def _closes(mark: re.Match[str], fence: str) -> bool:
    """True when a fence line ends the block that `fence` began."""
    return mark["mark"][0] == fence[0] and len(mark["mark"]) >= len(fence) and not mark["info"].strip()

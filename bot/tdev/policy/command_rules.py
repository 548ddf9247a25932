"""May a program be run with these words? One command of a line against the rows of `agent.bash`.

A program is known by its bare name and must be found in fixed folders outside the checkout. Each word that begins
with a dash or a plus must be a flag that the row names, each other word is what the row says it is. So a flag that an
unknown version of a program would understand is denied, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tdev.core.shell.script import Command, Word
from tdev.policy.agent import Program, Takes
from tdev.policy.blocked_programs import why_blocked
from tdev.policy.decision import Decision, allow, deny
from tdev.policy.tool_rules import Kind, Located, Place

HARMLESS = frozenset({"echo", "true", "false", "pwd"})
"""Words of the shell itself that only print: they need no row."""
JudgePath = Callable[[str, bool], Decision]
"""Judges a path; True = it is written."""


def judge_program(
    command: Command,
    rows: Sequence[Program],
    variables: Iterable[str],
    programs: dict[str, Located],
    places: dict[str, Place],
    path: JudgePath,
) -> Decision:
    """Whether one command may run."""
    name, label = command.program.text, f"program {command.program.text!r}"
    if not command.program.known:
        return deny(label, "The program's name must be written out.")
    if reason := _why_variables(command, tuple(variables)):
        return deny(label, reason)
    if name in HARMLESS and not command.assignments:
        return allow(label)
    if reason := why_blocked(name):
        return deny(label, f"{name} can never be run: {reason}.")
    row = next((each for each in rows if each.name == name), None)
    if row is None:
        known = ", ".join(each.name for each in rows) or "none"
        return deny(label, f"{name!r} is not among the programs that may be run: {known}.")
    found = programs.get(name, Located())
    if not found.path or found.inside:
        return deny(label, f"{name} is not found among the machine's own programs.")
    return Decision.all_of(label, (allow(f"file {found.path}"), *_judge_words(command, row, places, path)))


def paths_in(command: Command) -> Iterator[str]:
    """Everything among a command's words that could be a path."""
    for word in (*command.arguments, *(value for _, value in command.assignments)):
        yield from _candidates(word.text)


def _candidates(text: str) -> Iterator[str]:
    """The word, what follows its `=`, and what follows an `@`."""
    value = text.partition("=")[2]
    found = (text, value, text.removeprefix("@"), value.removeprefix("@"))
    yield from (each for each in dict.fromkeys(found) if each)


def _why_variables(command: Command, allowed: tuple[str, ...]) -> str:
    for name, value in command.assignments:
        if name not in allowed:
            return f"The variable {name} can't be set; allowed: {', '.join(allowed) or 'none'}."
        if not value.known:
            return f"The value of {name} must be written out."
    return ""


def _judge_words(command: Command, row: Program, places: dict[str, Place], path: JudgePath) -> Iterator[Decision]:
    """A decision per word."""
    words = command.arguments
    unknown = next((word.text for word in words if not word.known), None)
    if unknown is not None:
        yield deny(f"word {unknown!r}", f"What {unknown} gives is not known before it runs; only echo may get it.")
        return
    rest, decision = _after_subcommand(words, row)
    if decision is not None:
        yield decision
        if not decision.allowed:
            return
    for _, value in command.assignments:
        yield from _text(value.text, places, path, writes=row.writes)
    plain = [word.text for word in rest if not _dashed(word.text)]
    for word in rest:
        if _dashed(word.text):
            yield from _flag(word.text, row, places, path)
    yield from _plain(plain, row, places, path)


def _after_subcommand(words: tuple[Word, ...], row: Program) -> tuple[tuple[Word, ...], Decision | None]:
    """The words after the sub-command, and whether it is an allowed one; None where the row asks for none."""
    if not row.subcommands:
        return words, None
    for choice in row.subcommands:
        wanted = choice.split()
        if wanted and [word.text for word in words[: len(wanted)]] == wanted:
            return words[len(wanted) :], allow(f"sub-command {choice!r}")
    return words, deny("sub-command", f"{row.name} must be followed by one of: {', '.join(row.subcommands)}.")


def _dashed(text: str) -> bool:
    return text.startswith(("-", "+")) and text != "-"


def _flag(text: str, row: Program, places: dict[str, Place], path: JudgePath) -> Iterator[Decision]:
    name, equals, value = text.partition("=")
    label = f"flag {text!r}"
    if text in row.flags or ("-#" in row.flags and text[1:].isascii() and text[1:].isdigit()):
        yield allow(label)
    elif equals and f"{name}=" in row.flags:
        yield allow(label)
        if value and row.takes in (Takes.PATHS, Takes.PATTERN):
            yield path(value, row.writes)
        else:
            yield from _text(value, places, path, writes=row.writes)
    else:
        yield deny(label, f"{row.name} may not get {text}; allowed flags: {', '.join(row.flags) or 'none'}.")


def _plain(words: list[str], row: Program, places: dict[str, Place], path: JudgePath) -> Iterator[Decision]:
    """The words that are neither sub-command nor flag."""
    if row.takes is Takes.NOTHING and words:
        yield deny(f"word {words[0]!r}", f"{row.name} may get no words besides its flags.")
        return
    for number, word in enumerate(words):
        if row.takes is Takes.TEXT:
            yield from _text(word, places, path, writes=row.writes)
        elif row.takes is Takes.PATTERN and number == 0:
            yield allow(f"text {word!r}")
        elif word == "-":
            yield allow("standard input")
        else:
            yield from (path(each, row.writes) for each in (*_candidates(word),) or (word,))
    if not words:
        yield allow("no words")


def _text(text: str, places: dict[str, Place], path: JudgePath, *, writes: bool) -> Iterator[Decision]:
    """Free text; where it names something that is there, or leads out, it is judged as a path."""
    suspects = [each for each in _candidates(text) if _names_a_place(each, places)]
    yield from (path(each, writes) for each in suspects)
    if not suspects:
        yield allow(f"text {text!r}")


def _names_a_place(text: str, places: dict[str, Place]) -> bool:
    place = places.get(text)
    leads = text.startswith(("/", "~")) or ".." in text.split("/")
    return leads or place is None or place.spelled is None or place.real is None or place.kind is not Kind.MISSING

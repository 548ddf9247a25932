"""What a command line says: the programs it starts with their words, and the files it opens.

Only what is known before the line runs is a known word. Everything that can't be said is a problem, and a script with
a problem must not run: a reader of this model need not know bash's grammar to be safe.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One argument as the program gets it."""

    text: str
    """Its text, without quotes; what is spelled where it is not known."""
    known: bool = True
    """False when a command inside it decides what it is."""


@dataclass(frozen=True, slots=True)
class Command:
    """One program with its arguments, wherever in the line it stands: in a pipeline, a subshell, a substitution."""

    program: Word
    """Its name."""
    arguments: tuple[Word, ...] = ()
    """What follows the name."""
    assignments: tuple[tuple[str, Word], ...] = ()
    """Variables that are set for it alone: name and value."""


@dataclass(frozen=True, slots=True)
class Redirection:
    """One file that the line opens by itself."""

    target: Word
    """Path."""
    writes: bool
    """It is made, emptied or added to; else only read."""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole command line."""

    commands: tuple[Command, ...] = ()
    """Every program it starts, in the order of the text."""
    redirections: tuple[Redirection, ...] = ()
    """Every file it opens."""
    problems: tuple[str, ...] = ()
    """What in it can't be known or is never allowed, each a sentence; empty = all is known."""

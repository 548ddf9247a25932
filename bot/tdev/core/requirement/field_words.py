"""The words of a field line, one group at a time: type, flags, target, choices, bounds.

A group is what stands between two commas. Each reader says whether the group was its own; one that nobody claims is
asked about, with the nearest known word as a suggestion. After `one of` further groups are choices until something
else is recognised, so `one of small, large, required` ends its list by itself.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field

from tdev.core.artifacts.spec import FieldType
from tdev.core.requirement.names import read_name
from tdev.core.requirement.source import Asked, Line, quote
from tdev.core.requirement.words import ENUM_STARTS, MAXIMUM, MINIMUM, OPTIONAL, REQUIRED, TYPES, UNIQUE
from tdev.core.service_names import pascal

ARROWS = ("->", "→")
_LONGEST_WORD = 60
_NUMBER = re.compile(r"-?[0-9][0-9_]{0,17}(\.[0-9]{1,9})?")


@dataclass
class Reading:
    """What the words of one line have said so far."""

    asked: Asked
    line: Line
    name: str
    type: FieldType | None = None
    target: str = ""
    choices: list[str] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)
    """True for `required`, False for `optional`, in the order they stand."""
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def set_type(self, kind: FieldType) -> None:
        """Take the type; a second one is a question."""
        if self.type is not None and self.type is not kind:
            text = f"Is the field {self.name} of type {self.type} or {kind}?"
            self.asked.ask(text, self.line.number, f"- {self.name}: {self.type}")
        self.type = self.type or kind


def take(reading: Reading, token: str) -> None:
    """Read one word group of the line."""
    folded = token.casefold()
    if folded in TYPES:
        reading.set_type(TYPES[folded])
    elif folded in REQUIRED or folded in OPTIONAL:
        reading.flags.append(folded in REQUIRED)
    elif folded in UNIQUE:
        reading.unique = True
    elif target := _reference(token):
        reading.set_type(FieldType.REFERENCE)
        reading.target = target
    elif not (_take_choices(reading, token) or _take_bounds(reading, folded)):
        _unknown(reading, token)


def _reference(token: str) -> str:
    """The resource a `-> Room`, `reference to Room` or `Room 참조` points to, or an empty string."""
    folded = token.casefold()
    text = ""
    for start in (*ARROWS, "reference to ", "참조 "):
        if folded.startswith(start):
            text = token[len(start) :]
    if folded.endswith(" 참조"):
        text = token[: -len(" 참조")]
    name = read_name(text.strip())
    return pascal(name.words) if name.words else name.label


def _take_choices(reading: Reading, token: str) -> bool:
    """Read the beginning or a further member of a list of choices."""
    folded = token.casefold()
    start = next((word for word in ENUM_STARTS if folded.startswith((f"{word} ", f"{word}:", f"{word}("))), "")
    if start:
        reading.set_type(FieldType.ENUM)
        token = token[len(start) :].strip(" :()")
    elif reading.type is not FieldType.ENUM or _is_bounds(folded):
        return False
    reading.choices += [part.strip(" \"'`()") for part in token.split("|") if part.strip(" \"'`()")]
    return True


def _is_bounds(folded: str) -> bool:
    """True for `1..80` and `max 80`."""
    return ".." in folded or folded.startswith(tuple(f"{word} " for word in (*MINIMUM, *MAXIMUM)))


def _take_bounds(reading: Reading, folded: str) -> bool:
    """Read `1..80`, `..80`, `1..`, `min 1` or `max 80`."""
    if not _is_bounds(folded):
        return False
    low, found, high = folded.partition("..")
    if not found:
        word, _, number = folded.rpartition(" ")
        low, high = (number, "") if word in MINIMUM else ("", number)
    values = [_number(part.strip()) for part in (low, high)]
    if any(value is None and part.strip() for value, part in zip(values, (low, high), strict=True)):
        return False
    reading.minimum = reading.minimum if values[0] is None else values[0]
    reading.maximum = reading.maximum if values[1] is None else values[1]
    return True


def _number(text: str) -> float | None:
    """The number a text spells, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _unknown(reading: Reading, token: str) -> None:
    """Ask what a word means."""
    if reading.asked.full:
        reading.asked.ask(f"What does {quote(token)} mean?", reading.line.number)
        return
    known = [*TYPES, *REQUIRED, *OPTIONAL, *UNIQUE]
    near = difflib.get_close_matches(token.casefold()[:_LONGEST_WORD], known, n=1, cutoff=0.6)
    what = f"What does {quote(token)} mean for the field {reading.name}?"
    suggestion = f"- {reading.name}: {near[0] if near else 'string'}, required"
    reading.asked.ask(what + (f" Is it {near[0]}?" if near else ""), reading.line.number, suggestion)

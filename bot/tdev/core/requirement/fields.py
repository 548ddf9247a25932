"""One field line: `name: type, required, unique, 1..80 — description`.

The form is `name: words — description`, words separated by commas in any order. Types, flags and choices are looked
up in words.py; bounds are `1..80`, `min 1` or `max 80`. A field is required unless the line says optional.
Two words that contradict each other, and words that are not known, become questions with a line that would be
understood. A line whose type is not certain gives no field at all.
"""

from __future__ import annotations

import re

from tdev.core.artifacts.spec import SpecField
from tdev.core.requirement.field_words import ARROWS, Reading, take
from tdev.core.requirement.names import read_name
from tdev.core.requirement.source import Asked, Line, quote

_COLONS = ":\uff1a"
_COMMAS = re.compile("[,;\uff0c\u3001]")


def read_field(line: Line, asked: Asked) -> SpecField | None:
    """The field of one line; None when its name or type is not certain, which is then asked."""
    name_text, rest = _split(line.text)
    name = read_name(name_text)
    if not name.words:
        asked.ask(
            f"What is the field {quote(name_text)} called in ASCII letters?",
            line.number,
            f"- {name.label[:40] or 'field'} (name): {rest[:40] or 'string'}",
        )
        return None
    rest, description = _described(rest)
    reading = Reading(asked, line, "_".join(name.words))
    for token in _COMMAS.split(rest):
        if token.strip():
            take(reading, " ".join(token.split()))
    if reading.type is None:
        if not any(question.line == line.number for question in asked.questions):
            text = f"Of which type is the field {reading.name}?"
            asked.ask(text, line.number, f"- {reading.name}: string, required")
        return None
    if len(set(reading.flags)) > 1:
        asked.ask(
            f"Is the field {reading.name} required or optional?", line.number, f"- {reading.name}: {reading.type}"
        )
    return SpecField(
        name=reading.name,
        type=reading.type,
        required=reading.flags[0] if reading.flags else True,
        unique=reading.unique,
        description=description or name.label,
        choices=tuple(reading.choices),
        target=reading.target,
        minimum=reading.minimum,
        maximum=reading.maximum,
    )


def _split(text: str) -> tuple[str, str]:
    """Name and the rest, at the first colon, or before an arrow."""
    places = [place for mark in (*_COLONS, *ARROWS) if (place := text.find(mark)) >= 0]
    if not places:
        return text, ""
    place = min(places)
    return text[:place].strip(), text[place:].lstrip(f"{_COLONS} ")


def _described(rest: str) -> tuple[str, str]:
    """The words that define the field, and its description after a dash."""
    for dash in (" — ", " – ", " -- "):
        words, found, description = rest.partition(dash)
        if found:
            return words, " ".join(description.split())
    return rest, ""

"""What one field must hold beyond its form: a name that is free, a target that exists, choices and bounds with sense.

Each doubt is a question and a line that would answer it. check.py puts the resource's name and the line in front.
The limits are those of the blueprint: what passes here can be stored, sent and tested in the generated service.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.spec import FieldType, SpecField
from tdev.core.requirement.source import quote
from tdev.core.service_names import (
    LARGEST_INTEGER,
    LARGEST_NUMBER,
    bounds,
    property_name,
    reserved_field,
)

MOST_CHOICES = 50
LONGEST_CHOICE = 60
LONGEST_VALUE = 100_000
_TEXTUAL = frozenset({FieldType.STRING, FieldType.TEXT, FieldType.EMAIL})
_BOUNDED = _TEXTUAL | {FieldType.INTEGER, FieldType.NUMBER}
_NEVER_UNIQUE = frozenset({FieldType.TEXT, FieldType.BOOLEAN, FieldType.ENUM})
Doubt = tuple[str, str]
"""A question and a suggestion."""


def field_doubts(field: SpecField, resources: set[str]) -> Iterator[Doubt]:
    """Questions about one field."""
    name = field.name
    if reason := reserved_field(property_name(field)):
        yield f"{name} {reason}; what else can the field be called?", f"- {name[:40]}_value: {field.type}"
    if field.unique and field.type in _NEVER_UNIQUE:
        yield f"can the {field.type} {name} really be unique?", f"- {name}: {field.type}"
    yield from _target(field, resources)
    yield from _choices(field)
    yield from _bounds(field)


def _target(field: SpecField, resources: set[str]) -> Iterator[Doubt]:
    if field.type is FieldType.REFERENCE and field.target not in resources:
        known = ", ".join(sorted(resources)[:10]) or "none"
        text = f"{field.name} refers to {quote(field.target)}, which is no resource (known: {known}); which is meant?"
        yield text, f"- {field.name}: -> {min(resources, default='Other')}"
    if field.type is not FieldType.REFERENCE and field.target:
        yield f"is {field.name} a reference to {field.target} or a {field.type}?", f"- {field.name}: -> {field.target}"


def _choices(field: SpecField) -> Iterator[Doubt]:
    name, choices = field.name, field.choices
    if field.type is not FieldType.ENUM:
        if choices:
            yield f"is {name} one of its choices or a {field.type}?", f"- {name}: {field.type}"
        return
    suggestion = f"- {name}: one of first, second"
    if not choices or len(set(choices)) != len(choices):
        yield f"which different values may {name} have?", suggestion
    if len(choices) > MOST_CHOICES:
        yield f"{name} has {len(choices)} choices; at most {MOST_CHOICES} are built. Which matter?", suggestion
    if any(not choice.strip() or len(choice) > LONGEST_CHOICE for choice in choices):
        yield f"what are the choices of {name}, in 1 to {LONGEST_CHOICE} characters each?", suggestion


def _bounds(field: SpecField) -> Iterator[Doubt]:
    given = [value for value in (field.minimum, field.maximum) if value is not None]
    if not given:
        return
    name, kind = field.name, field.type
    if kind not in _BOUNDED:
        yield f"what do the bounds of the {kind} {name} mean?", f"- {name}: {kind}"
        return
    low, high = bounds(field)
    if low > high or (kind in _TEXTUAL and high < 1):
        yield (
            f"{name} may not be both at least {low:g} and at most {high:g}; which bounds are meant?",
            f"- {name}: {kind}",
        )
    if kind is not FieldType.NUMBER and any(value != int(value) for value in given):
        yield f"which whole numbers are the bounds of {name}?", f"- {name}: {kind}, 1..80"
    smallest, largest = (0.0, float(LONGEST_VALUE)) if kind in _TEXTUAL else (-LARGEST_NUMBER, LARGEST_NUMBER)
    if kind is FieldType.INTEGER:
        smallest, largest = -float(LARGEST_INTEGER), float(LARGEST_INTEGER)
    if any(not smallest <= value <= largest for value in given):
        yield f"{name} can't go beyond {smallest:.0f}..{largest:.0f}; which bounds are meant?", f"- {name}: {kind}"

"""Valid JSON values for the fields of a service: for its README and for probes that talk to it.

Each value lies within its field's bounds and is the same every time. References get the key 1: whoever sends the body
must have made that record before. core/crud_samples.py has the Python source of values for the generated tests.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import FieldType, Resource, SpecField
from tdev.core.service_names import bounds, property_name

CALENDAR = (FieldType.DATE, FieldType.DATETIME)


def example_body(resource: Resource) -> dict[str, object]:
    """A valid body, with the key 1 for what it must refer to."""
    given = [field for field in resource.fields if field.required or field.type is not FieldType.REFERENCE]
    return {property_name(field): 1 if field.type is FieldType.REFERENCE else example(field) for field in given}


def example(field: SpecField) -> object:
    """One valid JSON value of a field that refers to nothing: for documents and probes."""
    low, high = bounds(field)
    if field.type is FieldType.ENUM:
        return field.choices[0]
    if field.type is FieldType.BOOLEAN:
        return True
    if field.type in CALENDAR:
        return "2030-01-01" if field.type is FieldType.DATE else "2030-01-01T09:00:00Z"
    if field.type is FieldType.INTEGER:
        return int(min(max(1, low), high))
    if field.type is FieldType.NUMBER:
        return min(max(1.5, low), high)
    if field.type is FieldType.EMAIL:
        return "ada@example.org"
    return _fitting(field.name.replace("_", " ").capitalize(), int(low), int(high))


def _fitting(text: str, low: int, high: int) -> str:
    """The text, cut or filled so that its length lies within the bounds."""
    return text[:high].rstrip().ljust(max(low, 1), "x")[:high] if high else ""

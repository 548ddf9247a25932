"""Example values for the generated service's tests: valid ones, and ones that must be refused.

Samples are Python source, since some values can only be computed (a record that is referred to, a unique number).
Each lies within the field's bounds, even odd ones such as a text of length zero to two.
Wrong values are the neighbours of what is allowed: other types, one beyond a bound, null where something is required.
Plain JSON values of the same kind are in core/crud_examples.py.
"""

from __future__ import annotations

import json
import math

from tdev.core.artifacts.spec import FieldType, Resource, Spec, SpecField
from tdev.core.crud_examples import CALENDAR, example
from tdev.core.service_names import bounds, property_name, snake

_WRONG_TYPE = {
    FieldType.STRING: "7",
    FieldType.TEXT: "7",
    FieldType.EMAIL: '"no address"',
    FieldType.INTEGER: '"seven"',
    FieldType.NUMBER: '"seven"',
    FieldType.BOOLEAN: '"yes"',
    FieldType.DATE: '"tomorrow"',
    FieldType.DATETIME: '"2030-01-01T09:00:00"',
    FieldType.ENUM: '"no such choice"',
    FieldType.REFERENCE: "0",
}


def samples(resource: Resource, spec: Spec) -> dict[str, object]:
    """What the tests of one resource need: `sample_fields`, `wrong_values`, `unique`, `required`."""
    given = [field for field in resource.fields if field.required or field.type is not FieldType.REFERENCE]
    names = {other.name: snake(other.name) for other in spec.resources}
    rows = [{"name": property_name(field), "code": _valid(field, names)} for field in given]
    code = " ".join(row["code"] for row in rows)
    unique = [field for field in given if field.unique and field.type is not FieldType.REFERENCE]
    return {
        "sample_fields": rows,
        "samples_use_number": "number" in code,
        "samples_use_dt": "dt." in code,
        "samples_use_session": "session" in code,
        "wrong_values": [row for field in resource.fields for row in _wrong(field)],
        "unique": [field.name for field in unique],
        "unique_moments": [field.name for field in unique if field.type in CALENDAR],
        "required": next((property_name(field) for field in resource.fields if field.required), ""),
    }


def _valid(field: SpecField, names: dict[str, str]) -> str:
    """Python code of a valid value; `number` is a whole number that no other sample has."""
    if field.type is FieldType.REFERENCE:
        return f"add_{names[field.target]}(session).id"
    if field.unique:
        return _distinct(field)
    value = example(field)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _distinct(field: SpecField) -> str:
    """Python code of a valid value that differs for each `number`."""
    low, high = bounds(field)
    if field.type is FieldType.EMAIL:
        return 'f"ada{number}@example.org"'
    if field.type is FieldType.DATE:
        return "(dt.date(2030, 1, 1) + dt.timedelta(days=number)).isoformat()"
    if field.type is FieldType.DATETIME:
        return "(dt.datetime(2030, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=number)).isoformat()"
    if field.type in (FieldType.INTEGER, FieldType.NUMBER):
        return _distinct_number(math.ceil(low), math.floor(high))
    prefix = field.name.replace("_", " ").capitalize() + " "
    room = int(high) - len(prefix)
    width = max(1, int(low) - len(prefix))
    if room >= max(4, width):
        return f'f"{prefix}{{number:0{width}d}}"' if width > 1 else f'f"{prefix}{{number}}"'
    digits = min(int(high), 9)
    return f'f"{{number % {10**digits:_}:0{max(digits, int(low))}d}}"'


def _distinct_number(low: int, high: int) -> str:
    """Python code of a whole number within the bounds that differs for each `number`, as long as they allow."""
    first = max(low, 0) if high >= 0 else low
    if high - first >= 1_000_000:
        return f"{first} + number"
    return f"{low} + number % {high - low + 1}"


def _wrong(field: SpecField) -> list[dict[str, str]]:
    """Python code of values that must be refused."""
    low, high = bounds(field)
    rows = [{"name": property_name(field), "code": _WRONG_TYPE[field.type]}]
    if field.required:
        rows.append({"name": property_name(field), "code": "None"})
    if field.type in (FieldType.STRING, FieldType.TEXT):
        rows.append({"name": property_name(field), "code": f'"x" * {int(high) + 1:_}'})
        rows.append({"name": property_name(field), "code": r'"a\x00b"'})
        if low >= 1:
            rows.append({"name": property_name(field), "code": '""'})
    if field.type in (FieldType.INTEGER, FieldType.NUMBER):
        rows.append({"name": property_name(field), "code": f"{int(high) + 1:_}"})
        rows.append({"name": property_name(field), "code": f"{int(low) - 1:_}"})
    return rows

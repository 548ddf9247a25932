"""The schemas of a service's bodies, as OpenAPI 3.1 takes them: JSON Schema 2020-12.

https://spec.openapis.org/oas/v3.1.0#schema-object. A resource has a body that is sent (`In`), one that is received
(`Out`) and a page of them. Bodies are closed: a property that is not listed is refused, and so is null where a field is
required. Patterns and bounds are the generated service's own, written down a second time in blueprints/crud-api/.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import FieldType, Operation, Resource, SpecField
from tdev.core.service_names import (
    LARGEST_INTEGER,
    bounds,
    property_name,
)

Json = dict[str, object]
LINE_PATTERN = r"^[^\x00-\x1f\x7f]*$"
TEXT_PATTERN = r"^[^\x00]*$"
EMAIL_PATTERN = (
    r"^[A-Za-z0-9_'%+-]+(\.[A-Za-z0-9_'%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)


def described(text: str) -> Json:
    """A description, where there is one."""
    return {"description": text} if text else {}


def schemas_of(resource: Resource) -> Json:
    """Bodies of the resource: sent, received, listed."""
    properties: Json = {property_name(field): _nullable(field) for field in resource.fields}
    required = [property_name(field) for field in resource.fields if field.required]
    sent: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        sent["required"] = required
    made: Json = {}
    if set(resource.operations) & {Operation.CREATE, Operation.UPDATE}:
        made[f"{resource.name}In"] = {**sent, **described(resource.description)}
    if set(resource.operations) - {Operation.DELETE}:
        received = {"id": identifier(), **properties}
        made[f"{resource.name}Out"] = {**sent, "properties": received, "required": list(received)}
    if Operation.LIST in resource.operations:
        made[f"{resource.name}Page"] = _page(f"{resource.name}Out")
    return made


def _page(item: str) -> Json:
    """One page of a list."""
    count = {"type": "integer", "minimum": 0}
    properties = {
        "items": {"type": "array", "items": schema_of(item), "maxItems": 100},
        "total": count,
        "limit": count,
        "offset": count,
    }
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(properties)}


def _nullable(field: SpecField) -> Json:
    """The field's schema; null is allowed where it may be left out."""
    schema = {**_value(field), **described(field.description)}
    if field.required:
        return schema
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*field.choices, None]}
    return {**schema, "type": [schema["type"], "null"]}


def _value(field: SpecField) -> Json:
    """The schema of one value."""
    low, high = bounds(field)
    length = {**({"minLength": int(low)} if low else {}), "maxLength": int(high)}
    by_type: dict[FieldType, Json] = {
        FieldType.STRING: {"type": "string", **length, "pattern": LINE_PATTERN},
        FieldType.TEXT: {"type": "string", **length, "pattern": TEXT_PATTERN},
        FieldType.EMAIL: {"type": "string", **length, "format": "email", "pattern": EMAIL_PATTERN},
        FieldType.INTEGER: {"type": "integer", "minimum": int(low), "maximum": int(high)},
        FieldType.NUMBER: {"type": "number", "minimum": low, "maximum": high},
        FieldType.BOOLEAN: {"type": "boolean"},
        FieldType.DATE: {"type": "string", "format": "date"},
        FieldType.DATETIME: {"type": "string", "format": "date-time"},
        FieldType.ENUM: {"type": "string", "enum": list(field.choices)},
        FieldType.REFERENCE: identifier(),
    }
    return by_type[field.type]


def identifier() -> Json:
    """A key."""
    return {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER}


def schema_of(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def problem_schema() -> Json:
    """RFC 9457's problem document, with the fields that are wrong."""
    place = {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}
    return {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {**place, "required": ["field", "message"]}},
        },
        "required": ["title", "status", "detail", "errors"],
    }


def health_schema() -> Json:
    """State of the service."""
    return {
        "type": "object",
        "properties": {"status": {"enum": ["ok", "unavailable"]}},
        "required": ["status"],
    }

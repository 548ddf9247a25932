"""The OpenAPI 3.1 document of a specification: what the built service must do, written before it is built.

Specification: https://spec.openapis.org/oas/v3.1.0. stages/spec.py writes it as spec/openapi.yaml before any code
exists; tools/contract.py later tests the running service against that file, so the service can't define its own truth.
Errors are problem documents, RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457).
The blueprint must accept and refuse exactly what stands here: lengths, patterns and number ranges are repeated in
blueprints/crud-api/, and the contract tests find where the two differ.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec, SpecField
from tdev.core.service_names import (
    LARGEST_INTEGER,
    bounds,
    key_name,
    operation_id,
    property_name,
    words_of,
)

Json = dict[str, object]
PROBLEM = "application/problem+json"
LINE_PATTERN = r"^[^\x00-\x1f\x7f]*$"
TEXT_PATTERN = r"^[^\x00]*$"
EMAIL_PATTERN = (
    r"^[A-Za-z0-9_'%+-]+(\.[A-Za-z0-9_'%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
_METHODS = {
    Operation.CREATE: "post",
    Operation.LIST: "get",
    Operation.READ: "get",
    Operation.UPDATE: "put",
    Operation.DELETE: "delete",
}
_ON_COLLECTION = (Operation.CREATE, Operation.LIST)
_REFUSALS = {
    Operation.CREATE: ("409", "422"),
    Operation.LIST: ("422",),
    Operation.READ: ("404", "422"),
    Operation.UPDATE: ("404", "409", "422"),
    Operation.DELETE: ("404", "409", "422"),
}
_WHY = {"404": "NotFound", "409": "Conflict", "422": "Invalid"}


def document(spec: Spec) -> Json:
    """The document, keys in reading order; the health check is part of it."""
    paths: Json = {"/health": {"get": _health()}}
    schemas: Json = {"Problem": _problem(), "Health": _health_schema()}
    for resource in spec.resources:
        paths.update(_paths(resource))
        schemas.update(_schemas(resource))
    return {
        "openapi": "3.1.0",
        "info": {"title": spec.title, "version": "0.1.0", **_described(spec.summary)},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "NotFound": _refusal("There is no such record."),
                "Conflict": _refusal(
                    "A value that must be unique is taken, a record that is referred to does not exist, "
                    "or this one is still referred to."
                ),
                "Invalid": _refusal("The request is not valid; the fields that are wrong are named."),
            },
        },
    }


def operation_count(spec: Spec) -> int:
    """How many operations the document has, the health check included."""
    return 1 + sum(len(set(resource.operations)) for resource in spec.resources)


def _described(text: str) -> Json:
    """A description, where there is one."""
    return {"description": text} if text else {}


def _paths(resource: Resource) -> Json:
    """The resource's paths with their operations."""
    collection: Json = {}
    member: Json = {}
    for operation in Operation:
        if operation in resource.operations:
            place = collection if operation in _ON_COLLECTION else member
            place[_METHODS[operation]] = _operation(operation, resource)
    paths: Json = {f"/{resource.plural}": collection} if collection else {}
    if member:
        key = {"name": key_name(resource), "in": "path", "required": True, "schema": _identifier()}
        paths[f"/{resource.plural}/{{{key_name(resource)}}}"] = {"parameters": [key], **member}
    return paths


def _operation(operation: Operation, resource: Resource) -> Json:
    """One operation."""
    what = resource.plural.replace("-", " ") if operation is Operation.LIST else " ".join(words_of(resource.name))
    made: Json = {
        "operationId": operation_id(operation, resource),
        "summary": f"{str(operation).capitalize()} {'' if operation is Operation.LIST else 'one '}{what}",
        "tags": [resource.plural],
    }
    if operation is Operation.LIST:
        made["parameters"] = _list_parameters(resource)
    if operation in (Operation.CREATE, Operation.UPDATE):
        body = {"schema": _schema_of(f"{resource.name}In")}
        made["requestBody"] = {"required": True, "content": {"application/json": body}}
    refusals = {code: {"$ref": f"#/components/responses/{_WHY[code]}"} for code in _REFUSALS[operation]}
    made["responses"] = {**_success(operation, resource), **refusals}
    return made


def _success(operation: Operation, resource: Resource) -> Json:
    """The response when all went well."""
    if operation is Operation.DELETE:
        return {"204": {"description": "Deleted"}}
    schema = _schema_of(f"{resource.name}{'Page' if operation is Operation.LIST else 'Out'}")
    content: Json = {"content": {"application/json": {"schema": schema}}}
    if operation is not Operation.CREATE:
        return {"200": {"description": "Done", **content}}
    followers = (Operation.READ, Operation.UPDATE, Operation.DELETE)
    links = {
        operation_id(follower, resource): {
            "operationId": operation_id(follower, resource),
            "parameters": {key_name(resource): "$response.body#/id"},
        }
        for follower in followers
        if follower in resource.operations
    }
    return {"201": {"description": "Created", **content, **({"links": links} if links else {})}}


def _list_parameters(resource: Resource) -> list[Json]:
    """Paging, and one filter for each reference."""
    size = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    start = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER, "default": 0}
    filters: list[Json] = [
        {"name": property_name(field), "in": "query", "description": "Only those", "schema": _identifier()}
        for field in resource.fields
        if field.type is FieldType.REFERENCE
    ]
    return [
        {"name": "limit", "in": "query", "description": "Most records on the page", "schema": size},
        {"name": "offset", "in": "query", "description": "Records skipped before the page", "schema": start},
        *filters,
    ]


def _schemas(resource: Resource) -> Json:
    """Bodies of the resource: sent, received, listed."""
    properties: Json = {property_name(field): _nullable(field) for field in resource.fields}
    required = [property_name(field) for field in resource.fields if field.required]
    sent: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        sent["required"] = required
    made: Json = {}
    if set(resource.operations) & {Operation.CREATE, Operation.UPDATE}:
        made[f"{resource.name}In"] = {**sent, **_described(resource.description)}
    if set(resource.operations) - {Operation.DELETE}:
        received = {"id": _identifier(), **properties}
        made[f"{resource.name}Out"] = {**sent, "properties": received, "required": list(received)}
    if Operation.LIST in resource.operations:
        made[f"{resource.name}Page"] = _page(f"{resource.name}Out")
    return made


def _page(item: str) -> Json:
    """One page of a list."""
    count = {"type": "integer", "minimum": 0}
    properties = {
        "items": {"type": "array", "items": _schema_of(item), "maxItems": 100},
        "total": count,
        "limit": count,
        "offset": count,
    }
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(properties)}


def _nullable(field: SpecField) -> Json:
    """The field's schema; null is allowed where it may be left out."""
    schema = {**_value(field), **_described(field.description)}
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
        FieldType.REFERENCE: _identifier(),
    }
    return by_type[field.type]


def _identifier() -> Json:
    """A key."""
    return {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER}


def _schema_of(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _refusal(description: str) -> Json:
    """A response that refuses the request."""
    return {"description": description, "content": {PROBLEM: {"schema": _schema_of("Problem")}}}


def _problem() -> Json:
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


def _health_schema() -> Json:
    """State of the service."""
    return {
        "type": "object",
        "properties": {"status": {"enum": ["ok", "unavailable"]}},
        "required": ["status"],
    }


def _health() -> Json:
    """The health check."""
    content = {"content": {"application/json": {"schema": _schema_of("Health")}}}
    return {
        "operationId": "health",
        "summary": "Say whether the service can do its work",
        "tags": ["health"],
        "responses": {
            "200": {"description": "It can", **content},
            "503": {"description": "The database does not answer", **content},
        },
    }

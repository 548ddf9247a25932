"""The OpenAPI 3.1 document of a specification: what the built service must do, written before it is built.

Specification: https://spec.openapis.org/oas/v3.1.0. stages/spec.py writes it as spec/openapi.yaml before any code
exists; tools/contract.py later tests the running service against that file, so the service can't define its own truth.
Errors are problem documents, RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457).
The blueprint must accept and refuse exactly what stands here: lengths, patterns and number ranges are repeated in
blueprints/crud-api/, and the contract tests find where the two differ.
"""

from __future__ import annotations

from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec
from tdev.core.openapi_schemas import Json, described, health_schema, identifier, problem_schema, schema_of, schemas_of
from tdev.core.service_names import (
    LARGEST_INTEGER,
    key_name,
    operation_id,
    property_name,
    words_of,
)

PROBLEM = "application/problem+json"
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
    schemas: Json = {"Problem": problem_schema(), "Health": health_schema()}
    for resource in spec.resources:
        paths.update(_paths(resource))
        schemas.update(schemas_of(resource))
    return {
        "openapi": "3.1.0",
        "info": {"title": spec.title, "version": "0.1.0", **described(spec.summary)},
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
        key = {"name": key_name(resource), "in": "path", "required": True, "schema": identifier()}
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
        body = {"schema": schema_of(f"{resource.name}In")}
        made["requestBody"] = {"required": True, "content": {"application/json": body}}
    refusals = {code: {"$ref": f"#/components/responses/{_WHY[code]}"} for code in _REFUSALS[operation]}
    made["responses"] = {**_success(operation, resource), **refusals}
    return made


def _success(operation: Operation, resource: Resource) -> Json:
    """The response when all went well."""
    if operation is Operation.DELETE:
        return {"204": {"description": "Deleted"}}
    schema = schema_of(f"{resource.name}{'Page' if operation is Operation.LIST else 'Out'}")
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
        {"name": property_name(field), "in": "query", "description": "Only those", "schema": identifier()}
        for field in resource.fields
        if field.type is FieldType.REFERENCE
    ]
    return [
        {"name": "limit", "in": "query", "description": "Most records on the page", "schema": size},
        {"name": "offset", "in": "query", "description": "Records skipped before the page", "schema": start},
        *filters,
    ]


def _refusal(description: str) -> Json:
    """A response that refuses the request."""
    return {"description": description, "content": {PROBLEM: {"schema": schema_of("Problem")}}}


def _health() -> Json:
    """The health check."""
    content = {"content": {"application/json": {"schema": schema_of("Health")}}}
    return {
        "operationId": "health",
        "summary": "Say whether the service can do its work",
        "tags": ["health"],
        "responses": {
            "200": {"description": "It can", **content},
            "503": {"description": "The database does not answer", **content},
        },
    }

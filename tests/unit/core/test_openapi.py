"""The OpenAPI document of a specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema

from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec, SpecField
from tdev.core.openapi import document, operation_count
from tdev.core.requirement.grammar import parse

SPEC = parse((Path(__file__).parents[3] / "examples" / "meeting-rooms.md").read_text("utf-8")).spec


def made(spec: Spec = SPEC) -> dict[str, Any]:
    return document(spec)


def test_every_operation_has_its_place_and_its_refusals() -> None:
    paths = made()["paths"]
    assert set(paths) == {
        "/health",
        "/rooms",
        "/rooms/{room_id}",
        "/members",
        "/members/{member_id}",
        "/bookings",
        "/bookings/{booking_id}",
    }
    assert set(paths["/bookings"]["post"]["responses"]) == {"201", "409", "422"}
    assert set(paths["/bookings/{booking_id}"]["delete"]["responses"]) == {"204", "404", "409", "422"}
    assert operation_count(SPEC) == 16


def test_only_the_operations_of_the_specification_are_promised() -> None:
    one = Resource(
        name="Room",
        plural="rooms",
        fields=(SpecField(name="name", type=FieldType.STRING),),
        operations=(Operation.LIST,),
    )
    found = made(Spec(title="R", slug="r", resources=(one,)))
    assert list(found["paths"]) == ["/health", "/rooms"]
    assert list(found["paths"]["/rooms"]) == ["get"]
    assert "RoomIn" not in found["components"]["schemas"]


def test_references_become_keys_and_filters() -> None:
    found = made()
    assert {"room_id", "member_id"} <= found["components"]["schemas"]["BookingIn"]["properties"].keys()
    names = [parameter["name"] for parameter in found["paths"]["/bookings"]["get"]["parameters"]]
    assert names == ["limit", "offset", "room_id", "member_id"]


def test_the_schemas_accept_and_refuse_what_they_should() -> None:
    schema = made()["components"]["schemas"]["RoomIn"]
    good = {"name": "Blue", "capacity": 4, "floor": None}
    jsonschema.validate(good, schema)
    for bad in ({"capacity": 4}, {**good, "capacity": 0}, {**good, "name": "a\nb"}, {**good, "other": 1}):
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(bad)), bad
    member = made()["components"]["schemas"]["MemberIn"]
    assert list(jsonschema.Draft202012Validator(member).iter_errors({"name": "a", "email": "a@b"}))


def test_bounds_are_always_there_so_that_no_value_overflows() -> None:
    found = made()["components"]["schemas"]["RoomIn"]["properties"]
    assert found["capacity"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "description": "how many people fit in",
    }
    plain = Resource(name="A", plural="as", fields=(SpecField(name="n", type=FieldType.INTEGER),))
    schema = made(Spec(title="A", slug="a", resources=(plain,)))["components"]["schemas"]["AIn"]["properties"]["n"]
    assert schema == {"type": "integer", "minimum": -2147483647, "maximum": 2147483647}

"""What is checked of any specification, whoever wrote it."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.spec import Criterion, FieldType, Resource, Spec, SpecField
from tdev.core.requirement.check import check


def spec(*fields: SpecField, **changes: object) -> Spec:
    room = Resource(name="Room", plural="rooms", fields=fields or (SpecField(name="name", type=FieldType.STRING),))
    return Spec(title="Rooms", slug="rooms", resources=(room,)).model_copy(update=changes)


def test_a_sound_specification_has_no_questions() -> None:
    assert check(spec()) == ()


def test_lines_are_told_where_they_are_known() -> None:
    bad = spec(SpecField(name="class", type=FieldType.STRING))
    assert [question.line for question in check(bad, {"Room.class": 7})] == [7]


@pytest.mark.parametrize(
    ("bad", "part"),
    [
        (spec(resources=()), "Which resources"),
        (spec(title=""), "What is the service called"),
        (spec(title="x" * 73), "What is the service called"),
        (spec(title="a\u202eb"), "can't be seen"),
        (spec(summary="two\nlines"), "can't be seen"),
        (spec(slug="a" * 51), "at most 50 ASCII letters"),
        (spec(criteria=(Criterion(id="AC-1", text="x"), Criterion(id="AC-1", text="y"))), "AC-1 stands 2 times"),
        (spec(criteria=(Criterion(id="AC-1", text="x", resource="Cat"),)), "which is no resource"),
        (spec(SpecField(name="model_x", type=FieldType.STRING)), "used by the service's own code"),
        (spec(SpecField(name="state", type=FieldType.ENUM)), "which different values"),
        (spec(SpecField(name="state", type=FieldType.ENUM, choices=(" ",))), "in 1 to 60 characters"),
        (spec(SpecField(name="state", type=FieldType.ENUM, choices=("a\u200bb",))), "can't be seen"),
        (spec(SpecField(name="state", type=FieldType.STRING, choices=("a",))), "one of its choices or a string"),
        (spec(SpecField(name="room", type=FieldType.STRING, target="Room")), "a reference to Room or a string"),
        (spec(SpecField(name="room", type=FieldType.REFERENCE)), "which is no resource"),
        (spec(SpecField(name="size", type=FieldType.INTEGER, minimum=0.5)), "which whole numbers"),
        (spec(SpecField(name="size", type=FieldType.NUMBER, maximum=1e300)), "can't go beyond"),
        (spec(SpecField(name="name", type=FieldType.STRING, minimum=300)), "both at least 300 and at most 200"),
        (spec(SpecField(name="name", type=FieldType.STRING, maximum=0)), "both at least 0 and at most 0"),
        (spec(SpecField(name="n" * 64, type=FieldType.STRING)), "longer than 63 characters"),
    ],
)
def test_what_can_not_be_built_is_asked(bad: Spec, part: str) -> None:
    assert any(part in question.text for question in check(bad)), check(bad)


def test_required_references_in_a_circle_are_asked_about_once() -> None:
    def needing(name: str, *targets: str) -> Resource:
        fields = [SpecField(name=target.lower(), type=FieldType.REFERENCE, target=target) for target in targets]
        fields.append(SpecField(name="name", type=FieldType.STRING))
        return Resource(name=name, plural=f"{name.lower()}s", fields=tuple(fields))

    circle = spec(
        resources=(needing("Ant", "Bee"), needing("Bee", "Cat", "Dog"), needing("Cat", "Ant"), needing("Dog"))
    )
    assert [question.text for question in check(circle)] == [
        "Ant -> Bee -> Cat -> Ant: each needs the other first; which reference is optional?"
    ]
    tree = spec(
        resources=(needing("Ant", "Bee", "Dog"), needing("Bee", "Dog"), needing("Cat", "Ant", "Bee"), needing("Dog"))
    )
    assert check(tree) == ()


def test_many_references_are_checked_in_linear_time() -> None:
    names = [f"R{number:02d}x" for number in range(40)]
    resources = tuple(
        Resource(
            name=name,
            plural=f"{name.lower()}-list",
            fields=(
                SpecField(name="label", type=FieldType.STRING),
                *(SpecField(name=f"to_{t.lower()}", type=FieldType.REFERENCE, target=t) for t in names[place + 1 :]),
            ),
        )
        for place, name in enumerate(names)
    )
    assert check(spec(resources=resources)) == ()

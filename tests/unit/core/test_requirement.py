"""The grammar: what is certain becomes a specification, what is not becomes a question with its line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tdev.core.artifacts.spec import FieldType, Operation, Question, Resource, Spec, SpecField
from tdev.core.requirement.grammar import parse
from tdev.errors import Refused

EXAMPLES = Path(__file__).parents[3] / "examples"
HEAD = "# Rooms\n\n## Resources\n\n### Room\n"
ALL = tuple(Operation)


def questions(text: str) -> tuple[Question, ...]:
    return parse(text).spec.questions


def field(line: str) -> SpecField:
    spec = parse(f"{HEAD}{line}\n").spec
    assert spec.questions == ()
    return spec.resources[0].fields[0]


def resource(text: str, name: str = "Room") -> Resource:
    spec = parse(text).spec
    assert spec.questions == ()
    return next(one for one in spec.resources if one.name == name)


def without_words(spec: Spec) -> list[tuple[object, ...]]:
    """The specification without its descriptions, to compare languages."""
    return [
        (one.name, one.plural, one.operations, [item.model_copy(update={"description": ""}) for item in one.fields])
        for one in spec.resources
    ]


def test_the_examples_say_the_same_in_both_languages() -> None:
    english = parse((EXAMPLES / "meeting-rooms.md").read_text("utf-8")).spec
    korean = parse((EXAMPLES / "meeting-rooms.ko.md").read_text("utf-8")).spec
    assert english.questions == korean.questions == ()
    assert english.slug == korean.slug == "meeting-rooms"
    assert without_words(english) == without_words(korean)
    assert [one.name for one in english.resources] == ["Room", "Member", "Booking"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- name: string, required, unique, 1..80", {"type": "string", "unique": True, "minimum": 1, "maximum": 80}),
        ("- 이름 (name): 문자열, 필수, 고유, 최소 1, 최대 80", {"unique": True, "minimum": 1, "maximum": 80}),
        ("- note: text, optional, ..500", {"type": "text", "required": False, "maximum": 500}),
        ("- name: 텍스트, 선택", {"type": "text", "required": False}),
        ("- price: number, min 0.5", {"type": "number", "minimum": 0.5}),
        ("- floor: integer, -5..200", {"type": "integer", "minimum": -5, "maximum": 200}),
        ("- open: yes/no", {"type": "boolean"}),
        ("- day: 날짜", {"type": "date"}),
        ("- at: date and time", {"type": "datetime"}),
        ("- mail: e-mail, unique", {"type": "email", "unique": True}),
        ("- parent -> Room, optional", {"type": "reference", "target": "Room", "required": False}),
        ("- parent: reference to Room, optional", {"type": "reference", "target": "Room"}),
        ("- parent: Room 참조, 선택", {"type": "reference", "target": "Room"}),
        ("- state: one of open, closed, optional", {"choices": ("open", "closed"), "required": False}),
        ("- state: 다음 중 하나: 열림 | 닫힘", {"choices": ("열림", "닫힘"), "type": "enum"}),
        ("- displayName: string", {"name": "display_name"}),
        ("- name: string — what stands on its door", {"description": "what stands on its door"}),
    ],
)
def test_a_field_line(line: str, expected: dict[str, object]) -> None:
    found = field(line)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_field_is_required_unless_it_says_optional() -> None:
    assert field("- name: string").required


def test_a_free_sentence_is_asked_about_and_nothing_is_invented() -> None:
    spec = parse("a meeting room booking service").spec
    assert spec.resources == ()
    assert [question.number for question in spec.questions] == [1, 2]
    assert "Which resources" in spec.questions[0].text
    assert "Which fields" in spec.questions[1].text


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("# A\n## Resources\n### Room\nA room.\n", 3, "Which fields does Room have?"),
        (HEAD + "- name: strng", 6, "Is it string?"),
        (HEAD + "- name", 6, "Of which type is the field name?"),
        (HEAD + "- name: string, integer", 6, "type string or integer"),
        (HEAD + "- name: string, required, optional", 6, "required or optional"),
        (HEAD + "- 이름: 문자열", 6, "called in ASCII letters"),
        (HEAD + "- owner: -> Person", 6, "which is no resource (known: Room)"),
        (HEAD + "- name: string\n- name: text", 5, "2 fields called name"),
        (HEAD + "- room: -> Room, optional\n- room_id: integer", 5, "2 fields called room_id"),
        (HEAD + "- id: integer", 6, "the key that every resource has already"),
        (HEAD + "- class: string", 6, "a word of the Python language"),
        (HEAD + "- metadata: string", 6, "used by the service's own code"),
        (HEAD + "- name: string, 80..1", 6, "both at least 80 and at most 1"),
        (HEAD + "- open: boolean, 1..2", 6, "what do the bounds of the boolean open mean"),
        (HEAD + "- open: boolean, unique", 6, "really be unique"),
        (HEAD + "- state: one of", 6, "mean for the field state"),
        (HEAD + "- state: one of a, a", 6, "which different values"),
        (HEAD + "- size: integer, 0..99999999999", 6, "can't go beyond"),
        (HEAD + "- parent: -> Room", 0, "each needs the other first"),
        ("# A\n## Resources\n### 방\n- name: string", 3, "called in ASCII letters"),
        ("# A\n## Resources\n### Rooms\n- name: string", 3, "one thing or several"),
        (HEAD + "- name: string\n### room\n- name: string", 0, "Room is described twice"),
        (HEAD + "- name: string\n### Health (health)\n- name: string", 7, "a path the service already has"),
        ("# 예약\n## Resources\n### Room\n- name: string", 1, "What is the service called in ASCII letters?"),
        (HEAD + "- name: string\n## Security\nOAuth please.", 7, "What is the section “Security”?"),
        (HEAD + "- name: string\n- operations: create, fly", 7, "Which operation is “fly”?"),
        (HEAD + "- name: string\n## User stories\n- As a cat, I want to book a room", 8, "Which operation is “book”?"),
        (
            HEAD + "- name: string\n## User stories\n- As a cat, I want to see a castle",
            8,
            "Which resource is “castle”?",
        ),
        (HEAD + "- name: string\n## User stories\n- Rooms are nice", 8, "What is wanted"),
        (HEAD + "- name: string\n## User stories\n- 회원으로서, 나는 성을 보고 싶다", 8, "Which resource is “성을”?"),
        (HEAD + "- name: string\n## User stories\n- 회원으로서, 나는 room을 취소하고 싶다", 8, "Which operation"),
        (HEAD + "- name: string\n## Acceptance criteria\n- AC-1: x y\n- AC-1: z", 9, "AC-1 was line 8 already"),
    ],
)
def test_what_is_not_certain_is_asked(text: str, line: int, part: str) -> None:
    asked = questions(text)
    assert [question for question in asked if part in question.text and question.line == line], asked
    assert [question.number for question in asked] == list(range(1, len(asked) + 1))


@pytest.mark.parametrize(
    ("story", "operations"),
    [
        ("As a member, I want to create a room, so that I can delete it", {"create"}),
        ("As a member, I want to see all rooms", {"list"}),
        ("As a member, I want to see a room", {"read"}),
        ("As a member, I want to create, edit and delete rooms", {"create", "update", "delete"}),
        ("As a member, I want to list rooms and delete a room", {"list", "delete"}),
        ("As an admin I can manage rooms", set(ALL)),
        ("회원으로서, 나는 방을 만들고 싶다", {"create"}),
        ("회원으로서 방 목록을 조회하고 싶습니다", {"list"}),
        ("회원으로서, 회의를 준비하기 위해 방을 조회하고 수정하고 싶다", {"read", "update"}),
        ("관리자는 방을 관리할 수 있다", set(ALL)),
    ],
)
def test_operations_follow_from_stories(story: str, operations: set[str]) -> None:
    text = f"# Rooms\n## Resources\n### Room (방)\n- name: string\n## User stories\n- {story}\n"
    assert set(resource(text).operations) == operations


def test_a_resource_without_stories_has_all_operations_and_its_own_line_wins() -> None:
    assert resource(HEAD + "- name: string\n").operations == ALL
    text = HEAD + "- operations: create, list\n- name: string\n## User stories\n- As a cat, I want to delete a room\n"
    assert resource(text).operations == (Operation.CREATE, Operation.LIST)


def test_criteria_keep_their_ids_and_others_get_free_ones() -> None:
    text = (
        HEAD + "- name: string\n## Acceptance criteria\n- AC-2: Creating a room answers 201.\n- It is fast.\n- Rooms.\n"
    )
    criteria = parse(text).spec.criteria
    assert [(one.id, one.resource, one.operation) for one in criteria] == [
        ("AC-2", "Room", Operation.CREATE),
        ("AC-1", "", None),
        ("AC-3", "Room", None),
    ]


def test_a_criterion_about_two_resources_or_operations_is_about_none() -> None:
    about = "## Criteria\n- A room for a cat is created.\n- A room is created and deleted.\n"
    text = f"{HEAD}- name: string\n### Cat\n- name: string\n{about}"
    assert [(one.resource, one.operation) for one in parse(text).spec.criteria] == [("", None), ("Room", None)]


@pytest.mark.parametrize("name", ["Note", "Summary", "Data", "Criteria", "Resource"])
def test_a_resource_may_be_called_like_a_section(name: str) -> None:
    plural = name if name == "Criteria" else ""
    heading = f"### {name} ({plural.lower()}-list)" if plural else f"### {name}"
    spec = parse(f"# Notes\n## Resources\n{heading}\n- title: string\n").spec
    assert [one.name for one in spec.resources] == [name]


def test_names_in_several_words() -> None:
    made = parse(
        "# A\n## Resources\n### Meeting room (회의실)\n- name: string\n### Person (people)\n- x: integer\n"
    ).spec
    assert [(one.name, one.plural) for one in made.resources] == [
        ("MeetingRoom", "meeting-rooms"),
        ("Person", "people"),
    ]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("../../etc/passwd", "etc-passwd"), ("3D rooms", "service-3d-rooms"), ("Rooms & <b>more</b>", "rooms-b-more-b")],
)
def test_a_title_can_not_leave_its_folder(title: str, slug: str) -> None:
    assert parse(f"# {title}\n## Resources\n### Room\n- name: string\n").spec.slug == slug


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "says nothing"),
        (" \n\t", "says nothing"),
        ("😀🎉" * 9, "says nothing"),
        ("# a\0b", "NUL"),
        ("<!--" * 9, "says"),
    ],
)
def test_what_is_no_text_is_refused(text: str, part: str) -> None:
    with pytest.raises(Refused, match=part):
        parse(text)


def test_hidden_characters_are_gone_before_anything_is_read() -> None:
    found = field("- na\u202e\u200bme\U000e0041: str\ufeffing")
    assert (found.name, found.type) == ("name", FieldType.STRING)


LONG = {
    "one word": "a" * 2**20,
    "words": "word " * 200_000,
    "brackets": f"{HEAD}- {'(' * 2**20}",
    "commas": f"{HEAD}- x: {',' * 2**20}",
    "ranges": f"{HEAD}- x: integer, {'1..' * 300_000}",
    "wrong words": f"{HEAD}- x: {'strin, ' * 150_000}",
    "choices": f"{HEAD}- x: one of {'|'.join(map(str, range(100_000)))}",
    "fields": HEAD + "".join(f"- f{n}: string\n" for n in range(10_000)),
    "resources": "# A\n## Resources\n" + "".join(f"### R{n}a\n- x: string\n" for n in range(10_000)),
    "verbs": f"{HEAD}- n: string\n## Stories\n- As a b, I want to {'create and ' * 90_000}",
    "objects": f"{HEAD}- n: string\n## Stories\n- As a b, I want to create {'room and ' * 100_000}",
    "korean": f"{HEAD}- n: string\n## Stories\n- 회원으로서 {'방을 ' * 200_000}만들고 싶다",
    "criteria": f"{HEAD}- n: string\n## Criteria\n" + "".join(f"- AC-{n % 9999 + 1}: x\n" for n in range(70_000)),
    "comments": "<!-- a" * 100_000,
    "headings": "# a\n" * 200_000,
    "plural": f"# A\n## Resources\n### Room ({'x' * 2**20})\n- x: string",
}


@pytest.mark.parametrize("name", LONG)
def test_a_mebibyte_of_anything_takes_seconds_and_few_questions(name: str) -> None:
    started = time.monotonic()
    try:
        asked = questions(LONG[name])
    except Refused:
        asked = ()
    assert time.monotonic() - started < 20
    assert len(asked) <= 41
    assert sum(len(question.text) + len(question.suggestion) for question in asked) < 30_000

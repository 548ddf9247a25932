"""SRS.md, questions.md and acceptance.json: a specification for people and for the gate.

stages/spec.py writes them into spec/. All text of the requirement is escaped for Markdown (`escaped`), the
requirement itself is quoted in full as an indented block.
acceptance.json names the generated test that exercises a criterion's operation. That is evidence for the operation,
not for the criterion's own words: `judged_by` says so, and a person has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdev.core.artifacts.spec import Criterion, FieldType, Operation, Resource, Spec, SpecField
from tdev.core.requirement.stories import Story
from tdev.core.service_names import bounds, property_name, table_name

_BOUNDED = (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.INTEGER, FieldType.NUMBER)
_TESTS = {
    Operation.CREATE: "test_create",
    Operation.READ: "test_read",
    Operation.LIST: "test_list_page_by_page",
    Operation.UPDATE: "test_update",
    Operation.DELETE: "test_delete",
}


def escaped(text: str) -> str:
    """Text for a Markdown document, on one line, with everything that would be read as markup or HTML escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|~@&$])", r"\\\1", " ".join(text.split()))


def srs(spec: Spec, requirement: str, stories: Sequence[Story] = (), notes: Sequence[str] = ()) -> str:
    """The software requirements specification, Markdown."""
    parts = [
        f"# {escaped(spec.title)}",
        escaped(spec.summary),
        "## What the service keeps",
        *(_resource(resource) for resource in spec.resources),
        "Every resource also has `id`, a whole number given by the service.",
        "## What can be done",
        _operations(spec),
    ]
    if stories:
        parts += ["## User stories", "\n".join(_story(story) for story in stories)]
    parts += ["## Acceptance criteria", _criteria(spec)]
    if notes:
        parts += [
            "## Notes",
            "For people only; nothing is built from these lines.",
            "\n".join(f"- {escaped(note)}" for note in notes),
        ]
    quoted = "\n".join(f"    {line}" for line in requirement.splitlines())
    parts += ["## The requirement, as it was given", quoted]
    return "\n\n".join(part for part in parts if part) + "\n"


def questions(spec: Spec) -> str:
    """The open questions, Markdown."""
    rows = ["# Questions", "Answer each by a line in the requirement, then build again.", ""]
    for question in spec.questions:
        where = f" (line {question.line})" if question.line else ""
        rows.append(f"{question.number}. {escaped(question.text)}{where}")
        if question.suggestion:
            rows += ["", f"       {question.suggestion}", ""]
    return "\n".join(rows) + "\n"


def question_list(spec: Spec) -> str:
    """The open questions as plain lines, for an error message."""
    rows = []
    for question in spec.questions:
        where = f" [line {question.line}]" if question.line else ""
        hint = f"\n     e.g. {question.suggestion}" if question.suggestion else ""
        rows.append(f"  {question.number}. {question.text}{where}{hint}")
    return "\n".join(rows)


def acceptance(spec: Spec) -> list[dict[str, object]]:
    """Each criterion with the generated test of its operation; none where no single operation was recognised."""
    return [
        {
            "id": criterion.id,
            "text": criterion.text,
            "resource": criterion.resource,
            "operation": str(criterion.operation) if criterion.operation else "",
            "tests": _tests(criterion, spec),
            "judged_by": "a person; the tests named exercise its operation",
        }
        for criterion in spec.criteria
    ]


def _tests(criterion: Criterion, spec: Spec) -> list[str]:
    """Tests that exercise the criterion's operation."""
    resource = next((one for one in spec.resources if one.name == criterion.resource), None)
    if resource is None or criterion.operation is None or criterion.operation not in resource.operations:
        return []
    return [f"tests/test_{table_name(resource)}.py::{_TESTS[criterion.operation]}"]


def _resource(resource: Resource) -> str:
    """One resource and its fields as a table."""
    rows = ["| field | type | required | unique | meaning |", "|---|---|---|---|---|"]
    for field in resource.fields:
        marks = ("yes" if field.required else "no", "yes" if field.unique else "no")
        rows.append(
            f"| `{property_name(field)}` | {_type(field)} | {' | '.join(marks)} | {escaped(field.description)} |"
        )
    table = "\n".join(rows)
    return f"### {resource.name}\n\n{escaped(resource.description)}\n\n{table}".replace("\n\n\n\n", "\n\n")


def _type(field: SpecField) -> str:
    """The field's type with its bounds, choices or target."""
    if field.type is FieldType.ENUM:
        return "one of " + ", ".join(escaped(choice) for choice in field.choices)
    if field.type is FieldType.REFERENCE:
        return f"key of a {field.target}"
    if field.type not in _BOUNDED:
        return str(field.type)
    low, high = bounds(field)
    return f"{field.type}, {low:.15g} to {high:.15g}"


def _operations(spec: Spec) -> str:
    """Which operations each resource has."""
    rows = ["| resource | path | operations |", "|---|---|---|"]
    for resource in spec.resources:
        names = ", ".join(operation for operation in Operation if operation in resource.operations)
        rows.append(f"| {resource.name} | `/{resource.plural}` | {names} |")
    return "\n".join(rows)


def _story(story: Story) -> str:
    """One story and what follows from it."""
    wishes = ", ".join(f"{operation} {name}" for name, operation in story.wishes)
    return f"- {escaped(story.text)} — {wishes}"


def _criteria(spec: Spec) -> str:
    """The criteria and what is certain about them."""
    if not spec.criteria:
        return "The requirement names none."
    rows = []
    for criterion in spec.criteria:
        tests = _tests(criterion, spec)
        known = f"exercised by `{tests[0]}`" if tests else "no single operation recognised: a person must check it"
        rows.append(f"- **{criterion.id}** {escaped(criterion.text)} — {known}")
    return "\n".join(rows)

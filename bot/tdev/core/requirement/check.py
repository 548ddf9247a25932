"""What a specification must hold beyond its form, whoever wrote it: the grammar or a model.

grammar.py calls it with the lines of the requirement; stages/spec.py calls it again for what a model filled in.
A question here means that the blueprint could not be rendered, or would give code that can't work: names that are
taken, references to nothing, circles of required references, bounds that exclude every value.
Limits on size are part of it, since every name and choice ends up in generated files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tdev.core.artifacts.spec import Question, Resource, Spec
from tdev.core.requirement.check_field import Doubt, field_doubts
from tdev.core.requirement.source import Asked, quote
from tdev.core.service_names import (
    property_name,
    reserved_plural,
    snake,
)
from tdev.core.untrusted import hidden_characters

MOST_RESOURCES = 40
MOST_FIELDS = 60
MOST_CRITERIA = 200
LONGEST_TITLE = 72
LONGEST_NAME = 50


def check(spec: Spec, lines: Mapping[str, int] | None = None) -> tuple[Question, ...]:
    """What is missing or contradictory, as numbered questions; empty when the specification can be built.

    `lines` gives the requirement's line of a resource (`Room`) or a field (`Room.name`), where it is known.
    """
    where = lines or {}
    asked = Asked()
    for text, suggestion in _whole(spec):
        asked.ask(text, 0, suggestion)
    names = {resource.name for resource in spec.resources}
    for resource in spec.resources[:MOST_RESOURCES]:
        for text, suggestion in _resource(resource):
            asked.ask(text, where.get(resource.name, 0), suggestion)
        for one in resource.fields[:MOST_FIELDS]:
            for text, suggestion in field_doubts(one, names):
                asked.ask(f"{resource.name}: {text}", where.get(f"{resource.name}.{one.name}", 0), suggestion)
    return asked.numbered()


def _whole(spec: Spec) -> Iterator[Doubt]:
    """Questions about the specification as a whole."""
    if not spec.resources:
        yield "Which resources does the service keep, and which fields has each?", "## Resources"
    if len(spec.resources) > MOST_RESOURCES:
        yield f"There are {len(spec.resources)} resources; at most {MOST_RESOURCES} are built. Which matter?", ""
    if len(spec.criteria) > MOST_CRITERIA:
        yield f"There are {len(spec.criteria)} acceptance criteria; at most {MOST_CRITERIA} are kept. Which matter?", ""
    if not spec.title.strip() or len(spec.title) > LONGEST_TITLE:
        yield f"What is the service called, in 1 to {LONGEST_TITLE} characters?", "# Name of the service"
    if len(spec.slug) > LONGEST_NAME:
        yield f"What is the service called, in at most {LONGEST_NAME} ASCII letters?", "# Name of the service"
    texts = [spec.title, spec.summary, *(criterion.text for criterion in spec.criteria)]
    texts += [text for resource in spec.resources for text in _texts_of(resource)]
    if any(hidden_characters(text) or "\n" in text for text in texts):
        yield "Which of the texts with line breaks or characters that can't be seen are meant so?", ""
    yield from _twice(spec)
    yield from _circles(spec)


def _texts_of(resource: Resource) -> list[str]:
    """Everything in a resource that may be any text."""
    return [
        resource.description,
        *(field.description for field in resource.fields),
        *(choice for field in resource.fields for choice in field.choices),
    ]


def _twice(spec: Spec) -> Iterator[Doubt]:
    """Names and ids that are given twice."""
    by_module = Counter(snake(resource.name) for resource in spec.resources)
    by_path = Counter(resource.plural.replace("-", "_") for resource in spec.resources)
    for resource in {snake(resource.name): resource for resource in spec.resources}.values():
        if by_module[snake(resource.name)] > 1:
            yield f"{resource.name} is described twice; which one counts?", f"### {resource.name}"
        elif by_path[resource.plural.replace("-", "_")] > 1:
            yield f"Two resources have the path /{resource.plural}; what is the plural of {resource.name}?", ""
    for name, count in Counter(criterion.id for criterion in spec.criteria).items():
        if count > 1:
            yield f"{name} stands {count} times; which is which?", ""
    known = {resource.name for resource in spec.resources} | {""}
    for criterion in spec.criteria:
        if criterion.resource not in known:
            yield f"{criterion.id} is about {quote(criterion.resource)}, which is no resource; what is meant?", ""


def _circles(spec: Spec) -> Iterator[Doubt]:
    """Required references that lead back to where they began: no first record could ever be made."""
    needs = {
        resource.name: [field.target for field in resource.fields if field.target and field.required]
        for resource in spec.resources
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        names = " -> ".join(circle)
        yield f"{names}: each needs the other first; which reference is optional?", _optional(circle)


def _optional(circle: list[str]) -> str:
    """A field line that would break the circle."""
    first, second = circle[:2]
    return f"- {snake(second)}: -> {second}, optional (in {first})"


def _resource(resource: Resource) -> Iterator[Doubt]:
    """Questions about one resource."""
    name = resource.name
    if len(name) > LONGEST_NAME:
        yield f"{name[:20]}… is longer than {LONGEST_NAME} letters; what is it called in short?", ""
    if reason := reserved_plural(resource.plural):
        yield (
            f"{name} would be at /{resource.plural}, which {reason}; what is its plural?",
            f"### {name} (other-plural)",
        )
    if not resource.operations:
        yield f"What can be done with {name}?", "- operations: create, read, list, update, delete"
    if len(resource.fields) > MOST_FIELDS:
        yield f"{name} has {len(resource.fields)} fields; at most {MOST_FIELDS} are built. Which matter?", ""
    for field_name, count in Counter(property_name(field) for field in resource.fields).items():
        if count > 1:
            yield f"{name} has {count} fields called {field_name}; which one counts?", f"- {field_name}: string"

"""What the blueprint `crud-api` is rendered with: all names and literals of its code, made from a checked Spec.

No text of the requirement reaches the template except through `line`, `prose` or `literal`, so nothing in it can
become code, markup or a template expression.
stages/blueprint.py writes the answers into spec/blueprint.json; the template itself is in blueprints/crud-api/ and
decides nothing: whatever depends on a field's type is settled here, where it can be tested.
core/openapi.py describes the same service from the same Spec; a rule that is changed in one place needs the other.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping

from tdev.core.artifacts.spec import FieldType, Operation, Resource, Spec, SpecField
from tdev.core.crud_examples import example_body
from tdev.core.crud_samples import samples
from tdev.core.service_names import (
    bounds,
    key_name,
    package_name,
    property_name,
    snake,
    table_name,
    words_of,
)

Answers = dict[str, object]
_LINE = 90
_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)
_VALUE_TYPES = {
    FieldType.STRING: "Line",
    FieldType.TEXT: "Text",
    FieldType.EMAIL: "Email",
    FieldType.INTEGER: "Whole",
    FieldType.NUMBER: "Real",
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "Moment",
    FieldType.REFERENCE: "Identifier",
}
_STORED_TYPES = {
    FieldType.INTEGER: "int",
    FieldType.NUMBER: "float",
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "dt.date",
    FieldType.DATETIME: "dt.datetime",
    FieldType.REFERENCE: "int",
}
_COLUMN_TYPES = {
    FieldType.TEXT: "Text",
    FieldType.INTEGER: "Integer",
    FieldType.NUMBER: "Float",
    FieldType.BOOLEAN: "Boolean",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "UtcDateTime",
    FieldType.REFERENCE: "ForeignKey",
}


def line(text: str, limit: int = _LINE) -> str:
    """Text as part of a one-line docstring: no quotes, backslashes or braces, shortened, ending in a full stop."""
    plain = re.sub(r"[\"\\{}`]+", "'", " ".join(text.split()))
    if len(plain) > limit:
        plain = plain[: limit - 1].rstrip() + "…"
    return plain if plain.endswith((".", "…", "!", "?")) else plain + "."


def literal(text: str) -> str:
    """Text as a Python (and JSON and TOML) string literal."""
    return json.dumps(text, ensure_ascii=False)


def prose(text: str) -> str:
    """Text for a Markdown document: one line, with everything that Markdown or HTML would read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~@&$-])", r"\\\1", " ".join(text.split()))


def answers_for(spec: Spec, *, readme: str, workflow: bool) -> Answers:
    """The answers for a specification without open questions."""
    resources = [_resource(resource, spec) for resource in spec.resources]
    return {
        "title": prose(spec.title),
        "title_line": line(spec.title, 70),
        "title_literal": literal(spec.title),
        "slug": spec.slug,
        "package": package_name(spec.slug),
        "summary": prose(spec.summary),
        "description_literal": literal(line(spec.summary or spec.title)),
        "readme": readme,
        "workflow": workflow,
        "resources": resources,
        "record_names": sorted(f"{resource.name}Record" for resource in spec.resources),
    }


def _resource(resource: Resource, spec: Spec) -> Answers:
    """One resource's names, imports and fields."""
    words = " ".join(words_of(resource.name))
    kinds = {field.type for field in resource.fields}
    tables = {other.name: table_name(other) for other in spec.resources}
    optional = not all(field.required for field in resource.fields)
    return {
        "name": resource.name,
        "snake": snake(resource.name),
        "key": key_name(resource),
        "plural": resource.plural,
        "plural_snake": table_name(resource),
        "table": table_name(resource),
        "words": words,
        "words_plural": resource.plural.replace("-", " "),
        "doc": line(resource.description or f"What is kept about one {words}"),
        "operations": [str(operation) for operation in Operation if operation in resource.operations],
        "fields": [_field(field, tables) for field in resource.fields],
        "references": [_reference(field, spec) for field in resource.fields if field.type is FieldType.REFERENCE],
        "uses_dt": bool(kinds & {FieldType.DATE, FieldType.DATETIME}),
        "uses_moment": FieldType.DATETIME in kinds,
        "uses_field": any("Field(" in _schema_default(field) for field in resource.fields),
        "uses_optional": optional,
        "typing_imports": ["Literal"] * (FieldType.ENUM in kinds) + ["Optional"] * optional,
        "column_imports": _column_imports(resource),
        "value_imports": sorted({"Identifier", *map(_value_type, resource.fields)} - {"bool", ""}),
        "router_values": _router_values(resource),
        "curl_body": shlex.quote(json.dumps(example_body(resource), ensure_ascii=False)),
        **samples(resource, spec),
    }


def _reference(field: SpecField, spec: Spec) -> Answers:
    """A field that refers to another resource."""
    target = next(resource for resource in spec.resources if resource.name == field.target)
    return {
        "name": property_name(field),
        "required": field.required,
        "target_snake": snake(target.name),
        "target_plural": target.plural,
        "target_operations": [str(operation) for operation in target.operations],
    }


def _router_values(resource: Resource) -> list[str]:
    """Value types that the resource's router needs."""
    found = set()
    if set(resource.operations) & {Operation.READ, Operation.UPDATE, Operation.DELETE}:
        found.add("PathIdentifier")
    if Operation.LIST in resource.operations:
        found |= {"PageSize", "PageStart"}
        found |= {"PathIdentifier" for field in resource.fields if field.type is FieldType.REFERENCE}
    return sorted(found)


def _column_imports(resource: Resource) -> list[str]:
    """SQLAlchemy names that the resource's table needs."""
    return sorted({_COLUMN_TYPES.get(field.type, "String") for field in resource.fields} - {"UtcDateTime"})


def _field(field: SpecField, tables: Mapping[str, str]) -> Answers:
    """One field's code."""
    return {
        "name": property_name(field),
        "required": field.required,
        "doc": _field_doc(field),
        "stored_type": _STORED_TYPES.get(field.type, "str"),
        "column": _column(field, tables),
        "schema_type": _schema_type(field),
        "schema_default": _schema_default(field),
    }


def _field_doc(field: SpecField) -> str:
    """The field's docstring; empty when its name says it all."""
    if not field.description and field.type is FieldType.REFERENCE:
        return f"Key of the {' '.join(words_of(field.target))} it refers to."
    return line(field.description) if field.description else ""


def _column(field: SpecField, tables: Mapping[str, str]) -> str:
    """Arguments of the field's `mapped_column`."""
    kind = _COLUMN_TYPES.get(field.type, "")
    if field.type is FieldType.REFERENCE:
        kind = f'ForeignKey("{tables[field.target]}.id")'
    elif not kind:
        longest = max(map(len, field.choices)) if field.choices else int(bounds(field)[1])
        kind = f"String({longest})"
    extra = ", unique=True" if field.unique else ", index=True" if field.type is FieldType.REFERENCE else ""
    return kind + extra


def _schema_type(field: SpecField) -> str:
    """The field's type in a body."""
    if field.type is FieldType.ENUM:
        return f"Literal[{', '.join(literal(choice) for choice in field.choices)}]"
    return _value_type(field)


def _value_type(field: SpecField) -> str:
    """The name of the field's type in the generated values.py; empty for enums."""
    if field.type in _NUMERIC and not _bounded(field):
        return f"Any{_VALUE_TYPES[field.type]}"
    return _VALUE_TYPES.get(field.type, "")


def _bounded(field: SpecField) -> bool:
    """The field names a bound itself."""
    return field.minimum is not None or field.maximum is not None


def _schema_default(field: SpecField) -> str:
    """Default and bounds of the field in a body."""
    arguments = [] if field.required else ["default=None"]
    low, high = bounds(field)
    if field.type in (FieldType.STRING, FieldType.TEXT, FieldType.EMAIL):
        arguments += [f"min_length={int(low)}"] if low else []
        arguments += [f"max_length={int(high)}"]
    elif field.type in _NUMERIC:
        write: Callable[[float], str] = _whole if field.type is FieldType.INTEGER else repr
        arguments += [f"ge={write(low)}", f"le={write(high)}"] if _bounded(field) else []
    if arguments == ["default=None"]:
        return " = None"
    return f" = Field({', '.join(arguments)})" if arguments else ""


def _whole(value: float) -> str:
    """A whole number as code, digits grouped."""
    return f"{int(value):_}"

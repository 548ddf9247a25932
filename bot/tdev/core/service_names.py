"""How a specification's names are spelled in paths, tables, modules and bodies, and which names can't be used.

The document (core/openapi.py), the code (core/crud_answers.py), the questions (core/requirement/check.py) and the tests
all spell names through this module, so they can't disagree.
Reserved names are those that Python, the blueprint's own modules or its libraries use; a name that is missing here
shows as a generated service that does not start. Default bounds stand here too, for the same reason.
"""

from __future__ import annotations

import keyword
import re
import sys

from tdev.core.artifacts.spec import FieldType, Operation, Resource, SpecField

LARGEST_INTEGER = 2_147_483_647
"""Largest key and whole number; fits an integer column of every database."""
LARGEST_NUMBER = 1e15
"""Largest other number; whole thousandths still fit a double."""
LONGEST_STRING = 200
"""Characters of a `string` field that names no bounds."""
LONGEST_TEXT = 10_000
"""Characters of a `text` field that names no bounds."""
LONGEST_EMAIL = 254
"""Characters of an e-mail address (RFC 5321)."""

_TEXTUAL = {FieldType.STRING: LONGEST_STRING, FieldType.TEXT: LONGEST_TEXT, FieldType.EMAIL: LONGEST_EMAIL}
_TAKEN_PACKAGES = frozenset(
    {"fastapi", "sqlalchemy", "starlette", "pydantic", "uvicorn", "httpx", "httpx2", "pytest", "coverage", "tests"}
    | {"samples", "conftest", "docs", "src", "hypothesis", "anyio", "click", "h11", "idna"}
)
_TAKEN_FIELDS = frozenset(
    {"id", "metadata", "registry", "copy", "json", "dict", "schema", "validate", "construct", "from_orm", "parse_obj"}
    | {
        "parse_raw",
        "parse_file",
        "schema_json",
        "update_forward_refs",
        "int",
        "str",
        "float",
        "bool",
        "dt",
        "list",
        "self",
    }
)
_TAKEN_PLURALS = frozenset({"health", "docs", "redoc", "openapi"})


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a PascalCase name: `MeetingRoom` -> meeting, room."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", name))


def snake(name: str) -> str:
    """A PascalCase name as a Python module or variable: `meeting_room`."""
    return "_".join(words_of(name))


def pascal(words: tuple[str, ...]) -> str:
    """Words as a PascalCase name."""
    return "".join(word[:1].upper() + word[1:] for word in words)


def plural_of(words: tuple[str, ...]) -> str:
    """The path segment by the documented rule: s, es after s x z ch sh, ies for a consonant and y."""
    last = words[-1]
    if last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return "-".join((*words[:-1], last))


def property_name(field: SpecField) -> str:
    """The field's name in bodies, tables and code: references end in `_id`."""
    if field.type is FieldType.REFERENCE and not field.name.endswith("_id"):
        return f"{field.name}_id"
    return field.name


def table_name(resource: Resource) -> str:
    """The resource's table."""
    return resource.plural.replace("-", "_")


def key_name(resource: Resource) -> str:
    """The path parameter that holds the resource's key."""
    return f"{snake(resource.name)}_id"


def operation_id(operation: Operation, resource: Resource) -> str:
    """The operation's id in the OpenAPI document and its function's name."""
    return f"{operation}_{table_name(resource) if operation is Operation.LIST else snake(resource.name)}"


def package_name(slug: str) -> str:
    """The import package for a service; never one that Python or a dependency already has."""
    name = slug.replace("-", "_")
    taken = keyword.iskeyword(name) or name in sys.stdlib_module_names or name in _TAKEN_PACKAGES
    return f"{name}_service" if taken else name


def bounds(field: SpecField) -> tuple[float, float]:
    """Smallest and largest value, or length in characters, with the defaults filled in."""
    low, high = field.minimum, field.maximum
    if field.type in _TEXTUAL:
        return (low or 0.0, _TEXTUAL[field.type] if high is None else high)
    limit = float(LARGEST_INTEGER) if field.type is FieldType.INTEGER else LARGEST_NUMBER
    return (-limit if low is None else low, limit if high is None else high)


def reserved_field(name: str) -> str:
    """Why a field can't have that name, or an empty string."""
    if keyword.iskeyword(name):
        return "is a word of the Python language"
    if name == "id":
        return "is the key that every resource has already"
    if name in _TAKEN_FIELDS or name.startswith(("model_", "_")):
        return "is used by the service's own code"
    return "is longer than 63 characters" if len(name) > 63 else ""


def reserved_plural(plural: str) -> str:
    """Why a resource can't have that path, or an empty string."""
    if plural in _TAKEN_PLURALS:
        return "is a path the service already has"
    return "is longer than 63 characters" if len(plural) > 63 else ""

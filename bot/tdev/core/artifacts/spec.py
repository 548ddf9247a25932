"""spec/model.json: the structured specification of a build. spec/blueprint.json: the template chosen for it.

core/requirement/ reads it from Markdown; a model may fill it too, and then the same checks apply.
The form is checked here; what a whole specification must hold (names that exist, bounds that make sense) is
checked in core/requirement/check.py.
core/openapi.py, core/crud_answers.py and the contract tests are all made from this one model, so they can't differ.
Every resource has a key `id` that is not listed among its fields.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class FieldType(StrEnum):
    """Types a field may have."""

    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    ENUM = "enum"
    REFERENCE = "reference"


class SpecField(Model):
    """One field of a resource."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """snake_case."""
    type: FieldType
    """Its type."""
    required: bool = True
    """It must be given."""
    unique: bool = False
    """No two records share a value."""
    description: str = ""
    """One sentence."""
    choices: tuple[str, ...] = ()
    """Allowed values; enum only."""
    target: str = ""
    """Resource referred to; reference only."""
    minimum: float | None = None
    """Smallest number, or shortest text in characters."""
    maximum: float | None = None
    """Largest number, or longest text in characters."""


class Operation(StrEnum):
    """What can be done with a resource."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    UPDATE = "update"
    DELETE = "delete"


class Resource(Model):
    """One kind of thing the service keeps."""

    name: str = Field(pattern=r"^[A-Z][A-Za-z0-9]*$")
    """PascalCase, singular."""
    plural: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    """kebab-case path segment."""
    description: str = ""
    """One sentence."""
    fields: tuple[SpecField, ...] = Field(min_length=1)
    """Without `id`, which every resource has."""
    operations: tuple[Operation, ...] = tuple(Operation)
    """What can be done with it."""


class Criterion(Model):
    """One acceptance criterion."""

    id: str
    """`AC-1`, `AC-2`, …"""
    text: str
    """As the requirement says it."""
    resource: str = ""
    """Resource it is about, if one."""
    operation: Operation | None = None
    """Operation it is about, if one."""


class Question(Model):
    """Something the requirement leaves open: asked, not guessed."""

    number: int = Field(ge=1)
    """As shown to people."""
    text: str
    """The question."""
    line: int = Field(default=0, ge=0)
    """1-based line of the requirement; 0 = the whole."""
    suggestion: str = ""
    """A line that would answer it, if added to the requirement."""


class Spec(Model):
    """A service, structured."""

    title: str
    """Name of the service, for people."""
    slug: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
    """Name of the service, for folders and packages."""
    summary: str = ""
    """One paragraph."""
    resources: tuple[Resource, ...] = ()
    """What it keeps."""
    criteria: tuple[Criterion, ...] = ()
    """When it counts as done."""
    questions: tuple[Question, ...] = ()
    """What must be answered before it can be built; a spec with questions is not built."""


class BlueprintChoice(Model):
    """Which template is rendered where, with which answers."""

    name: str
    """Folder under blueprints/."""
    version: str
    """Version of the template."""
    destination: str
    """POSIX path inside the repository; `.` = its root."""
    reason: str
    """Why this one."""
    answers: dict[str, object] = {}
    """What the template is rendered with."""

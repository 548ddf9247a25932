"""What a field's docstring says is in the schema, and making the class does not read it."""

from __future__ import annotations

from tdev.core.artifacts import Model
from tdev.core.artifacts.model import field_docstrings


class Base(Model):
    """A class that another one extends."""

    number: int = 1
    """How many,
        at most."""
    bare: str = ""
    text: str
    # A remark stands between.
    """Said twice."""


class Outer(Base):
    """A class with a field that is a class."""

    text: str = ""
    """Said anew."""
    inner: Base | None = None
    """What is in it."""


def test_a_field_has_what_the_text_under_it_says() -> None:
    assert field_docstrings(Base) == {"number": "How many,\nat most.", "text": "Said twice."}
    assert field_docstrings(Outer) == {
        "number": "How many,\nat most.",
        "text": "Said anew.",
        "inner": "What is in it.",
    }


def test_the_schema_tells_it_of_every_class() -> None:
    schema = Outer.model_json_schema()
    said = {name: field.get("description") for name, field in schema["properties"].items()}
    assert said == {"number": "How many,\nat most.", "bare": None, "text": "Said anew.", "inner": "What is in it."}
    inner = schema["$defs"]["Base"]
    assert inner["description"] == "A class that another one extends."
    assert inner["properties"]["text"]["description"] == "Said twice."


def test_a_class_is_made_without_a_look_at_its_source() -> None:
    assert {field.description for field in Outer.model_fields.values()} == {None}

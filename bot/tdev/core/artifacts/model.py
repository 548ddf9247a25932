"""What every file of a run directory has in common: frozen, no unknown keys, docstrings become the JSON Schema.

Frozen, because a stage that wants other values writes another file. Unknown keys are refused, because a typing
mistake in a key must not silently mean "default". The JSON Schemas in docs/schemas/ are generated from the classes,
so a docstring under a field is documentation that users see: change it, then run `tdev schema`.

The docstrings are read from the source when a schema is made. pydantic's own `use_attribute_docstrings` reads them
whenever a class is made: a quarter of the time that `tdev` takes to start.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue


class Model(BaseModel):
    """A frozen value that refuses unknown keys; attribute docstrings become descriptions in the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        """The class's schema, each field with what its docstring says."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in field_docstrings(cls).items():
            if name in properties:
                properties[name].setdefault("description", text)
        return schema


def field_docstrings(model: type[Model]) -> dict[str, str]:
    """The text under each field that has one, inherited fields included; read from the source."""
    texts: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Model) and each is not Model:
            texts |= _own_docstrings(each)
    return texts


def _own_docstrings(model: type[Model]) -> dict[str, str]:
    """The text under each field that the class itself declares."""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    texts = {}
    for field, below in pairwise(tree.body if isinstance(tree, ast.ClassDef) else ()):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = inspect.cleandoc(text)
    return texts

"""What every file of a run directory has in common: frozen, no unknown keys, docstrings become the JSON Schema.

Frozen, because a stage that wants other values writes another file. Unknown keys are refused, because a typing
mistake in a key must not silently mean "default". The JSON Schemas in docs/schemas/ are generated from the classes,
so a docstring under a field is documentation that users see: change it, then run `tdev schema`.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value that refuses unknown keys; attribute docstrings become descriptions in the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

"""Every key a policy may have: its meaning, what it allows, its default. Read from the models, so never out of step.

Three readers: the messages of policy/check.py, `tdev policy`, and the table in docs/policies.md (policy/page.py).
Works for the kinds of field the models use (numbers with bounds, enums, literals, texts, tuples, models); a new kind
needs its words here.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from tdev.core.artifacts import Model
from tdev.core.artifacts.model import field_docstrings
from tdev.policy.glob_syntax import Glob
from tdev.policy.model import Policy

_WORDS = {
    date: "a day such as 2026-12-31",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


@dataclass(frozen=True)
class Key:
    """One key of the policy."""

    name: str
    """Dotted, as in `gates.tests.coverage_drop`; `[]` stands for each item of a list."""
    meaning: str
    """One or two sentences."""
    allowed: str
    """What it may be, for people."""
    default: object
    """Plain value; None for a key of a list's items."""
    section: bool = False
    """It holds further keys."""
    required: bool = False
    """It must be given (keys of a list's items only)."""


def _keys(model: type[Model], prefix: str = "", defaults: Model | None = None) -> Iterator[Key]:
    texts = field_docstrings(model)
    for name, field in model.model_fields.items():
        whole = f"{prefix}{name}"
        value = getattr(defaults, name, None)
        inner = model_in(field.annotation)
        meaning = " ".join(texts.get(name, "").split())
        if inner is not None and not _is_list(field.annotation):
            yield Key(whole, meaning, "keys below it", None, section=True)
            yield from _keys(inner, f"{whole}.", value)
            continue
        plain = defaults.model_dump(mode="json")[name] if defaults is not None else None
        yield Key(whole, meaning, allowed_text(field), plain, required=field.is_required())
        if inner is not None:
            yield from _keys(inner, f"{whole}[].")


def model_in(annotation: Any) -> type[Model] | None:
    """The model a field holds, by itself or as a list's items; None for plain values."""
    kind = get_args(annotation)[0] if _is_list(annotation) else annotation
    return kind if isinstance(kind, type) and issubclass(kind, Model) else None


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple


def allowed_text(field: FieldInfo) -> str:
    """What a field may be, for people."""
    annotation = field.annotation
    if _is_list(annotation):
        items = get_args(annotation)[0]
        if isinstance(items, type) and issubclass(items, Enum):
            return f"a list of {_kind_text(items)}"
        if get_origin(items) is Annotated and get_args(items)[0] is int:
            return "a list of whole numbers"
        return (
            "a list of globs" if items is Glob else "a list of entries" if model_in(annotation) else "a list of texts"
        )
    return _kind_text(annotation) + _bounds(field)


def _kind_text(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return " or ".join(str(choice) for choice in get_args(kind))
    if origin in (Union, types.UnionType):
        return " or ".join(_kind_text(part) for part in get_args(kind) if part is not type(None))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(str(member.value) for member in kind)
    return _WORDS.get(kind, str(kind))


def _bounds(field: FieldInfo) -> str:
    """The limits of a number or of a text's length."""
    found = {
        name: getattr(part, name)
        for part in field.metadata
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if getattr(part, name, None) is not None
    }
    if "min_length" in found or "max_length" in found:
        return f" of at least {found['min_length']} characters" if "min_length" in found else ""
    words = []
    if "ge" in found:
        words.append(f"from {found['ge']:g}" if "le" in found else f"of at least {found['ge']:g}")
    if "gt" in found:
        words.append(f"above {found['gt']:g}")
    if "le" in found:
        words.append(f"to {found['le']:g}" if "ge" in found else f"of at most {found['le']:g}")
    return f" {' '.join(words)}" if words else ""


@cache
def keys() -> tuple[Key, ...]:
    """In the order of the model: sections before what is in them."""
    return tuple(_keys(Policy, defaults=Policy()))


def key(name: str) -> Key | None:
    """The key of that dotted name, or None; a number in brackets stands for any item of a list."""
    plain = re.sub(r"\[\d*\]", "[]", name)
    return next((each for each in keys() if each.name == plain), None)

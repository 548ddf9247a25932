"""What is wrong with a policy document, told by key, with what is allowed there and the nearest key.

pydantic finds what is wrong; this module says it in words for the person who wrote the file, all problems at once.
Values are validated strictly: `"10"` is no number and `1` is no boolean, because a policy must mean what it says.
Lists are replaced as a whole when one document lies over another, never joined, so a repository can also narrow them.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from tdev.policy.document import Document
from tdev.policy.keys import allowed_text, key, keys, model_in
from tdev.policy.model import Policy
from tdev.policy.problems import KeyPath, Place, PolicyProblems, Problem, dotted, shown

_NEAR = 0.4


def checked(document: Document) -> dict[str, object]:
    """The document's values without its empty sections. Raises PolicyProblems with everything that is wrong."""
    data = _without_empty_sections(document.data)
    try:
        validated(data)
    except ValidationError as error:
        found = [_problem(dict(detail), document) for detail in error.errors(include_url=False)]
        raise PolicyProblems(tuple(sorted(found, key=lambda problem: problem.place))) from error
    return data


def validated(data: Mapping[str, object]) -> Policy:
    """The policy of plain values, missing keys at their defaults; nothing is converted. Raises ValidationError."""
    return Policy.model_validate_json(json.dumps(data), strict=True)


def overlaid(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Both mappings as one: mappings are merged key by key, all else (lists too) is taken from `above`."""
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        merged[name] = overlaid(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _without_empty_sections(data: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """The values; a section with nothing below its key says nothing."""
    kept: dict[str, object] = {}
    for name, value in data.items():
        if value is None and (known := key(f"{prefix}{name}")) is not None and known.section:
            continue
        kept[name] = _without_empty_sections(value, f"{prefix}{name}.") if isinstance(value, Mapping) else value
    return kept


def _problem(detail: Mapping[str, Any], document: Document) -> Problem:
    loc = cast(KeyPath, tuple(detail["loc"]))
    place = _place(loc, document)
    name = dotted(loc)
    if detail["type"] == "extra_forbidden":
        return Problem(place, _unknown(loc), name)
    if detail["type"] == "missing":
        allowed = _allowed(loc)
        return Problem(place, f"{dotted(loc[:-1])} needs the key {loc[-1]!r}: {allowed}", name)
    value = "empty" if detail["input"] is None else shown(detail["input"])
    if detail["type"] == "value_error":
        return Problem(place, f"{name}: {value} {detail['ctx']['error']}", name)
    return Problem(place, f"{name} is {value}{_near_choice(loc, detail['input'])}. Allowed: {_allowed(loc)}", name)


def _place(loc: KeyPath, document: Document) -> Place:
    """Where the key stands; for one that is missing, where what it belongs to stands."""
    return next(
        (document.places[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in document.places), Place(1, 1)
    )


def _unknown(loc: KeyPath) -> str:
    name = str(loc[-1])
    model = _model_at(loc[:-1])
    siblings = list(model.model_fields) if model else []
    near = difflib.get_close_matches(name, siblings, n=1, cutoff=_NEAR)
    elsewhere = [each.name for each in keys() if each.name.rpartition(".")[2] == name]
    nearest = next(iter((*elsewhere, *near)), "")
    where = f"in {dotted(loc[:-1])}" if len(loc) > 1 else "at the top level"
    hint = f"; nearest: {nearest!r}" if nearest else ""
    return f"unknown key {shown(name)} {where}{hint}. Allowed: {', '.join(siblings)}"


def _near_choice(loc: KeyPath, value: object) -> str:
    choices = _allowed(loc).split(", ")
    near = difflib.get_close_matches(str(value), choices, n=1, cutoff=_NEAR) if len(choices) > 1 else []
    return f"; nearest: {near[0]!r}" if near else ""


def _allowed(loc: KeyPath) -> str:
    """What may stand at a key."""
    if isinstance(loc[-1], int):
        parent = _allowed(loc[:-1]).removeprefix("a list of ")
        return {
            "globs": "a glob",
            "entries": f"an entry with {_names(_model_at(loc))}",
            "texts": "a text",
            "whole numbers": "a whole number",
        }.get(parent, parent)
    model = _model_at(loc[:-1])
    field = model.model_fields[loc[-1]] if model else None
    if field is None:
        return "nothing"
    section = model_in(field.annotation)
    text = allowed_text(field)
    return f"the keys {_names(section)} below it" if section and not text.startswith("a list") else text


def _names(model: type[BaseModel] | None) -> str:
    return ", ".join(model.model_fields) if model else ""


def _model_at(loc: KeyPath) -> type[BaseModel] | None:
    """The model that a key holds, by itself or as the items of its list."""
    model: type[BaseModel] | None = Policy
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model else None
        model = model_in(field.annotation) if field else None
    return model

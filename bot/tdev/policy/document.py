"""A policy file's text as plain values, each with its line and column. Pure; YAML without its surprises.

No aliases, no tags, one document, no repeated keys, plain decimal numbers, a bounded size and depth: the file comes
from the repository that is worked on, so it may be hostile, and what one reader sees in it all must see.
Only PyYAML's safe loader is used, and only to compose nodes; their values are made in policy/yaml_values.py.
Meaning is none of this module's business: policy/check.py compares the values with the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tdev.policy.problems import KeyPath, Place, PolicyProblems, Problem, shown
from tdev.policy.yaml_values import ValueReader, is_null, place_at, place_of

MAX_BYTES = 65_536
"""Largest policy file."""
MAX_DEPTH = 12
"""Deepest nesting."""


@dataclass(frozen=True)
class Document:
    """What a file says, and where it says it."""

    data: Mapping[str, object]
    """Plain values: mappings, lists, text, numbers, booleans, None."""
    places: Mapping[KeyPath, Place] = field(default_factory=dict)
    """Where each key (in a list: each item) stands."""


def read_document(text: str) -> Document:
    """The document in a text; an empty one (or one of comments alone) has no keys. Raises PolicyProblems."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PolicyProblems((Problem(Place(1, 1), f"the file is larger than {MAX_BYTES // 1024} KiB"),))
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise PolicyProblems((Problem(place, "there is a character that YAML does not allow"),)) from error
    except yaml.MarkedYAMLError as error:
        raise PolicyProblems((_syntax_problem(error),)) from error
    if node is None or is_null(node):
        return Document({})
    if not isinstance(node, yaml.MappingNode):
        raise PolicyProblems((Problem(place_of(node), "the file must hold keys and values, such as `engine: auto`"),))
    reader = ValueReader()
    data = reader.mapping(node, ())
    if reader.problems:
        raise PolicyProblems(tuple(reader.problems))
    return Document(data, reader.places)


class _Loader(yaml.SafeLoader):
    """Refuses what could be costly or surprising before anything is built of it."""

    _depth = _documents = 0

    def get_event(self) -> Any:
        """The next event; raises PolicyProblems where it is one that no policy may have."""
        event = super().get_event()  # type: ignore[no-untyped-call]
        self._depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        self._documents += isinstance(event, yaml.DocumentStartEvent)
        message = ""
        if self._depth > MAX_DEPTH:
            message = f"it is nested deeper than {MAX_DEPTH} levels"
        elif self._documents > 1:
            message = "there is a second YAML document; a policy file has one"
        elif isinstance(event, yaml.AliasEvent):
            message = f"aliases (*{event.anchor}) are not allowed; write the value out"
        elif getattr(event, "tag", None) is not None:
            message = "tags (!name) are not allowed; write a plain value"
        if message:
            raise PolicyProblems((Problem(place_at(event.start_mark), message),))
        return event


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(
        place_at(error.problem_mark or error.context_mark), f"this is not YAML: {shown(what, 160).strip(chr(39))}"
    )

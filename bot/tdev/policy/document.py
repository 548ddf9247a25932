"""A policy file's text as plain values, each with its line and column. Pure; YAML without its surprises.

No aliases, no tags, one document, no repeated keys, plain decimal numbers, a bounded size and depth: the file comes
from the repository that is worked on, so it may be hostile, and what one reader sees in it all must see.
Only PyYAML's safe loader is used, and only to compose nodes; the values are made here.
Meaning is none of this module's business: policy/check.py compares the values with the models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

MAX_BYTES = 65_536
"""Largest policy file."""
MAX_DEPTH = 12
"""Deepest nesting."""
_STANDARD = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})?\.?[0-9]{0,17}([eE][-+]?[0-9]{1,2})?")
KeyPath = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something stands in a file, both 1-based."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a policy file."""

    place: Place
    """Where."""
    message: str
    """What, in one sentence without its full stop."""
    key: str = ""
    """Dotted key it is about; empty for the file as a whole."""

    def at(self, source: str) -> str:
        """`FILE:LINE:COLUMN: what is wrong`."""
        return f"{source}:{self.place.line}:{self.place.column}: {self.message}"


class PolicyProblems(Exception):
    """A policy file is wrong; adapters/policy_file.py turns it into a ConfigurationError that names the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


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
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise PolicyProblems((Problem(place, "there is a character that YAML does not allow"),)) from error
    except yaml.MarkedYAMLError as error:
        raise PolicyProblems((_syntax_problem(error),)) from error
    if node is None or _is_null(node):
        return Document({})
    if not isinstance(node, yaml.MappingNode):
        raise PolicyProblems((Problem(_place(node), "the file must hold keys and values, such as `engine: auto`"),))
    reader = _Reader()
    data = reader.mapping(node, ())
    if reader.problems:
        raise PolicyProblems(tuple(reader.problems))
    return Document(data, reader.places)


def _check_events(text: str) -> None:
    """Refuse what could be costly or surprising before anything is built of it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        message = ""
        if depth > MAX_DEPTH:
            message = f"it is nested deeper than {MAX_DEPTH} levels"
        elif documents > 1:
            message = "there is a second YAML document; a policy file has one"
        elif isinstance(event, yaml.AliasEvent):
            message = f"aliases (*{event.anchor}) are not allowed; write the value out"
        elif getattr(event, "tag", None) is not None:
            message = "tags (!name) are not allowed; write a plain value"
        if message:
            raise PolicyProblems((Problem(_at(event.start_mark), message),))


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(
        _at(error.problem_mark or error.context_mark), f"this is not YAML: {shown(what, 160).strip(chr(39))}"
    )


def shown(value: object, limit: int = 60) -> str:
    """A value from outside as it may stand in a message: quoted, nothing hidden, not long."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 2]}…{text[-1]}"


def _place(node: yaml.Node) -> Place:
    return _at(node.start_mark)


def _at(mark: Any) -> Place:
    """A place as PyYAML gives it, counted from 1; the start of the file where it gives none."""
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_STANDARD}null"


class _Reader:
    """Builds plain values and notes where they stand and what is wrong."""

    def __init__(self) -> None:
        self.places: dict[KeyPath, Place] = {}
        self.problems: list[Problem] = []

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        """A mapping's values by key."""
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._wrong(key_node, path, "a key must be a plain word")
                continue
            name = key_node.value
            if name in data:
                first = self.places[(*path, name)]
                self._wrong(key_node, (*path, name), f"{shown(name)} is given twice, first in line {first.line}")
                continue
            self.places[(*path, name)] = _place(key_node)
            data[name] = self.value(value_node, (*path, name))
        return data

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        """Any node's value."""
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for number, item in enumerate(node.value):
                self.places[(*path, number)] = _place(item)
                items.append(self.value(item, (*path, number)))
            return items
        return self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else None

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> object:
        kind, text = node.tag.removeprefix(_STANDARD), node.value
        if kind == "null":
            return None
        if kind == "bool":
            if text.lower() not in _WORDS:
                self._wrong(node, path, f"{shown(text)} is read as true or false by YAML; write true, false or quotes")
            return _WORDS.get(text.lower(), False)
        if kind == "int" and not _INTEGER.fullmatch(text):
            self._wrong(node, path, f"{shown(text)} is not a plain decimal number")
            return 0
        if kind == "float" and not _DECIMAL.fullmatch(text):
            self._wrong(node, path, f"{shown(text)} is not a plain decimal number")
            return 0.0
        if kind in ("int", "float"):
            digits = text.replace("_", "")
            return int(digits) if kind == "int" else float(digits)
        return text

    def _wrong(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(_place(node), message, dotted(path)))


def dotted(path: KeyPath) -> str:
    """`gates.tests.coverage_drop`, `waivers[0].reason`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text

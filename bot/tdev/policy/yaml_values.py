"""YAML nodes as plain values, with the place of each key and without YAML's surprises.

YAML 1.1 reads `yes` as true, `010` as eight and `1:30` as ninety (https://yaml.org/type/). A policy must not depend on
that, so only `true` and `false`, plain decimal numbers and texts pass; all else is a problem with its place.
A key given twice is a problem too: parsers differ in which one they take. Reading goes on after a problem, so that a
person sees all of them at once.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from tdev.policy.problems import KeyPath, Place, Problem, dotted, shown

_STANDARD = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})?\.?[0-9]{0,17}([eE][-+]?[0-9]{1,2})?")


def place_of(node: yaml.Node) -> Place:
    """Where a node begins."""
    return place_at(node.start_mark)


def place_at(mark: Any) -> Place:
    """A place as PyYAML gives it, counted from 1; the start of the file where it gives none."""
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def is_null(node: yaml.Node) -> bool:
    """True for an empty value."""
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_STANDARD}null"


class ValueReader:
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
            self.places[(*path, name)] = place_of(key_node)
            data[name] = self.value(value_node, (*path, name))
        return data

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        """Any node's value."""
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for number, item in enumerate(node.value):
                self.places[(*path, number)] = place_of(item)
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
        self.problems.append(Problem(place_of(node), message, dotted(path)))

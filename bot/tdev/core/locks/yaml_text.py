"""YAML of lock files as plain tables, lists and texts: `1.10` is no number, and nothing is made of tags.

Built from the parser's events, without recursion: libyaml's own composer ends the whole process on a file that is
nested deeply enough. Anchors are refused, since no package manager writes them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's where PyYAML has it: it is several times as fast."""
_DEEPEST = 50


def documents_of(text: str) -> list[dict[str, Any]]:
    """The tables in a file, one per document; raises ValueError for anything else."""
    try:
        documents = list(_documents(yaml.parse(text, Loader=_LOADER)))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from error
    if not documents or not all(isinstance(each, dict) for each in documents):
        raise ValueError("it is no table")
    return documents


def _documents(events: Iterator[yaml.Event]) -> Iterator[Any]:
    """The value of each document."""
    open_: list[list[Any]] = [[]]
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ValueError("it has anchors")
        if isinstance(event, yaml.ScalarEvent):
            open_[-1].append(event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append([])
            if len(open_) > _DEEPEST:
                raise ValueError("it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            values = open_.pop()
            open_[-1].append(_table(values) if isinstance(event, yaml.MappingEndEvent) else values)
        elif isinstance(event, yaml.DocumentEndEvent):
            yield open_[-1].pop()


def _table(values: list[Any]) -> dict[str, Any]:
    """Keys and values in turn as a table."""
    keys = values[::2]
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("a key is no text")
    if len(set(keys)) < len(keys):
        raise ValueError("a key stands there twice")
    return dict(zip(keys, values[1::2], strict=True))

"""Lists in TOML settings that name less than before: rules a checker looks for, files that are measured.

In go two texts of one file, out come sentences. A list that is gone as a whole counts where its default is smaller.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

_LISTS = ("select", "extend-select", "enable", "enable_error_code", "source", "files", "packages", "testpaths")
_FEW_BY_DEFAULT = ("select", "extend-select", "enable", "enable_error_code")
_TOOLS = "tool"


def narrowed(before: str, after: str) -> Iterator[str]:
    """What is no longer named, one sentence per list; nothing where a side is no TOML."""
    old, new = _lists(before), _lists(after)
    for name, values in old.items():
        now = new.get(name)
        if now is None:
            key = name.rpartition(".")[2]
            if key in _FEW_BY_DEFAULT and not any(each.endswith(f".{key}") for each in new):
                yield f"{name} is gone"
            continue
        gone = sorted(value for value in values if not _covered(value, now))
        if gone and now:
            yield f"{name} no longer names {', '.join(gone)}"


def _covered(value: str, now: frozenset[str]) -> bool:
    """True when a value, or one that it begins with, is still named."""
    return "ALL" in now or "." in now or any(value.startswith(each) for each in now)


def _lists(text: str) -> dict[str, frozenset[str]]:
    """The lists of texts in the settings of tools, by dotted name."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    tools = document.get(_TOOLS, document)
    return dict(_walk(tools, _TOOLS)) if isinstance(tools, Mapping) else {}


def _walk(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, Mapping):
            yield from _walk(value, name)
        elif isinstance(value, list) and key in _LISTS:
            yield name, frozenset(each for each in value if isinstance(each, str))

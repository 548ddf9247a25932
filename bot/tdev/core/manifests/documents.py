"""TOML, INI and JSON documents as plain tables, whatever their authors put where a table ought to be.

`parse_toml` and `parse_ini` take what can't be parsed for empty: for readers who describe a project or leave the
complaint to an installer. The audit of a change uses the parsers of the standard library directly, and their errors
with them (core/manifests/readers.py).
Files come from repositories of strangers: deep nesting must end here and not in a crash.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Mapping
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """The document; empty when it can't be parsed."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def strict_ini(text: str) -> configparser.ConfigParser:
    """The document, percent signs taken as they are; raises configparser.Error."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def parse_ini(text: str) -> configparser.ConfigParser:
    """The document; empty when it can't be parsed."""
    try:
        return strict_ini(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)


def table(parent: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table at a path of keys; empty when something on the way is absent or no table."""
    value: Any = parent
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, dict) else {}


def tables(parent: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of tables; empty when it is absent or something else."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

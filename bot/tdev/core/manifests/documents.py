"""TOML, INI and Python documents, read without failing: what can't be parsed is empty.

Line numbers are found by searching for the text as written, since neither parser keeps places; the first line that
holds it wins. Files come from repositories of strangers: deep nesting and odd syntax must end here, in an empty
document, and a setup.py is parsed but never run.
"""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Iterator
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """The document; empty when it can't be parsed."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def parse_ini(text: str) -> configparser.ConfigParser:
    """The document; empty when it can't be parsed."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser


def value_at(document: Any, *keys: str) -> Any:
    """The value at a path of keys; None when something on the way is absent or no table."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def setup_arguments(text: str, wanted: str) -> Iterator[tuple[str, Any]]:
    """Literal keyword arguments of that name, in any call of a Python file."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == wanted:
            try:
                yield wanted, ast.literal_eval(node.value)
            except (ValueError, TypeError, RecursionError, MemoryError):
                continue


def line_of(text: str, piece: str) -> int:
    """1-based line on which a piece of text first stands; 0 when it does not."""
    at = text.find(piece) if piece else -1
    if at < 0 and '"' in piece:
        at = text.find(piece.replace('"', '\\"'))
    return text.count("\n", 0, at) + 1 if at >= 0 else 0

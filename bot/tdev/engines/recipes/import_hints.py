"""How a project wants its imports sorted, read as data from its isort and ruff settings: only what is listed here.

Comes in: configuration files of the project. Goes out: options for `ruff --config`. The project's
configuration is not handed to ruff as it is: it could select rules, exclude files or reach outside.

Values are taken only when they have the form of a module name, a folder, a switch or a sensible
length. The keys are in the documentation of ruff and of isort.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from tdev.engines.engine import Job
from tdev.engines.recipes.source_files import is_plain_file

FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", ".isort.cfg", "tox.ini")
DEFAULTS: Mapping[str, object] = {"src": [".", "src"], "line-length": 88}
_MAX_BYTES = 1_000_000
_MODULE = re.compile(r"[A-Za-z_][\w.*]*")
_FOLDER = re.compile(r"[\w][\w./-]*")
_RUFF_LISTS = ("known-first-party", "known-third-party", "known-local-folder", "extra-standard-library")
_RUFF_SWITCHES = ("force-single-line", "force-sort-within-sections", "combine-as-imports", "order-by-type")
_ISORT_LISTS = {"known_first_party": "known-first-party", "known_third_party": "known-third-party"}
_ISORT_SWITCHES = {
    "force_single_line": "force-single-line",
    "force_sort_within_sections": "force-sort-within-sections",
    "combine_as_imports": "combine-as-imports",
    "order_by_type": "order-by-type",
}


def import_options(job: Job) -> dict[str, object]:
    """Settings of ruff for sorting this project's imports; later files in FILES win over earlier ones."""
    options = dict(DEFAULTS)
    for name in FILES:
        if is_plain_file(job.project, name):
            with (job.project / name).open("rb") as file:
                options.update(hints(name, file.read(_MAX_BYTES).decode("utf-8", "replace")))
    return options


def hints(name: str, text: str) -> dict[str, object]:
    """The settings one file gives; pure. What can't be parsed, or is of the wrong kind, gives none."""
    if name == "pyproject.toml":
        tool = _table(_toml(text), "tool")
        return _of_isort(_table(tool, "isort")) | _of_ruff(_table(tool, "ruff"))
    if name.endswith("ruff.toml"):
        return _of_ruff(_toml(text))
    section = "settings" if name == ".isort.cfg" else "isort"
    return _of_isort(_section(text, section))


def _of_ruff(table: Mapping[str, Any]) -> dict[str, object]:
    found = _line_length(table.get("line-length"))
    if folders := _words(table.get("src"), _FOLDER):
        found["src"] = folders
    isort = _table(_table(table, "lint"), "isort") or _table(table, "isort")
    for key in _RUFF_LISTS:
        if names := _words(isort.get(key), _MODULE):
            found[f"lint.isort.{key}"] = names
    found.update({f"lint.isort.{key}": isort[key] for key in _RUFF_SWITCHES if isinstance(isort.get(key), bool)})
    return found


def _of_isort(table: Mapping[str, Any]) -> dict[str, object]:
    found = _line_length(table.get("line_length"))
    if folders := _words(table.get("src_paths"), _FOLDER):
        found["src"] = folders
    for key, ours in _ISORT_LISTS.items():
        if names := _words(table.get(key), _MODULE):
            found[f"lint.isort.{ours}"] = names
    for key, ours in _ISORT_SWITCHES.items():
        value = str(table.get(key, "")).strip().lower()
        if value in ("true", "1", "yes", "on", "false", "0", "no", "off"):
            found[f"lint.isort.{ours}"] = value in ("true", "1", "yes", "on")
    return found


def _line_length(value: Any) -> dict[str, object]:
    text = str(value).strip()
    return {"line-length": int(text)} if text.isdecimal() and 20 <= int(text) <= 320 else {}


def _words(value: Any, allowed: re.Pattern[str]) -> list[str]:
    """A list, or a text with commas or lines, as those of its words that have the allowed form."""
    words = value if isinstance(value, list) else re.split(r"[,\s]+", value) if isinstance(value, str) else []
    kept = [word for word in words if isinstance(word, str) and allowed.fullmatch(word) and ".." not in word]
    return sorted(dict.fromkeys(kept))


def _table(parent: Any, key: str) -> dict[str, Any]:
    value = parent.get(key) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else {}


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _section(text: str, section: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
        return dict(parser.items(section)) if parser.has_section(section) else {}
    except configparser.Error:
        return {}

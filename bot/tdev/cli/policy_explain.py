"""`tdev policy explain`: what holds for a repository, key by key, with its origin, meaning and limits.

Called by cli/policy.py. Comes in: a repository and perhaps a key or a section. Goes out: one line
per key, or a paragraph for each where somebody asked for it by name; with `--json` all that is
known.

It reads the committed file, as a run would. A key that does not exist is answered with the nearest
one. Nothing about keys is written here: name, default, meaning and limits come from policy/keys.py.
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tdev.adapters import policy_file
from tdev.adapters.git import open_repository
from tdev.adapters.policy_file import InForce, PolicyFile
from tdev.errors import ConfigurationError, ExitCode, Refused
from tdev.policy.keys import Key, keys
from tdev.policy.model import Policy
from tdev.policy.problems import shown
from tdev.settings import Settings

_BUILT_IN = "built in"


def print_explanation(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print what holds; raises ConfigurationError when there is no such key."""
    keys = _asked(arguments.key)
    force = policy_file.in_force(settings, _committed(settings, arguments.repo))
    rows = [_row(key, force) for key in keys]
    if arguments.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return ExitCode.OK
    lines = _long(rows) if arguments.key else _short(rows)
    print("\n".join(lines))
    return ExitCode.OK


def _committed(settings: Settings, folder: Path) -> PolicyFile | None:
    """The file as a run would read it: committed. None when there is none, or the current folder is no repository."""
    try:
        git = open_repository(folder, settings.child_environment)
    except Refused:
        if folder != Path():
            raise
        return None
    return policy_file.committed(git, git.commit_of("HEAD"))


def _asked(name: str) -> list[Key]:
    """The key of that name and all below it; raises ConfigurationError when there is none."""
    if not name:
        return [key for key in keys() if not key.section and "[]" not in key.name]
    found = [key for key in keys() if key.name == name or key.name.startswith((f"{name}.", f"{name}[]"))]
    if found:
        return [key for key in found if not key.section]
    names = {key.name.rpartition(".")[2]: key.name for key in keys()}
    close = difflib.get_close_matches(name.rpartition(".")[2], names, n=1, cutoff=0.4)
    near = names[close[0]] if close else ""
    raise ConfigurationError(
        f"There is no key {shown(name)} in a policy.",
        next_step=f"Did you mean {near}?" if near else "`tdev policy explain` shows all keys.",
    )


def _row(key: Key, force: InForce) -> dict[str, object]:
    """All there is to say about a key."""
    origin = force.origin(key.name)
    return {
        "key": key.name,
        "value": _value(key.name, force.policy),
        "source": origin.source if origin else _BUILT_IN,
        "line": origin.place.line if origin else 0,
        "column": origin.place.column if origin else 0,
        "default": key.default,
        "meaning": key.meaning,
        "allowed": key.allowed,
    }


def _value(name: str, policy: Policy) -> object:
    """The value in force; None for a key of a list's items, which has one per item."""
    value: object = policy.model_dump(mode="json")
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _where(row: Mapping[str, object]) -> str:
    return f"{row['source']}:{row['line']}" if row["line"] else str(row["source"])


def _text(value: object) -> str:
    """The value on one line; the entries of a list as a table."""
    entries = _entries(value)
    if not entries:
        return json.dumps(value, ensure_ascii=False)
    columns = list(dict.fromkeys(name for entry in entries for name in entry))
    table = [columns, *([_cell(entry.get(name, "")) for name in columns] for entry in entries)]
    widths = [max(len(row[place]) for row in table) for place in range(len(columns))]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)
    return "\n" + "\n".join(f"    {line}" for line in lines)


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entries(value: object) -> list[Mapping[str, object]]:
    """The items of a list of mappings; empty for everything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _short(rows: list[dict[str, object]]) -> Iterator[str]:
    """One line per key."""
    width = max(len(str(row["key"])) for row in rows)
    for row in rows:
        many = _entries(row["value"])
        value = f"{len(many)} entries, `tdev policy explain {row['key']}` shows them" if many else _text(row["value"])
        yield f"{row['key']:{width}}  {value}  ({_where(row)})"


def _long(rows: list[dict[str, object]]) -> Iterator[str]:
    """A paragraph per key."""
    for number, row in enumerate(rows):
        if number:
            yield ""
        if "[]" in str(row["key"]):
            yield f"{row['key']}: in each entry"
        else:
            yield f"{row['key']} = {_text(row['value'])}"
            yield f"  set in   {_where(row)}"
            same = _entries(row["default"]) and row["value"] == row["default"]
            yield f"  default  {'the same' if same else _text(row['default'])}"
        yield f"  means    {row['meaning']}"
        yield f"  allowed  {row['allowed']}"

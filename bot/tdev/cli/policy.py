"""`tdev policy validate|explain`: is a policy file right, and what holds, from where, and what it means.

`validate` looks at the work tree, because one wants to know before the commit; `explain` looks at
the commit, because that is what a run obeys. Both say so in what they print.

The meaning of each key is not kept here: it comes from the docstrings of the policy models, as do
the JSON Schema and docs/policies.md.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tdev.adapters import policy_file
from tdev.adapters.git import open_repository
from tdev.adapters.policy_file import POLICY_PATH, InForce, PolicyFile
from tdev.cli.arguments import add_json, add_repository
from tdev.errors import ConfigurationError, ExitCode, Refused
from tdev.policy.document import shown
from tdev.policy.keys import KEYS, Key
from tdev.policy.model import Policy
from tdev.settings import Settings

_BUILT_IN = "built in"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    parts = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = "say everything that is wrong with a policy file, with line, column and what is allowed"
    validate = parts.add_parser("validate", help=text, description=text)
    validate.add_argument("file", nargs="?", type=Path, help=f"default: {POLICY_PATH} of the repository, as it is now")
    text = "show what holds for a repository, where it is set, what it means and what is allowed"
    explain = parts.add_parser("explain", help=text, description=text)
    explain.add_argument(
        "key", nargs="?", default="", help="e.g. gates.tests, or gates.tests.coverage_drop; default: all"
    )
    for sub in (validate, explain):
        add_repository(sub)
        add_json(sub)


def run(arguments: argparse.Namespace) -> int:
    """Validate or explain."""
    settings = Settings.from_environment()
    if arguments.action == "validate":
        return _validate(settings, arguments)
    return _explain(settings, arguments)


def _validate(settings: Settings, arguments: argparse.Namespace) -> int:
    file = policy_file.read_file(arguments.file) if arguments.file else _current(settings, arguments.repo)
    problems = policy_file.problems_of(file) if file else ()
    source = file.source if file else POLICY_PATH
    if arguments.json:
        rows = [
            {"line": one.place.line, "column": one.place.column, "key": one.key, "message": one.message}
            for one in problems
        ]
        print(json.dumps({"ok": not problems, "file": source if file else "", "problems": rows}, indent=2))
    elif problems:
        for one in problems:
            print(f"{one.at(source)}.", file=sys.stderr)
        print(f"tdev: {source} can't be used. docs/policies.md explains every key.", file=sys.stderr)
    elif file:
        print(f"{source} is right. `tdev policy explain` shows what holds with it once it is committed.")
    else:
        print(f"There is no {POLICY_PATH}, so the defaults hold. `tdev policy explain` shows them.")
    return ExitCode.CONFIGURATION if problems else ExitCode.OK


def _current(settings: Settings, folder: Path) -> PolicyFile | None:
    """The file in the work tree, committed or not; in a bare repository the one of HEAD."""
    git = open_repository(folder, settings.child_environment)
    if git.text("rev-parse", "--is-bare-repository") == "true":
        return policy_file.committed(git, git.commit_of("HEAD"))
    return policy_file.in_work_tree(git.folder)


def _explain(settings: Settings, arguments: argparse.Namespace) -> int:
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
        return [key for key in KEYS if not key.section and "[]" not in key.name]
    found = [key for key in KEYS if key.name == name or key.name.startswith((f"{name}.", f"{name}[]"))]
    if found:
        return [key for key in found if not key.section]
    names = {key.name.rpartition(".")[2]: key.name for key in KEYS}
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
    return json.dumps(value, ensure_ascii=False)


def _short(rows: list[dict[str, object]]) -> Iterator[str]:
    """One line per key."""
    width = max(len(str(row["key"])) for row in rows)
    for row in rows:
        yield f"{row['key']:{width}}  {_text(row['value'])}  ({_where(row)})"


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
            yield f"  default  {_text(row['default'])}"
        yield f"  means    {row['meaning']}"
        yield f"  allowed  {row['allowed']}"

"""`tdev policy validate|explain`: is a policy file right, and what holds, from where, and what it means.

`validate` looks at the work tree, because one wants to know before the commit; `explain` looks at
the commit, because that is what a run obeys. Both say so in what they print.

The meaning of each key is not kept here: it comes from the docstrings of the policy models, as do
the JSON Schema and docs/policies.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tdev.adapters import policy_file
from tdev.adapters.git import open_repository
from tdev.adapters.policy_file import POLICY_PATH, PolicyFile
from tdev.cli.arguments import add_json, add_repository
from tdev.cli.policy_explain import print_explanation
from tdev.errors import ExitCode
from tdev.settings import Settings


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
    return print_explanation(settings, arguments)


def _validate(settings: Settings, arguments: argparse.Namespace) -> int:
    file = policy_file.read_file(arguments.file) if arguments.file else _current(settings, arguments.repo)
    problems = policy_file.problems_of(settings, file) if file else ()
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

"""Writes docs/commands.md from the argument parsers and the exit codes; with --check, says whether it is current."""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from made_page import write_or_check

from tdev import errors
from tdev.cli.main import COMMANDS
from tdev.errors import ExitCode

FILE = Path(__file__).with_name("commands.md")
_HEAD = """\
# Commands

`tdev --help` lists the commands, `tdev COMMAND --help` the options of one. This page is made from the same source by
`make docs`.
"""


def main(words: list[str]) -> int:
    """Write the page, or compare it; 0, or 1 when it is out of date."""
    return write_or_check(FILE, page(), words, f"{len(COMMANDS)} commands, {len(ExitCode)} exit codes")


def page() -> str:
    """The page as it should be."""
    lines = [_HEAD, "| command | what it does |", "|---|---|"]
    lines += [f"| [`tdev {command.name}`](#tdev-{command.name}) | {command.help} |" for command in COMMANDS]
    lines += ["", *_exit_codes()]
    for command in COMMANDS:
        parser = argparse.ArgumentParser(prog=f"tdev {command.name}", add_help=False)
        command.load().configure(parser)
        lines += ["", f"## tdev {command.name}", "", f"{_sentence(command.help)}", *_section(parser)]
    return "\n".join(lines) + "\n"


def _exit_codes() -> Iterator[str]:
    """The table of exit codes, with the text that stands below each in errors.py."""
    yield "## Exit codes"
    yield ""
    yield "| code | name | meaning |"
    yield "|---:|---|---|"
    texts = _attribute_docstrings()
    for code in ExitCode:
        name = code.name.lower().replace("_", " ")
        yield f"| {code.value} | {name} | {texts.get(code.name, 'It is done.')} |"
    yield ""
    yield "With `--json` a command prints one JSON document on standard output whatever its exit code, except where the"
    yield "command line itself could not be read (2) and after Ctrl-C (130)."


def _attribute_docstrings() -> dict[str, str]:
    """Name -> the string that stands below it in the class body of ExitCode."""
    body = ast.parse(inspect.getsource(errors)).body
    made = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == "ExitCode").body
    return {
        statement.targets[0].id: str(following.value.value)
        for statement, following in pairwise(made)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }


def _section(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Usage and options of one parser, then of its sub-commands."""
    yield ""
    yield "```text"
    yield " ".join(
        (parser.prog, *(_in_usage(action) for action in parser._actions if "--help" not in action.option_strings))
    )
    yield "```"
    rows = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    shown = [action for action in rows if action.help != argparse.SUPPRESS and "--help" not in action.option_strings]
    if shown:
        yield ""
        yield "| argument | meaning |"
        yield "|---|---|"
        for action in shown:
            yield f"| {_spelling(action)} | {_meaning(action)} |"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield ""
                yield f"### {parser.prog} {name}"
                about = next((str(row.help) for row in action._choices_actions if row.dest == name), "")
                yield from ("", _sentence(about)) if about else ()
                yield from _section(sub)


def _in_usage(action: argparse.Action) -> str:
    """An argument as it stands in a usage line."""
    if isinstance(action, argparse._SubParsersAction):
        return str(action.metavar or "ACTION")
    text = _spelling(action).split(" or ")[-1].strip("`")
    if action.nargs == "*":
        return f"[{text} ...]"
    needed = action.required if action.option_strings else action.nargs != "?"
    return text if needed else f"[{text}]"


def _spelling(action: argparse.Action) -> str:
    """How an argument is written on the command line."""
    value = action.metavar if isinstance(action.metavar, str) else (action.dest if not action.option_strings else "")
    if action.option_strings and action.nargs != 0:
        value = value or ("/".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return f"`{value.upper() if not isinstance(action.metavar, str) else value}`"
    return " or ".join(
        f"`{option} {value}`" if value and action.nargs != 0 else f"`{option}`" for option in action.option_strings
    )


def _meaning(action: argparse.Action) -> str:
    """What it is for, and which values it takes."""
    text = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%").replace("|", "\\|")
    choices = "" if not action.choices or action.option_strings else f" One of: {', '.join(map(str, action.choices))}."
    needed = " Required." if action.option_strings and action.required else ""
    return f"{_sentence(text)}{choices}{needed}"


def _sentence(text: str) -> str:
    """The text with a capital letter and a full stop, unless it ends in code."""
    text = text.strip()
    first = text[:1].upper() + text[1:] if not text.startswith(("`", "tdev")) else text
    return first if first.endswith((".", ":", "!")) or not first else f"{first}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

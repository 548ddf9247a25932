"""`tdev prompts list|show|lint`: what models are told, how long it is, and whether it is as it should be.

The prompts are part of the package and never come from a repository; `show` prints one exactly as a model gets it,
with an empty data block or with one of its own examples.
"""

from __future__ import annotations

import argparse
import json
import sys

from tdev.cli.arguments import add_json
from tdev.errors import ConfigurationError, ExitCode
from tdev.policy.model import Policy
from tdev.prompts import library
from tdev.prompts.constraints import constraints
from tdev.prompts.context import Context, Figures, Rules
from tdev.prompts.document import Document, Kind
from tdev.prompts.lint import lint

_BOUNDARY = "0" * 32
"""Stands where each message has a random word of its own."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    parts = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = parts.add_parser("list", help="every prompt with its version and purpose")
    add_json(listing)
    showing = parts.add_parser("show", help="one prompt as a model gets it, with the default policy")
    showing.add_argument("name", metavar="GOAL", help="which; `tdev prompts list` names them")
    showing.add_argument("--example", default="", metavar="NAME", help="with the data of one of its examples")
    text = "check form, variables, examples and the data block of every prompt, and estimate its tokens"
    checking = parts.add_parser("lint", help=text, description=text)
    add_json(checking)


def run(arguments: argparse.Namespace) -> int:
    """Do it; lint ends with exit code 2 when a prompt is wrong."""
    return {"list": _list, "show": _show, "lint": _lint}[arguments.action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    fronts = [found.front for found in library.documents().values()]
    if arguments.json:
        keys = {"name", "version", "kind", "title", "summary", "scope", "acceptance"}
        print(json.dumps({"prompts": [front.model_dump(mode="json", include=keys) for front in fronts]}, indent=2))
        return ExitCode.OK
    for front in fronts:
        print(f"{front.name:22} {front.kind.value:8} v{front.version}  {front.summary}")
    return ExitCode.OK


def _show(arguments: argparse.Namespace) -> int:
    found = library.document(arguments.name)
    if found.front.kind is Kind.SYSTEM:
        sys.stdout.write(library.system(arguments.name))
    elif found.front.kind is Kind.FRAME:
        sys.stdout.write(found.body)
    else:
        sys.stdout.write(library.render(arguments.name, _context(found, arguments.example), _BOUNDARY).text)
    return ExitCode.OK


def _context(found: Document, example: str) -> Context:
    """The default policy's rules, with the data of an example; raises ConfigurationError for a name that is none."""
    policy = Policy()
    rules = Rules(figures=Figures.of(policy), constraints=constraints(policy, build=False))
    if not example:
        return Context(rules=rules)
    for each in found.front.examples:
        if each.name == example:
            return Context(rules=rules, data=each.context.data)
    names = ", ".join(repr(each.name) for each in found.front.examples) or "none"
    raise ConfigurationError(f"{found.front.name} has no example {example!r}.", next_step=f"Its examples: {names}.")


def _lint(arguments: argparse.Namespace) -> int:
    reports = lint()
    good = not any(report.problems for report in reports)
    if arguments.json:
        answer = {
            "ok": good,
            "estimate": f"UTF-8 bytes / {library.BYTES_PER_TOKEN}",
            "prompts": [report.model_dump(mode="json") for report in reports],
        }
        print(json.dumps(answer, indent=2))
        return ExitCode.OK if good else ExitCode.CONFIGURATION
    print(f"{'prompt':22} {'kind':8} {'body':>5} {'message':>8} {'+ system (cached)':>18}")
    for report in reports:
        message, cached = report.message_tokens or "-", report.cached_tokens or "-"
        print(f"{report.name:22} {report.kind.value:8} {report.tokens:5} {message:>8} {cached:>18}")
        for problem in report.problems:
            print(f"  {report.name}: {problem}", file=sys.stderr)
    print(f"Tokens are estimates: UTF-8 bytes / {library.BYTES_PER_TOKEN}, without the data a task brings.")
    return ExitCode.OK if good else ExitCode.CONFIGURATION

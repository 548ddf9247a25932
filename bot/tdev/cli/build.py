"""`tdev build TEXT`: a requirement becomes a branch that holds a tested service.

The form of a requirement is shown in docs/requirements.md; how it is read is the spec stage's
business. Here it is only fetched: from the argument, a file, or standard input, as UTF-8 with or
without a mark at its start. The exact limit on its length is the policy's; the one here only
protects our memory.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tdev.cli.arguments import add_run_options
from tdev.cli.carry_out import carry_out
from tdev.core.artifacts.goal import GoalKind
from tdev.errors import ConfigurationError, Refused

_MOST_BYTES = 16 * 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("text", nargs="?", default="", help="the requirement; docs/requirements.md shows its form")
    parser.add_argument("--file", type=Path, metavar="FILE", help="read the requirement from a file, or - for stdin")
    add_run_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build, and say how it went."""
    if arguments.text and arguments.file:
        raise ConfigurationError("Give the requirement as text or with --file, not both.")
    text = _read(arguments.file) if arguments.file else arguments.text
    return carry_out(GoalKind.BUILD, text, arguments)


def _read(file: Path) -> str:
    """The requirement's text; raises Refused when it can't be read as UTF-8."""
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES)
        else:
            with file.open("rb") as opened:
                data = opened.read(_MOST_BYTES)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise Refused(f"{file} can't be read: {error.strerror}.", next_step="Give a readable file.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not UTF-8 (byte {error.start}).", next_step="Save it as UTF-8.") from error

"""The `tdev` command: the table of commands, and the one place where errors become exit codes.

Only the module of the command that is used gets imported: `tdev --help` stays fast,
and a command whose packages are broken can't take the others down.

Below this file nothing is caught but what can be handled. A TdevError becomes one sentence and its
exit code; any other exception is a defect and keeps its traceback (exit code 1). SIGTERM and Ctrl-C
are treated alike, so that CI can stop a run without leaving programs behind.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NamedTuple, Protocol

from tdev import __version__
from tdev.errors import ExitCode, TdevError


class CommandModule(Protocol):
    """What a file under cli/ provides."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; the exit code."""


class Command(NamedTuple):
    """One row of the table; the module is imported only when the command is used."""

    name: str
    help: str
    load: Callable[[], CommandModule]


def _demo() -> CommandModule:
    from tdev.cli import demo

    return demo


def _build() -> CommandModule:
    from tdev.cli import build

    return build


def _evolve() -> CommandModule:
    from tdev.cli import evolve

    return evolve


def _run() -> CommandModule:
    from tdev.cli import run

    return run


def _stage() -> CommandModule:
    from tdev.cli import stage

    return stage


def _gate() -> CommandModule:
    from tdev.cli import gate

    return gate


def _job() -> CommandModule:
    from tdev.cli import job

    return job


def _token() -> CommandModule:
    from tdev.cli import token

    return token


def _policy() -> CommandModule:
    from tdev.cli import policy

    return policy


def _prompts() -> CommandModule:
    from tdev.cli import prompts

    return prompts


def _schema() -> CommandModule:
    from tdev.cli import schema

    return schema


def _serve() -> CommandModule:
    from tdev.cli import serve

    return serve


def _forge() -> CommandModule:
    from tdev.cli import forge

    return forge


def _exec() -> CommandModule:
    from tdev.cli import exec

    return exec


def _tools() -> CommandModule:
    from tdev.cli import tools

    return tools


def _doctor() -> CommandModule:
    from tdev.cli import doctor

    return doctor


COMMANDS: tuple[Command, ...] = (
    Command("demo", "see it work: a service is built and a real package made better", _demo),
    Command("build", "make a service from a requirement", _build),
    Command("evolve", "make a repository better, on a branch", _evolve),
    Command("run", "list, show, verify, resume and remove runs", _run),
    Command("stage", "do one stage on a run directory", _stage),
    Command("gate", "hold a repository's last change against the gates", _gate),
    Command("job", "one step of a GitHub workflow: a stage, publishing, judging", _job),
    Command("token", "the token that a job of a GitHub workflow writes with: make it, end it", _token),
    Command("policy", "check and explain a policy file", _policy),
    Command("prompts", "what models are told: list, show, check", _prompts),
    Command("exec", "run a command in the sandbox, if policy lets it; without --run, say so", _exec),
    Command("serve", "the bot: labels and comments on GitHub become runs", _serve),
    Command("forge", "a GitHub on loopback, for demo, development and tests", _forge),
    Command("schema", "write or check the published JSON Schemas", _schema),
    Command("tools", "the pinned outside programs", _tools),
    Command("doctor", "what this machine has and lacks for a run", _doctor),
)


def parser_for(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the arguments of only that command that `argv` names."""
    parser = argparse.ArgumentParser(
        prog="tdev",
        description="Label an issue, get a small, gated, explained pull request. Start with `tdev demo`.",
        epilog="Exit codes: 0 ok, 1 defect, 2 configuration, 3 refused, 4 gate failed, 5 budget, 6 transient, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"tdev {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in argv if not word.startswith("-")), "")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        if command.name == chosen:
            module = command.load()
            module.configure(sub)
            sub.set_defaults(function=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = parser_for(words).parse_args(words)
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return int(arguments.function(arguments))
    except TdevError as error:
        return _report(error, as_json=getattr(arguments, "json", False))
    except KeyboardInterrupt:
        print("tdev: interrupted.", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.OK


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C or a polite kill: stop the outside programs, then unwind."""
    from tdev.adapters import process

    process.stop_all()
    raise KeyboardInterrupt


def _report(error: TdevError, *, as_json: bool) -> int:
    """Say what went wrong, once, and return the exit code."""
    if as_json:
        answer = {"ok": False, "exit_code": int(error.exit_code), "error": error.message, "next_step": error.next_step}
        print(json.dumps(answer))
    print(f"tdev: {error}", file=sys.stderr)
    return int(error.exit_code)


if __name__ == "__main__":
    raise SystemExit(main())

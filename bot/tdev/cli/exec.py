"""`tdev exec -- PROGRAM ARGUMENT...`: the guarded runner, for people and for agents.

Without `--run` nothing is run: it says what would be, and the reasons. With `--run` the command runs in the sandbox,
inside the repository. Blocked programs are never run; what no row of policy fits needs `--approve`, which only a
person at a terminal can answer. The policy is the committed one.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path

from tdev.adapters import policy_file
from tdev.adapters.git import Git, open_repository
from tdev.adapters.guarded_exec import chunk, execute
from tdev.adapters.sandbox.cells import repository_cell
from tdev.adapters.sandbox.inside_environment import inside_environment
from tdev.adapters.tool_places import located, place_of
from tdev.cli.arguments import add_json, add_repository
from tdev.core.execution import Execution, Request
from tdev.errors import ConfigurationError, ExitCode, Refused
from tdev.policy.exec_rules import Judged, Standing, judge_exec, paths_of
from tdev.policy.model import Policy
from tdev.policy.tool_rules import SEARCH_PATH, ToolRules
from tdev.settings import Settings

_MOST_SECONDS = 86_400
_MOST_RETRIES = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_repository(parser)
    parser.add_argument("--run", action="store_true", help="run it (default: say what would be run, and why)")
    parser.add_argument("--cwd", type=Path, default=Path(), metavar="DIR", help="folder of the repository to run it in")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds; default: exec.seconds of the policy")
    parser.add_argument("--retries", type=int, metavar="N", help="tries after a passing failure; default: exec.retries")
    parser.add_argument("--key", default="", metavar="K", help="run at most once under this key, else give its result")
    parser.add_argument("--chunk", type=int, metavar="N", help="print piece N of the output kept under --key")
    parser.add_argument("--approve", action="store_true", help="ask at this terminal whether a risky command may run")
    add_json(parser)
    parser.add_argument("words", nargs="*", metavar="WORD", help="the program and its arguments, after --")


def run(arguments: argparse.Namespace) -> int:
    """Say what would be run, run it, or print a piece of an output."""
    settings = Settings.from_environment()
    if arguments.chunk is not None:
        return _print_chunk(settings, arguments)
    _check_arguments(arguments)
    git = open_repository(arguments.repo, settings.child_environment, settings.user_home)
    policy = policy_file.load_for(settings, git, git.commit_of("HEAD"))
    argv, cwd = tuple(arguments.words), _working_directory(git, arguments)
    judged = _judge(git, policy, argv, cwd)
    if not arguments.run:
        return _tell(judged, argv, cwd, as_json=arguments.json)
    _check_approval(judged, argv, approve=arguments.approve)
    request = Request(
        argv=argv,
        cwd=str(cwd),
        seconds=arguments.timeout or policy.exec.seconds,
        retries=policy.exec.retries if arguments.retries is None else arguments.retries,
    )
    cell = repository_cell(
        settings,
        git.folder,
        cwd=cwd,
        python=_python(),
        environment=inside_environment(settings, _python()),
        limits=policy.sandbox,
    )
    key = arguments.key or secrets.token_hex(8)
    result = execute(settings, cell, key, request, frozenset(policy.exec.transient))
    return _report(settings, result, as_json=arguments.json)


def _check_arguments(arguments: argparse.Namespace) -> None:
    if not arguments.words:
        raise ConfigurationError("There is no command.", next_step="Give it after --, as in `tdev exec -- git status`.")
    if any("\0" in word for word in arguments.words):
        raise ConfigurationError("A word of the command holds a NUL character.")
    seconds, retries = arguments.timeout, arguments.retries
    if seconds is not None and not 0 < seconds <= _MOST_SECONDS:
        raise ConfigurationError(f"--timeout is above 0 and at most {_MOST_SECONDS} seconds.")
    if retries is not None and not 0 <= retries <= _MOST_RETRIES:
        raise ConfigurationError(f"--retries is from 0 to {_MOST_RETRIES}.")


def _python() -> Path:
    return Path(sys.executable)


def _working_directory(git: Git, arguments: argparse.Namespace) -> Path:
    """The folder to run in, links followed; raises Refused when it is not inside the repository."""
    folder = Path(git.folder, arguments.cwd).resolve()
    root = git.folder.resolve()
    if not folder.is_relative_to(root) or not folder.is_dir() or ".git" in folder.relative_to(root).parts:
        raise Refused(f"{arguments.cwd} is no folder of the repository.", next_step="Give --cwd below its root.")
    return folder


def _judge(git: Git, policy: Policy, argv: tuple[str, ...], cwd: Path) -> Judged:
    root = git.folder.resolve()
    rules = ToolRules(
        root=str(root),
        tools=frozenset(),
        scope=policy.scope,
        agent=policy.agent,
        search_path=(str(_python().parent), *SEARCH_PATH),
    )
    places = {name: place_of(name, root, root, cwd) for name in paths_of(argv)}
    return judge_exec(argv, policy.exec, rules, {argv[0]: located(argv[0], rules)}, places)


def _tell(judged: Judged, argv: tuple[str, ...], cwd: Path, *, as_json: bool) -> int:
    """What would be run, and the reasons."""
    blocked = judged.standing is Standing.BLOCKED
    if as_json:
        fields = {"ok": not blocked, "standing": judged.standing.value, "argv": argv, "cwd": str(cwd)}
        print(json.dumps({**fields, "reason": judged.decision.reason, "reasons": judged.decision.lines()}))
    else:
        print(f"{judged.standing.value}: {' '.join(map(repr, argv))} in {cwd}")
        print("\n".join(f"  {line}" for line in judged.decision.lines()))
        print(
            {Standing.ALLOWED: "--run runs it.", Standing.RISKY: "It needs --run --approve."}.get(judged.standing, "")
        )
    return ExitCode.REFUSED if blocked else ExitCode.OK


def _check_approval(judged: Judged, argv: tuple[str, ...], *, approve: bool) -> None:
    """Raises Refused unless the command is allowed, or risky and approved by a person at this terminal."""
    if judged.standing is Standing.ALLOWED:
        return
    if judged.standing is Standing.BLOCKED:
        raise Refused(judged.decision.reason, next_step="It can't be approved either.")
    if not approve:
        raise Refused(judged.decision.reason, next_step="A person can approve it with --approve.")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("Only a person at a terminal can approve a command.")
    print(
        f"Not covered by policy: {judged.decision.reason}\nRun {' '.join(map(repr, argv))}? ", end="", file=sys.stderr
    )
    if input().strip() != "yes":
        raise Refused("It was not approved; only `yes` approves it.")


def _report(settings: Settings, result: Execution, *, as_json: bool) -> int:
    """The result, with the first piece of the output or, for people, all of it."""
    if as_json:
        first = chunk(settings, result.key, 1).decode("utf-8", "replace") if result.chunks else ""
        print(json.dumps({**result.model_dump(), "output": first}))
    else:
        for number in range(1, result.chunks + 1):
            sys.stdout.buffer.write(chunk(settings, result.key, number))
        sys.stdout.flush()
        print(_summary(result), file=sys.stderr)
    return result.exit_code if result.exit_code >= 0 else 128 - result.exit_code


def _summary(result: Execution) -> str:
    how = "was cancelled" if result.cancelled else "timed out" if result.timed_out else f"exit code {result.exit_code}"
    parts = [how, f"{result.duration_ms} ms", f"{result.bytes} bytes", f"tries: {result.tries}", f"key: {result.key}"]
    more = [f"stopped by {result.stopped_by}"] if result.stopped_by else []
    return "tdev exec: " + ", ".join([*parts, *more, *([result.detail] if result.detail else [])])


def _print_chunk(settings: Settings, arguments: argparse.Namespace) -> int:
    data = chunk(settings, arguments.key, arguments.chunk)
    if arguments.json:
        print(json.dumps({"key": arguments.key, "chunk": arguments.chunk, "output": data.decode("utf-8", "replace")}))
    else:
        sys.stdout.buffer.write(data)
    return ExitCode.OK

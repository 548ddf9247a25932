"""May a command line run? The line is parsed, and every program, word and file in it is judged on its own."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.shell.parse import read_script
from tdev.core.shell.script import Script
from tdev.policy.command_rules import judge_program, paths_in
from tdev.policy.decision import Decision, deny
from tdev.policy.tool_paths import judge_path
from tdev.policy.tool_rules import Call, ToolRules

_ARGUMENTS = frozenset({"command", "description", "timeout"})
_SWITCHES = frozenset({"run_in_background", "dangerouslyDisableSandbox"})
NOWHERE = "/dev/null"
"""What may be redirected to although it lies outside: it keeps nothing."""


def judge_line(call: Call, rules: ToolRules) -> Decision:
    """Whether the command line of a Bash call may run."""
    if reason := _why_arguments(call):
        return deny("arguments", reason)
    script = read_script(str(call.arguments.get("command") or ""))
    if script.problems:
        return Decision("command line", allowed=False, reason=script.problems[0])
    return Decision.all_of("command line", (*_programs(script, call, rules), *_files(script, call, rules)))


def line_paths(command: object) -> Iterator[str]:
    """Every path a command line could mean."""
    script = read_script(command) if isinstance(command, str) else Script()
    for each in script.commands:
        yield from paths_in(each)
    yield from (each.target.text for each in script.redirections)


def line_programs(command: object) -> Iterator[str]:
    """Every program a command line names."""
    script = read_script(command) if isinstance(command, str) else Script()
    yield from (each.program.text for each in script.commands)


def _why_arguments(call: Call) -> str:
    if switched := [name for name in _SWITCHES if call.arguments.get(name)]:
        return f"{switched[0]} is not available here."
    if more := sorted(set(call.arguments) - _ARGUMENTS - _SWITCHES):
        return f"The argument {more[0]!r} is not known here."
    return "" if isinstance(call.arguments.get("command"), str) else "Give a command."


def _programs(script: Script, call: Call, rules: ToolRules) -> Iterator[Decision]:
    places, bash = dict(call.places), rules.agent.bash
    for command in script.commands:
        yield judge_program(
            command,
            bash.programs,
            bash.variables,
            dict(call.programs),
            places,
            lambda name, writes: judge_path(name, places, rules, writes=writes),
        )


def _files(script: Script, call: Call, rules: ToolRules) -> Iterator[Decision]:
    for each in script.redirections:
        if each.target.text != NOWHERE:
            yield judge_path(each.target.text, dict(call.places), rules, writes=each.writes)

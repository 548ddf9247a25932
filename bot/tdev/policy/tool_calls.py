"""The one table of what each tool does, and the decision whether a call of it may go on.

Claude Code's own tools (asked by its hook, engines/claude/walls.py) and the tools of our MCP servers (asked by the
hook and by the servers themselves) are rows of the same table. A tool without a row is denied, and so is one that is
not offered. Facts about files and programs come with the call: see adapters/tool_places.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tdev.policy.decision import Decision, allow, deny
from tdev.policy.tool_paths import judge_path, readings
from tdev.policy.tool_rules import Call, ToolRules
from tdev.policy.tool_shell import judge_line, line_paths, line_programs

ANSWER_TOOL = "StructuredOutput"
"""The tool by which Claude Code hands over an answer that has a schema."""
_CLIMBS = re.compile(r"(^|[/\\{,])\.\.($|[/\\},])")
_REVISION = re.compile(r"(?:HEAD|[0-9a-f]{7,64}|tdev/auto/[a-z0-9][a-z0-9-]{0,99})(?:[~^][0-9]{0,4}){0,4}")


class Does(StrEnum):
    """What a tool does."""

    READS = "reads"
    SEARCHES = "searches"
    WRITES = "writes"
    RUNS = "runs"
    TELLS = "tells"
    """Says something to people, or hands over an answer."""


@dataclass(frozen=True)
class Row:
    """One tool."""

    does: Does
    """What it does with its paths."""
    paths: tuple[str, ...] = ()
    """Its arguments that are paths, or lists of paths."""
    optional: bool = False
    """It may be called without them."""
    judge: Callable[[Call, ToolRules], Decision] | None = None
    """What else must hold."""


def _judge_pattern(call: Call, rules: ToolRules) -> Decision:
    pattern = call.arguments.get("pattern")
    if not isinstance(pattern, str) or pattern.startswith(("/", "~", "\\")) or _CLIMBS.search(pattern):
        return deny("pattern", "Give the pattern relative to the repository, without `..`.")
    return allow("pattern")


def _judge_filter(call: Call, rules: ToolRules) -> Decision:
    pattern = call.arguments.get("glob", "")
    if not isinstance(pattern, str) or pattern.startswith(("/", "~")) or _CLIMBS.search(pattern):
        return deny("glob", "Give the glob relative to the repository, without `..`.")
    return allow("glob")


def _judge_answer(call: Call, rules: ToolRules) -> Decision:
    return allow("answer") if rules.answers else deny("answer", f"The tool {call.tool} is not available here.")


def _judge_revisions(call: Call, rules: ToolRules) -> Decision:
    for name in ("revision", "base", "head"):
        value = call.arguments.get(name) or "HEAD"
        if not isinstance(value, str) or not _REVISION.fullmatch(value):
            return deny(name, "A revision is HEAD, a commit id or a branch tdev/auto/…, perhaps with ~N or ^N.")
    return allow("revisions")


def _judge_task(call: Call, rules: ToolRules) -> Decision:
    names = [task.name for task in rules.agent.tasks]
    if call.arguments.get("task") in names:
        return allow(f"task {call.arguments['task']}")
    return deny("task", f"There is no such task; known: {', '.join(names) or 'none'}.")


TABLE: Mapping[str, Row] = {
    "Read": Row(Does.READS, ("file_path",)),
    "Grep": Row(Does.SEARCHES, ("path",), optional=True, judge=_judge_filter),
    "Glob": Row(Does.SEARCHES, ("path",), optional=True, judge=_judge_pattern),
    "Edit": Row(Does.WRITES, ("file_path",)),
    "MultiEdit": Row(Does.WRITES, ("file_path",)),
    "Write": Row(Does.WRITES, ("file_path",)),
    "NotebookEdit": Row(Does.WRITES, ("notebook_path",)),
    "Bash": Row(Does.RUNS, judge=judge_line),
    ANSWER_TOOL: Row(Does.TELLS, judge=_judge_answer),
    "mcp__fs__read": Row(Does.READS, ("path",)),
    "mcp__fs__list": Row(Does.SEARCHES, ("path",), optional=True),
    "mcp__fs__search": Row(Does.SEARCHES, ("path",), optional=True),
    "mcp__fs__write": Row(Does.WRITES, ("path",)),
    "mcp__fs__edit": Row(Does.WRITES, ("path",)),
    "mcp__git__status": Row(Does.READS),
    "mcp__git__diff": Row(Does.READS, ("paths",), optional=True, judge=_judge_revisions),
    "mcp__git__log": Row(Does.READS, ("paths",), optional=True, judge=_judge_revisions),
    "mcp__git__show": Row(Does.READS, ("paths",), optional=True, judge=_judge_revisions),
    "mcp__git__commit": Row(Does.WRITES, ("paths",), optional=True),
    "mcp__github__read": Row(Does.READS),
    "mcp__github__comment": Row(Does.TELLS),
    "mcp__runner__run": Row(Does.RUNS, ("path",), optional=True, judge=_judge_task),
}
"""Every tool that can ever be allowed."""


def decide(call: Call, rules: ToolRules) -> Decision:
    """Whether the call may go on, with the reasons."""
    row = TABLE.get(call.tool)
    if row is None or not offered(call.tool, rules):
        return deny(call.tool or "no tool", f"The tool {call.tool} is not available here.")
    children = [*_judge_paths(row, call, rules), *((row.judge(call, rules),) if row.judge else ())]
    return Decision.all_of(call.tool, children or (allow(f"it {row.does}"),))


def offered(tool: str, rules: ToolRules) -> bool:
    """True when the session has this tool at all."""
    server = server_of(tool)
    if server:
        return server in {each.value for each in rules.agent.servers}
    return tool in rules.tools or tool == ANSWER_TOOL


def server_of(tool: str) -> str:
    """The MCP server that a tool belongs to; empty for Claude Code's own tools."""
    parts = tool.split("__")
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""


def named_paths(tool: str, arguments: Mapping[str, object]) -> frozenset[str]:
    """Every path that must be looked at on disk before the call can be judged."""
    row = TABLE.get(tool)
    names = set(line_paths(arguments.get("command"))) if tool == "Bash" else set()
    for argument in row.paths if row else ():
        names |= {value for value in _listed(argument, arguments.get(argument)) if isinstance(value, str)}
    return frozenset(reading for name in names for reading in readings(name))


def named_programs(tool: str, arguments: Mapping[str, object]) -> frozenset[str]:
    """Every program that must be looked for before the call can be judged."""
    return frozenset(line_programs(arguments.get("command"))) if tool == "Bash" else frozenset()


def _listed(argument: str, value: object) -> list[object]:
    """The paths of an argument; only `paths` may be a list."""
    return list(value) if argument == "paths" and isinstance(value, list | tuple) else [value]


def _judge_paths(row: Row, call: Call, rules: ToolRules) -> Iterator[Decision]:
    for argument in row.paths:
        value = call.arguments.get(argument)
        if row.optional and (value is None or value in ([], ())):
            yield allow(f"no {argument}")
            continue
        for name in _listed(argument, value):
            yield judge_path(name, dict(call.places), rules, writes=row.does is Does.WRITES)

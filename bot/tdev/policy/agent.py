"""The policy section `agent`: which tools the model has, which servers, which programs, and which files it is told.

Data with its own checks; what a call must hold is in policy/tool_calls.py. Everything is off that is not named here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from tdev.core.artifacts.model import Model
from tdev.policy.blocked_programs import why_blocked
from tdev.policy.path_spelling import why_unfit


class BuiltIn(StrEnum):
    """Claude Code's own tools that policy may offer."""

    READ = "Read"
    EDIT = "Edit"
    WRITE = "Write"
    GREP = "Grep"
    GLOB = "Glob"
    MULTI_EDIT = "MultiEdit"
    NOTEBOOK_EDIT = "NotebookEdit"
    BASH = "Bash"
    """Needs programs in `agent.bash`, and each command line is judged."""


class Server(StrEnum):
    """Our MCP servers."""

    FS = "fs"
    """Read, list, search, write and edit files."""
    GIT = "git"
    """Status, diff, log, show, commit."""
    GITHUB = "github"
    """Read the goal's issue or pull request, and leave a comment for it."""
    RUNNER = "runner"
    """Run the named tasks of `agent.tasks`."""


class Takes(StrEnum):
    """What the words after a program's sub-command and flags are."""

    NOTHING = "nothing"
    """There may be none."""
    PATHS = "paths"
    """Each is a path inside the repository."""
    PATTERN = "pattern-and-paths"
    """The first is any text, the others are paths inside the repository."""
    TEXT = "text"
    """Any text that does not lead out of the repository."""


def _program_name(name: str) -> str:
    if not name or not all(char.isalnum() or char in "._+-" for char in name) or name.startswith(("-", ".")):
        raise ValueError("is not a program's bare name")
    if reason := why_blocked(name):
        raise ValueError(f"can never be allowed: {reason}")
    return name


def _file_name(path: str) -> str:
    if reason := why_unfit(path):
        raise ValueError(f"is not a file of the repository: {reason}")
    return path


def _variable(name: str) -> str:
    if not name.isidentifier() or not name.isascii():
        raise ValueError("is not a variable's name")
    if name.upper().startswith(_LOADER) or name.upper() in _STEERING:
        raise ValueError("can never be set: it decides which code a program loads")
    return name


_LOADER = ("LD_", "DYLD_", "BASH", "GIT_", "PYTHON", "NODE_", "PERL", "RUBY", "GCONV_", "SSH_", "ANTHROPIC_", "CLAUDE_")
_STEERING = frozenset({"PATH", "ENV", "IFS", "HOME", "SHELLOPTS", "PS4", "PROMPT_COMMAND", "EDITOR", "PAGER", "TMPDIR"})

ProgramName = Annotated[str, AfterValidator(_program_name)]
RepositoryFile = Annotated[str, AfterValidator(_file_name)]
VariableName = Annotated[str, AfterValidator(_variable)]


class Program(Model):
    """One program that may be run, and with which words."""

    name: ProgramName
    """Bare name; it is looked up in fixed folders, never in the repository."""
    subcommands: tuple[str, ...] = ()
    """Words one of which must come first, e.g. `status` or `-m pytest`; empty = none is asked for."""
    flags: tuple[str, ...] = ()
    """Flags that may be given, each spelled exactly; `--name=` allows a value, `-#` a number."""
    takes: Takes = Takes.PATHS
    """What its other words are."""
    writes: bool = False
    """It changes the paths it is given, so they must be inside the write scope."""


class Bash(Model):
    """What the tool Bash may run."""

    programs: tuple[Program, ...] = ()
    """Programs and the words each may get; all others are denied."""
    variables: tuple[VariableName, ...] = ()
    """Variables that may be set in front of a program."""


class NamedTask(Model):
    """A command that the model may start by its name alone."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    """How the model calls it, e.g. `test`."""
    argv: tuple[str, ...] = Field(min_length=1)
    """Its words, one each; `{python}` stands for the project's interpreter, and a word `{path}` for the given path."""
    seconds: int = Field(default=300, ge=1, le=3600)
    """Wall clock."""


class Agent(Model):
    """What the model may use."""

    tools: tuple[BuiltIn, ...] = (BuiltIn.READ, BuiltIn.EDIT, BuiltIn.WRITE, BuiltIn.GREP, BuiltIn.GLOB)
    """Claude Code's own tools that are offered."""
    servers: tuple[Server, ...] = ()
    """Our MCP servers that are offered: fs, git, github, runner."""
    bash: Bash = Bash()
    """What the tool Bash may run."""
    tasks: tuple[NamedTask, ...] = (
        NamedTask(name="test", argv=("{python}", "-m", "pytest", "-q", "-p", "no:cacheprovider", "{path}")),
    )
    """What the server `runner` may run, by name."""
    instructions: tuple[RepositoryFile, ...] = ()
    """Files whose committed text the model is told as the repository's own rules, e.g. CLAUDE.md."""

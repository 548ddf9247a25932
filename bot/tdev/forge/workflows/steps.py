"""The steps of a job, as the `stages` runner carries them out. Pure.

Comes in: a job of a workflow file. Goes out: steps; a ValueError with one sentence where there is anything this
runner can't do, before the first step has begun. A step runs `tdev` command lines, or is one of actions/checkout,
actions/upload-artifact and actions/download-artifact, which the runner does itself. A step that only brings `tdev`
(`uses: …/actions/setup@…`) says that it is there already, `…/actions/confine` that it is for GitHub's runners.

`run` takes no `${{ }}`, as values belong in `env`, and no shell: `$NAME` stands for a variable and stays one word,
whatever it holds; pipes, redirections, substitutions and other programs are refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from tdev.forge.workflows.expressions import check, check_condition
from tdev.forge.workflows.file import JobFile, minutes, variables

_SETUP = re.compile(r"[\w.-]+/[\w.-]+/actions/setup")
SETUP = "…/actions/setup"
_CONFINE = re.compile(r"[\w.-]+/[\w.-]+/actions/confine")
CONFINE = "…/actions/confine"
"""Our own action that installs `tdev`, from whichever repository."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SHELL = (
    (re.compile(r"`|\$\("), "a command in a command"),
    (re.compile(r"\\\$|'[^']*\$[^']*'"), "a $ that stands for itself"),
    (re.compile(r"\s#"), "a comment behind a command"),
    (re.compile(r"\$\{(?!\w+\})"), "this form of a variable"),
)
_OPERATORS = frozenset("();<>|&")
_ACTIONS = {
    "actions/checkout": frozenset(
        {"repository", "ref", "path", "token", "persist-credentials", "fetch-depth", "fetch-tags", "clean"}
    ),
    "actions/upload-artifact": frozenset(
        {"name", "path", "retention-days", "if-no-files-found", "include-hidden-files", "compression-level",
         "overwrite"}
    ),
    "actions/download-artifact": frozenset({"name", "path"}),
    SETUP: frozenset({"python"}),
    CONFINE: frozenset(),
}  # fmt: skip
_KEYS = frozenset({
    "id", "name", "if", "uses", "run", "with", "env", "working-directory", "timeout-minutes", "continue-on-error",
    "shell",
})  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a job; texts may hold expressions."""

    id: str
    name: str
    condition: str
    action: str
    """`actions/checkout` and so on; empty for a step that runs commands."""
    given: Mapping[str, str]
    """Its `with`."""
    commands: tuple[tuple[str, ...], ...]
    """Command lines, each beginning with `tdev`, their variables not yet replaced."""
    env: Mapping[str, str]
    folder: str
    """Its working-directory; empty for the job's."""
    minutes: float
    goes_on: str
    """`continue-on-error`: `true`, `false` or an expression."""


def steps_of(job: JobFile) -> tuple[Step, ...]:
    """The steps of a job."""
    if job.refused:
        raise ValueError(job.refused)
    for text in (*job.env.values(), *job.outputs.values()):
        check(text)
    steps = tuple(_step(step, job) for step in job.steps)
    if not steps:
        raise ValueError("The job has no steps: there is nothing this runner can do.")
    named = [step.id for step in steps if step.id]
    if len(set(named)) < len(named):
        raise ValueError("Two steps of the job have the same id.")
    return steps


def _step(step: Mapping[str, Any], job: JobFile) -> Step:
    """One step of the file."""
    uses = str(step.get("uses") or "")
    label = str(step.get("name") or uses or "?")
    if unknown := sorted(str(key) for key in step if key not in _KEYS):
        raise ValueError(f"This runner knows no `{unknown[0]}` in the step {label}.")
    if bool(uses) == bool(step.get("run")):
        raise ValueError(f"The step {label} must have either `uses` or `run`.")
    texts = variables({name: step.get(name) for name in ("name", "if", "working-directory", "continue-on-error")})
    given, env = variables(step.get("with")), variables(step.get("env"))
    check_condition(texts["if"])
    for text in (texts["name"], texts["working-directory"], *given.values(), *env.values()):
        check(text)
    action = _action(uses, given) if uses else ""
    commands = () if uses else _commands(str(step["run"]))
    return Step(
        id=str(step.get("id") or ""),
        name=texts["name"] or f"Run {uses or shlex.join(commands[0])}",
        condition=texts["if"],
        action=action,
        given=given,
        commands=commands,
        env=env,
        folder=texts["working-directory"] or job.folder,
        minutes=minutes(step.get("timeout-minutes"), job.minutes),
        goes_on=texts["continue-on-error"],
    )


def _action(uses: str, given: Mapping[str, str]) -> str:
    """The action a step uses, one of those the runner does itself."""
    name, _, version = uses.partition("@")
    if _SETUP.fullmatch(name):
        name = SETUP
    if _CONFINE.fullmatch(name):
        name = CONFINE
    if name not in _ACTIONS or not version:
        raise ValueError(f"This runner can't use {uses}; it has {', '.join(_ACTIONS)}.")
    if unknown := sorted(set(given) - _ACTIONS[name]):
        raise ValueError(f"This runner does not know the input `{unknown[0]}` of {name}.")
    if name == "actions/checkout" and given.get("persist-credentials") == "true":
        raise ValueError("This runner leaves no token in a checkout: say `persist-credentials: false`.")
    return name


def _commands(text: str) -> tuple[tuple[str, ...], ...]:
    """The command lines of a `run`."""
    if "${{" in text:
        raise ValueError("Values reach `run` through `env`, not through ${{ }}.")
    joined = text.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise ValueError("A `run` holds no command.")
    return tuple(_words(line) for line in lines)


def _words(line: str) -> tuple[str, ...]:
    """A command line cut into words, its variables left in."""
    for pattern, what in _SHELL:
        if pattern.search(line):
            raise ValueError(f"This runner has no shell, and does not know {what}: {line.strip()}")
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = tuple(lexer)
    except ValueError as error:
        raise ValueError(f"A quotation mark is open: {line.strip()}") from error
    if words[0] != "tdev":
        raise ValueError(f"This runner runs `tdev` commands only, not {words[0]}.")
    if signs := [word for word in words if word and set(word) <= _OPERATORS]:
        raise ValueError(f"This runner has no shell, and does not know {signs[0]}: {line.strip()}")
    return words


def filled(words: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """A command line with its variables replaced."""
    return tuple(
        _VARIABLE.sub(lambda found: environment.get(found.group(1) or found.group(2), ""), word) for word in words
    )


def outputs_in(text: str) -> dict[str, str]:
    """What a step says in GITHUB_OUTPUT: `name=value`, or `name<<END` with the value's lines before END."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        head, mark, end = line.partition("<<")
        if mark and "=" not in head:
            found[head] = "\n".join(takewhile(end.__ne__, lines))
        elif "=" in line:
            name, _, value = line.partition("=")
            found[name] = value
    return found

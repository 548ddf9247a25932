"""The steps of a job, as the `stages` runner carries them out. Pure.

Comes in: a job of a workflow file. Goes out: steps; a ValueError with one sentence where there is anything this
runner can't do, before the first step has begun. A step runs `tdev` command lines, or is one of actions/checkout,
actions/upload-artifact and actions/download-artifact, which the runner does itself. A step that only brings `tdev`
(`uses: …/actions/setup@…`) says that it is there already, `…/actions/confine` that it is for GitHub's runners. Any
other action of ours is read from its action.yml: a composite one has steps of the same kinds, a Node one two scripts.

`run` takes no `${{ }}`, as values belong in `env`, and no shell: `$NAME` stands for a variable and stays one word,
whatever it holds; pipes, redirections, substitutions and other programs are refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import yaml

from tdev.forge.workflows.expressions import check, check_condition
from tdev.forge.workflows.file import JobFile, minutes, variables

_OWN = re.compile(r"[\w.-]+/tdev/(actions/[\w-]+)")
"""Our own actions, of whichever owner."""
SETUP = "actions/setup"
CONFINE = "actions/confine"
OWN = "one of T-Developer's own actions"
Reader = Callable[[str], str | None]
"""Gives a file of T-Developer's repository by its path; None where there is none."""
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
    SETUP: frozenset({"python", "tools", "cache"}),
    CONFINE: frozenset(),
}  # fmt: skip
_KEYS = frozenset({
    "id", "name", "if", "uses", "run", "with", "env", "working-directory", "timeout-minutes", "continue-on-error",
    "shell",
})  # fmt: skip


@dataclass(frozen=True)
class OwnAction:
    """An action of ours, read."""

    path: str
    """Its folder below the root."""
    inputs: Mapping[str, str]
    """Input -> its default; may hold expressions."""
    outputs: Mapping[str, str]
    """Output -> expression over `steps`."""
    steps: tuple[Step, ...]
    main: str = ""
    """Script of a Node action, run at its place; empty for a composite one."""
    post: str = ""
    """Script of a Node action, run at the end of the job."""


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
    own: OwnAction | None = field(default=None, repr=False)
    """The action of ours that `action` is."""


def _nothing(path: str) -> str | None:
    return None


def steps_of(job: JobFile, read: Reader = _nothing) -> tuple[Step, ...]:
    """The steps of a job; `read` finds our own actions."""
    if job.refused:
        raise ValueError(job.refused)
    for text in (*job.env.values(), *job.outputs.values()):
        check(text)
    return _all_of(job.steps, job, read, "The job")


def _all_of(found: Sequence[Mapping[str, Any]], job: JobFile, read: Reader, whose: str) -> tuple[Step, ...]:
    """The steps of a job or of a composite action."""
    steps = tuple(_step(step, job, read) for step in found)
    if not steps:
        raise ValueError(f"{whose} has no steps: there is nothing this runner can do.")
    named = [step.id for step in steps if step.id]
    if len(set(named)) < len(named):
        raise ValueError(f"{whose} has two steps with the same id.")
    return steps


def _step(step: Mapping[str, Any], job: JobFile, read: Reader) -> Step:
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
    action, own = _action(uses, given, job, read) if uses else ("", None)
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
        own=own,
    )


def _action(uses: str, given: Mapping[str, str], job: JobFile, read: Reader) -> tuple[str, OwnAction | None]:
    """The action a step uses: one that the runner does itself, or one of ours."""
    name, _, version = uses.partition("@")
    path = found.group(1) if (found := _OWN.fullmatch(name)) else ""
    own = _own_action(path, job, read) if path and path not in _ACTIONS else None
    name = path if path in _ACTIONS else name
    if not version or (own is None and name not in _ACTIONS):
        raise ValueError(f"This runner can't use {uses}; it has {', '.join(_ACTIONS)}, and our own by their tag.")
    if unknown := sorted(set(given) - (own.inputs.keys() if own else _ACTIONS[name])):
        raise ValueError(f"This runner does not know the input `{unknown[0]}` of {name}.")
    if name == "actions/checkout" and given.get("persist-credentials") == "true":
        raise ValueError("This runner leaves no token in a checkout: say `persist-credentials: false`.")
    return (OWN, own) if own else (name, None)


def _own_action(path: str, job: JobFile, read: Reader) -> OwnAction | None:
    """An action of ours; None where there is none of that name."""
    text = read(f"{path}/action.yml")
    if text is None:
        return None
    document = yaml.safe_load(text)
    runs, outputs = document["runs"], document.get("outputs") or {}
    inputs = {str(name): (declared or {}).get("default") for name, declared in (document.get("inputs") or {}).items()}
    made = OwnAction(
        path=path,
        inputs=variables(inputs),
        outputs=variables({name: (declared or {}).get("value") for name, declared in outputs.items()}),
        steps=_all_of(runs["steps"], job, read, path) if runs["using"] == "composite" else (),
        main=str(runs.get("main") or ""),
        post=str(runs.get("post") or ""),
    )
    for text in (*made.inputs.values(), *made.outputs.values()):
        check(text)
    if not made.steps and not made.main:
        raise ValueError(f"This runner can't use {path}, which runs by {runs['using']}.")
    return made


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

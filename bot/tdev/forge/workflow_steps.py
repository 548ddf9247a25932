"""What the `stages` runner finds to do in a workflow: `tdev` command lines. Pure.

Comes in: a workflow file and the inputs of a run. Goes out: steps, each a name, a small environment and command
lines; a ValueError with one sentence where there is anything else to do. The input `commands` (one command line a
line) goes before the file. Of the file, `actions/checkout` is passed over, as the runner checks out by itself;
every line of a `run` must be a `tdev` command; `$NAME` stands for a variable of `env`, whose values may hold
`${{ inputs.name }}`. Conditions, matrices, outputs and other expressions are left out, and refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_INPUT = re.compile(r"(?:github\.event\.)?inputs\.([A-Za-z_][\w-]*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Step:
    """One step of a job."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Command lines, each beginning with `tdev`."""
    environment: Mapping[str, str]


def expand(text: str, inputs: Mapping[str, str]) -> str:
    """The text with `${{ inputs.name }}` replaced; ValueError for any other expression."""

    def value(found: re.Match[str]) -> str:
        name = _INPUT.fullmatch(found.group(1))
        if name is None:
            raise ValueError(f"This runner does not know the expression {found.group(0)}.")
        return inputs.get(name.group(1), "")

    return _EXPRESSION.sub(value, text)


def steps_of(document: Mapping[str, Any], inputs: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps of a run."""
    if inputs.get("commands", "").strip():
        lines = [line for line in inputs["commands"].splitlines() if line.strip()]
        return tuple(Step(line.strip(), (_words(line, {}),), {}) for line in lines)
    found: list[Step] = []
    for job in document["jobs"].values():
        if not isinstance(job, dict) or "if" in job or "strategy" in job or "uses" in job:
            raise ValueError("This runner knows no conditions, matrices and reusable workflows.")
        shared = {**_environment(document.get("env"), inputs), **_environment(job.get("env"), inputs)}
        found += [step for each in job.get("steps") or [] if (step := _step(each, shared, inputs)) is not None]
    if not found:
        raise ValueError("The workflow has no `tdev` command and was given none: there is nothing this runner can do.")
    return tuple(found)


def _step(step: Mapping[str, Any], shared: Mapping[str, str], inputs: Mapping[str, str]) -> Step | None:
    """A step of the file; None for the checkout."""
    uses = str(step.get("uses") or "")
    if uses.startswith("actions/checkout@"):
        return None
    if uses or "if" in step or not step.get("run"):
        raise ValueError(f"This runner can't do the step {step.get('name') or uses or '?'}.")
    environment = {**shared, **_environment(step.get("env"), inputs)}
    text = str(step["run"]).replace("\\\n", " ")
    if "${{" in text:
        raise ValueError("Inputs reach `run` through `env`, not through ${{ }}.")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    name = expand(str(step.get("name") or lines[0].strip()), inputs)
    return Step(name, tuple(_words(line, environment) for line in lines), environment)


def _environment(declared: object, inputs: Mapping[str, str]) -> dict[str, str]:
    """An `env` with its expressions replaced."""
    values = declared if isinstance(declared, dict) else {}
    return {str(name): expand("" if value is None else str(value), inputs) for name, value in values.items()}


def _words(line: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """A command line cut into words; a variable stays one word, whatever it holds."""
    words = shlex.split(line)
    if words[0] != "tdev":
        raise ValueError(f"This runner runs `tdev` commands only, not {words[0]}.")
    return tuple(
        _VARIABLE.sub(lambda found: environment.get(found.group(1) or found.group(2), ""), word) for word in words
    )

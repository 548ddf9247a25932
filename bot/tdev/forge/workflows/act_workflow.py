"""One job as workflow files that act can run on its own. Pure.

Comes in: a job of a workflow file, its contexts. Goes out: two files. `main.yml` calls `job.yml` with the inputs the
job sees; `job.yml` holds the job, a stub for each job it needs that ends as that one did and has its outputs, and a job
that writes down the outputs of ours.

act reads the value of a variable once more for `${{ }}`, which GitHub does not. So values stand in these files as texts
within expressions, and data that holds `${{` is refused: it could name a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from tdev.forge.workflows.file import JobFile

OUTPUTS = "FORGE_OUTPUTS"
"""The variable that names the file which gets the job's outputs."""
TELL = "forge-outputs"
_OPENS = "${{"
_SECRET = re.compile(r"secrets\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*'([A-Za-z_]\w*)'\s*\])", re.IGNORECASE)
_EVENT = re.compile(r"github\s*\.\s*event(?![\w-])((?:\.[A-Za-z_][\w-]*)*)", re.IGNORECASE)
_KINDS: Mapping[type, str] = {bool: "boolean", int: "number", float: "number"}


def literal(text: str) -> str:
    """An expression that comes to this text, whatever it holds."""
    return "${{ '" + text.replace("'", "''") + "' }}"


def check_data(job: JobFile, contexts: Mapping[str, Any], event: Mapping[str, Any], actions: Sequence[str]) -> None:
    """Raise ValueError when data holds what act would take for an expression.

    Of the event only what the job or the texts of the actions it uses name.
    """
    data: dict[str, Any] = {name: contexts[name] for name in ("github", "inputs", "needs", "vars")}
    data["github"] = {name: value for name, value in contexts["github"].items() if name != "event"}
    for path in sorted({path for text in _texts(job, actions) for path in _EVENT.findall(text)}):
        data[f"github.event{path}"] = _at(event, path)
    for name, value in data.items():
        if _OPENS in json.dumps(value, ensure_ascii=False):
            raise ValueError(f"act would evaluate the ${{{{ in {name}: only the forge's own runner can do this.")


def _texts(job: JobFile, actions: Sequence[str]) -> tuple[str, ...]:
    """All that may hold expressions of a job and the actions it uses."""
    return (json.dumps([*job.steps, dict(job.env), dict(job.outputs)], ensure_ascii=False), *actions)


def _at(event: Mapping[str, Any], path: str) -> Any:
    """The part of an event at `.name.name`; as much of it as a path that is no plain one may mean."""
    value: Any = event
    for name in path.split(".")[1:]:
        if not isinstance(value, Mapping):
            return value
        value = value.get(name)
    return value


def secrets_named(job: JobFile, actions: Sequence[str]) -> frozenset[str]:
    """The secrets that a job or the texts of the actions it uses name, in capitals."""
    found = (names for text in _texts(job, actions) for names in _SECRET.findall(text))
    return frozenset((one or other).upper() for one, other in found)


def uses_in(steps: object) -> Iterator[str]:
    """What the steps of a job or of a composite action use."""
    for step in steps if isinstance(steps, list | tuple) else ():
        if isinstance(step, dict) and step.get("uses"):
            yield str(step["uses"])


def act_id(job: JobFile) -> str:
    """What the job is called in job.yml: its key in the file that declares it."""
    return job.key.rpartition("/")[2]


def files(job: JobFile, contexts: Mapping[str, Any]) -> dict[str, str]:
    """Path -> text of the two files."""
    github, inputs = contexts["github"], contexts["inputs"]
    given = {name: literal(value) if isinstance(value, str) else value for name, value in inputs.items()}
    call: dict[str, Any] = {"uses": "./.github/workflows/job.yml", "secrets": "inherit", "with": given}
    declared = {name: {"type": _KINDS.get(type(value), "string")} for name, value in inputs.items()}
    jobs = {name: _stub(need) for name, need in contexts["needs"].items()}
    jobs[act_id(job)] = _job(job, list(jobs))
    if job.outputs:
        jobs[TELL] = _tell(act_id(job))
    event = {github["event_name"]: {}, "workflow_call": {"inputs": declared}}
    return {
        "main.yml": _text({"name": github["workflow"], "on": {github["event_name"]: {}}, "jobs": {"call": call}}),
        ".github/workflows/job.yml": _text({"name": github["workflow"], "on": event, "jobs": jobs}),
    }


def _text(document: Mapping[str, Any]) -> str:
    """A document as YAML."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10**6)


def _stub(need: Mapping[str, Any]) -> dict[str, Any]:
    """A job that ends as a needed one did. act knows no cancelled job; such a one has failed."""
    result = need["result"]
    step = {"run": "true" if result in ("success", "skipped") else "exit 1", "shell": "sh"}
    condition = {"if": "${{ false }}"} if result == "skipped" else {}
    outputs = {name: literal(value) for name, value in need["outputs"].items()}
    return {"runs-on": "self-hosted", **condition, "outputs": outputs, "steps": [step]}


def _job(job: JobFile, needs: list[str]) -> dict[str, Any]:
    """The job itself; whether it is to run has been decided."""
    folder = {"defaults": {"run": {"working-directory": job.folder}}} if job.folder else {}
    return {
        "needs": needs,
        "if": "${{ always() }}",
        "runs-on": list(job.labels) if not any(_OPENS in label for label in job.labels) else "self-hosted",
        "env": dict(job.env),
        "outputs": dict(job.outputs),
        **folder,
        "steps": [{"name": _name(step), **step} for step in job.steps],
    }


def _name(step: Mapping[str, Any]) -> str:
    """What a step without a name is called."""
    lines = str(step.get("uses") or step.get("run") or "").strip().splitlines()
    return f"Run {lines[0] if lines else ''}"


def _tell(job: str) -> dict[str, Any]:
    """A job that writes down the outputs of ours."""
    step = {
        "shell": "sh",
        "env": {"MADE": f"${{{{ toJSON(needs.{job}.outputs) }}}}"},
        "run": f'printf %s "$MADE" > "${OUTPUTS}"',
    }
    return {"needs": job, "if": "${{ always() }}", "runs-on": "self-hosted", "steps": [step]}

"""What a job of GitHub Actions is asked to do, by the bot's dispatch, by a calling workflow, or by an issue.

Comes in: the payload of the event that started the workflow, and the job's settings. Goes out: an Asked, the same in
every job of the workflow run. Three ways lead here, the first that fits counts:

- the bot dispatched the workflow: its inputs are in the payload (core/job.py);
- a workflow calls ours: TDEV_ASKED holds the inputs of the call, as JSON;
- where that names no goal, the event's own text: the issue that was labelled, or the comment with `/tdev …`.

The text is data and no command line sees it. Who labelled or commented must be a person who may write to the
repository: `check_actor` asks GitHub, once, before anything is begun.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tdev.adapters import github
from tdev.adapters.github_publish import access
from tdev.core import job
from tdev.core.command import Name
from tdev.core.intent import Request
from tdev.core.job import Asked
from tdev.core.run import run_id_of_workflow
from tdev.errors import ConfigurationError, Refused
from tdev.settings import ActionsJob, Settings
from tdev.triggers.issue_comment import issue_comment
from tdev.triggers.issues import issues

EVENTS = ("workflow_dispatch", "repository_dispatch", "schedule", "push", "issues", "issue_comment")
"""The events that may start a run; a pull request's are not among them, for anybody can open one."""
_SPOKEN = {"issues": issues, "issue_comment": issue_comment}
_NO_INSTALLATION = {"installation": {"id": 1}}
"""A workflow's payload names no installation; the triggers want one."""


def asked(settings: Settings, payload: Mapping[str, Any]) -> Asked:
    """What this job is asked to do.

    Raises ConfigurationError for values that do not fit, Refused for an event or a text that asks for nothing.
    """
    here = settings.actions
    inputs = payload.get("inputs")
    if not here.asked or (isinstance(inputs, Mapping) and inputs.get("run_id")):
        return job.asked(payload)
    if here.event not in EVENTS:
        raise Refused(f"The event {here.event} starts no run.", next_step=f"Use one of {', '.join(EVENTS)}.")
    given = _given(here.asked)
    home = _home(payload, here)
    wanted = {
        "run_id": run_id_of_workflow(int(here.repository_id or 0), int(here.run_id or 0)),
        "base": home["default_branch"],
        "requested_by": here.actor if here.event == "workflow_dispatch" else "",
        **{name: value for name, value in given.items() if value != ""},
    }
    request = _spoken(payload, here) if not given.get("goal") else None
    if request is not None:
        wanted |= _of_request(request, str(wanted.get("kind", "")))
    return job.asked({"inputs": wanted, "repository": home})


async def check_actor(settings: Settings, payload: Mapping[str, Any], wanted: Asked) -> None:
    """Raise Refused when an issue or a comment asks, and its sender may not write to the repository."""
    here = settings.actions
    if not here.asked or here.event not in _SPOKEN:
        return
    login = str((payload.get("sender") or {}).get("login") or "")
    async with access(settings, wanted.repository, {"metadata": "read"}, own_token=True) as there:
        if not await github.may_write(there.client, login):
            raise Refused(f"{login} may not write to this repository.", next_step="Ask somebody who may.")


def _given(text: str) -> dict[str, Any]:
    """The inputs of the call, in our names."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError("TDEV_ASKED holds no JSON.", next_step="Give it ${{ toJSON(inputs) }}.") from error
    if not isinstance(found, dict):
        raise ConfigurationError("TDEV_ASKED holds no JSON object.", next_step="Give it ${{ toJSON(inputs) }}.")
    named = {str(name).replace("-", "_"): value for name, value in found.items()}
    number = named.get("number")
    return {**named, **({"number": str(int(number))} if isinstance(number, float) else {})}


def _home(payload: Mapping[str, Any], here: ActionsJob) -> dict[str, Any]:
    """The repository: the payload's, or where a schedule's has none, that of the variables."""
    found = payload.get("repository")
    if isinstance(found, Mapping) and found.get("default_branch"):
        return dict(found)
    return {"id": here.repository_id, "full_name": here.repository, "default_branch": here.ref_name}


def _spoken(payload: Mapping[str, Any], here: ActionsJob) -> Request | None:
    """The request of a labelled issue or of a comment; None for an event without words."""
    if here.event not in _SPOKEN:
        return None
    request = _SPOKEN[here.event]({**payload, **_NO_INSTALLATION})
    if request is None:
        raise Refused("The event asks for nothing.", next_step="Use the label tdev:build or tdev:evolve, or /tdev …")
    if request.is_pull_request:
        raise Refused("A workflow without the bot does not work on pull requests.", next_step="Ask on an issue.")
    return request


def _of_request(request: Request, kind: str) -> dict[str, Any]:
    """What a request means for this workflow; Refused when it is about another kind of goal."""
    if request.name is not Name.PLAN and request.name.value != kind:
        raise Refused(
            f"`{request.name}` is not what this workflow does, which is {kind or 'nothing'}.",
            next_step="Let the caller's `if:` look at the label or the comment.",
        )
    return {
        "goal": request.text,
        "number": request.number,
        "requested_by": request.actor,
        **({"plan_only": True} if request.name is Name.PLAN else {}),
    }

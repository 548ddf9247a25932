"""What a job of GitHub Actions is asked to do, read from the payload of the event that started it. Pure.

In goes the decoded payload; out comes a checked value or a ConfigurationError that names the field. A run id becomes
a folder and a branch becomes a word on git's command line, so their form is checked here, before anything is done.
The goal is untrusted text and stays a value. Payloads:
https://docs.github.com/en/webhooks/webhook-events-and-payloads, `workflow_dispatch` and `pull_request`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.model import Model
from tdev.core.intent import MOST_TEXT, FullName, Id, Login
from tdev.core.run import BRANCH_PREFIX, is_run_id
from tdev.errors import ConfigurationError

_NOT_IN_BRANCHES = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")


def is_branch(text: str) -> bool:
    """True when the text may be the name of a branch, by the rules of `git check-ref-format`."""
    return bool(
        text
        and len(text.encode()) <= 255
        and text != "@"
        and not text.startswith(("-", "/", ".", "refs/"))
        and not text.endswith(("/", "."))
        and not _NOT_IN_BRANCHES.search(text)
    )


def _run_id(text: str) -> str:
    if not is_run_id(text):
        raise ValueError("is no run id")
    return text


def _branch(text: str) -> str:
    if not is_branch(text):
        raise ValueError("is no name of a branch")
    return text


def _own_branch(text: str) -> str:
    if text and not (is_branch(text) and text.startswith(BRANCH_PREFIX)):
        raise ValueError(f"is no branch below {BRANCH_PREFIX}")
    return text


def _short_enough(text: str) -> str:
    if len(text.encode("utf-8", "replace")) > MOST_TEXT:
        raise ValueError(f"is longer than {MOST_TEXT:,} bytes")
    return text


Branch = Annotated[str, AfterValidator(_branch)]
"""Name of a branch, without `refs/heads/`."""
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")]
"""Id of a commit."""


class Home(Model):
    """The repository that a payload is about."""

    id: Id
    """Stays when the repository is renamed."""
    full_name: FullName
    """`owner/name`."""
    default_branch: Branch
    """Its default branch."""


class Asked(Model):
    """The inputs of the workflow that the bot dispatches; docs/bot.md lists them."""

    repository: Home
    """Where."""
    run_id: Annotated[str, AfterValidator(_run_id)]
    """Id of the run."""
    kind: GoalKind
    """Build or evolve."""
    goal: Annotated[str, AfterValidator(_short_enough)] = ""
    """The request: untrusted."""
    base: Branch
    """Branch to work on."""
    branch: Annotated[str, AfterValidator(_own_branch)] = ""
    """Existing `tdev/auto/*` branch that gets the commits; empty = a new one."""
    plan_only: bool = False
    """Stop after the plan."""
    number: int = Field(default=0, ge=0, lt=2**63)
    """Issue or pull request that it was asked on; 0 = none."""
    requested_by: Login | None = None
    """Login of who asked."""

    @property
    def from_branch(self) -> str:
        """The branch that is checked out and that the commits come on top of."""
        return self.branch or self.base


class Proposed(Model):
    """A pull request whose head is to be judged."""

    repository: Home
    """The repository it is opened in."""
    number: Id
    """Its number."""
    head_sha: Sha
    """Its last commit."""
    base_sha: Sha
    """Last commit of the base branch when the event was sent."""
    base_ref: Branch
    """The branch it is to be merged into."""


M = TypeVar("M", bound=Model)


def asked(payload: Mapping[str, Any]) -> Asked:
    """What a `workflow_dispatch` event asks for; inputs that we do not know are left alone."""
    given = payload.get("inputs")
    inputs = given if isinstance(given, Mapping) else {}
    known = {name: inputs[name] for name in Asked.model_fields if inputs.get(name) not in (None, "")}
    return _read(Asked, {**known, "repository": _home(payload)})


def proposed(payload: Mapping[str, Any]) -> Proposed:
    """The pull request that a `pull_request` event is about."""
    pull = _part(payload, "pull_request")
    head, base = _part(pull, "head"), _part(pull, "base")
    return _read(
        Proposed,
        {
            "repository": _home(payload),
            "number": pull.get("number"),
            "head_sha": head.get("sha"),
            "base_sha": base.get("sha"),
            "base_ref": base.get("ref"),
        },
    )


def _home(payload: Mapping[str, Any]) -> dict[str, Any]:
    repository = _part(payload, "repository")
    return {name: repository.get(name) for name in Home.model_fields}


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, Mapping) else {}


def _read(model: type[M], values: Mapping[str, Any]) -> M:
    """The values as a model; raises ConfigurationError that names the first wrong one."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"The event that started this job does not fit: {place}: {first['msg'].removeprefix('Value error, ')}.",
            next_step="The workflow file must be one of those in docs/publishing.md.",
        ) from error

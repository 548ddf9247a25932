"""The parts of GitHub's webhook payloads that triggers read; all else in a payload is ignored.

In goes a parsed payload, out comes a frozen model, or None where the payload lacks what we need. Field names are
GitHub's, https://docs.github.com/en/webhooks/webhook-events-and-payloads. A payload of another shape than expected is
never an exception: GitHub adds events and fields at any time.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tdev.core.intent import Place


class Part(BaseModel):
    """A piece of a payload: frozen, other keys ignored, types not coerced."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Account(Part):
    """`sender`, or the author of something."""

    login: str
    type: str


class Installation(Part):
    """`installation`."""

    id: int


class Repository(Part):
    """`repository`."""

    id: int
    full_name: str
    default_branch: str
    archived: bool = False


class Label(Part):
    """A label."""

    name: str


class Issue(Part):
    """`issue`: an issue, or a pull request seen as one."""

    number: int
    title: str
    body: str | None = None
    state: str = "open"
    updated_at: str = ""
    labels: tuple[Label, ...] = ()
    pull_request: dict[str, Any] | None = None

    model_config = ConfigDict(frozen=True, extra="ignore", strict=False)

    @property
    def text(self) -> str:
        """Title and body as one text."""
        return f"{self.title}\n\n{self.body or ''}".strip()


class Sent(Part):
    """What every payload of a repository event has."""

    action: str
    installation: Installation
    repository: Repository
    sender: Account

    @property
    def by_a_person(self) -> bool:
        """The sender is a real user: no bot, no App, no organisation."""
        return self.sender.type == "User" and not self.sender.login.endswith("[bot]")

    def place(self) -> Place:
        """Where it happened."""
        return Place(
            installation_id=self.installation.id,
            repository=self.repository.full_name,
            repository_id=self.repository.id,
            default_branch=self.repository.default_branch,
        )


Read = TypeVar("Read", bound=BaseModel)


def read(model: type[Read], payload: object) -> Read | None:
    """The payload as that model; None when it is not one."""
    try:
        return model.model_validate(payload)
    except ValidationError:
        return None

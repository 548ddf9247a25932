"""Which branch of a pull request a run may work on."""

from __future__ import annotations

from typing import Any

import pytest

from tdev.errors import Refused
from tdev.flows.start_run import head_of


def pull(repository: str | None = "octo-org/rooms", state: str = "open") -> dict[str, Any]:
    """A pull request as GitHub shows it; no repository = its fork is gone."""
    repo = None if repository is None else {"full_name": repository}
    return {"state": state, "head": {"ref": "feature", "repo": repo}}


def test_a_branch_of_the_repository_itself() -> None:
    assert head_of(pull(), "octo-org/rooms") == "feature"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pull("other/rooms"), "in another repository"),
        (pull(None), "in another repository"),
        (pull(state="closed"), "is closed"),
    ],
)
def test_forks_and_closed_ones_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        head_of(given, "octo-org/rooms")

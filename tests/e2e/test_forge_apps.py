"""Apps, installations and their tokens, over HTTP: what is granted is enforced, what is wrong is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge, running_forge
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        yield running


def test_app_sees_itself_and_its_installations(forge: Forge) -> None:
    forge.repository("ada", "calc")
    app, key = forge.app("checker", {"issues": "write"}, ["issues"])
    installation = forge.install(app, "ada", ["calc"])
    token = forge.jwt(app, key)
    mine = forge.get("/app", token=token)
    assert (mine["slug"], mine["installations_count"]) == ("checker", 1)
    assert [each["id"] for each in forge.get("/app/installations", token=token)] == [installation["id"]]
    assert forge.get("/repos/ada/calc/installation", token=token)["id"] == installation["id"]
    assert forge.get("/users/ada/installation", token=token)["id"] == installation["id"]
    assert forge.get("/apps/checker")["id"] == app["id"]
    assert forge.get("/app", token=forge.jwt(app, key, iss=str(app["id"])))["id"] == app["id"]
    reached = forge.get("/installation/repositories", token=forge.installation_token(app, key, installation))
    assert [each["full_name"] for each in reached["repositories"]] == ["ada/calc"]

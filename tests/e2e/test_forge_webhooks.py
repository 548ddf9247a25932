"""A real receiver gets what the forge sends: signed, with GitHub's headers and shapes, in history, again when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from githubkit.webhooks import parse

from support.command import git
from support.forge_services import Services, add_app, add_repository, serving, work_tree
from support.receiver import Receiver, receiving
from tdev.forge import deliveries, events
from tdev.forge.faults import add_fault
from tdev.forge.store import Row, add_personal_token
from tdev.settings import Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Services]:
    with serving(tmp_path / "forge", settings) as running:
        yield running


@pytest.fixture
def ada(forge: Services, receiver: Receiver) -> Row:
    """Ada, whose repository has an App that hears of pushes and issues."""
    account, _ = add_repository(forge.store)
    add_app(forge.store, account, receiver.url, receiver.secret, ["push", "issues"])
    return account


def app_of(forge: Services) -> Row:
    app = forge.store.one("SELECT * FROM apps WHERE slug = 'checker'")
    assert app is not None
    return app


def sent(forge: Services, count: int) -> list[Row]:
    """The history once it has this many deliveries."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        rows = forge.store.all("SELECT * FROM hook_deliveries WHERE state = 'sent' ORDER BY id")
        if len(rows) >= count:
            return rows
        time.sleep(0.02)
    raise AssertionError("too few deliveries were sent")


def test_a_push_is_told_with_its_commits(forge: Services, receiver: Receiver, ada: Row, tmp_path: Path) -> None:
    url = forge.clone_url(add_personal_token(forge.store, ada["id"]))
    work = work_tree(tmp_path / "work", {"calc.py": "x = 1\n", "old.py": ""})
    git(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    first = receiver.named("push")
    assert first.signed
    assert first.headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert first.payload["created"] is True
    (work / "calc.py").write_text("x = 2\n")
    (work / "old.py").unlink()
    (work / "über.py").write_text("")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "second")
    git(work, "push", "--quiet", url, "HEAD:refs/heads/main")
    second = receiver.wait(lambda each: each.event == "push", count=2)[1]
    payload = second.payload
    assert (payload["before"], payload["after"]) == (first.payload["after"], git(work, "rev-parse", "HEAD"))
    commit = payload["commits"][0]
    assert (commit["added"], commit["removed"], commit["modified"]) == (["über.py"], ["old.py"], ["calc.py"])
    assert payload["installation"]["id"] and payload["sender"]["login"] == "ada"
    parse("push", second.body)
    git(work, "commit", "--quiet", "--amend", "-m", "second, again")
    git(work, "push", "--quiet", "--force", url, "HEAD:refs/heads/main")
    assert receiver.wait(lambda each: each.event == "push", count=3)[2].payload["forced"] is True
    git(work, "push", "--quiet", url, "HEAD:refs/heads/topic")
    git(work, "push", "--quiet", url, ":refs/heads/topic")
    *_, made, gone = receiver.wait(lambda each: each.event == "push", count=5)
    assert made.payload["commits"] == [] and gone.payload["deleted"] is True
    parse("push", gone.body)


def test_ping_fits_its_model_and_unsubscribed_events_stay_away(forge: Services, receiver: Receiver, ada: Row) -> None:
    repository = forge.store.one("SELECT * FROM repositories")
    events.emit(forge.store, repository, "watch", "started", {}, sender_id=ada["id"])
    events.ping(forge.store, app_of(forge))
    ping = receiver.named("ping")
    assert ping.signed and ping.payload["hook_id"] == app_of(forge)["id"]
    parse("ping", ping.body)
    assert [each.event for each in receiver.came] == ["ping"]


def test_history_and_redelivery(forge: Services, receiver: Receiver, ada: Row) -> None:
    receiver.status = 500
    events.ping(forge.store, app_of(forge))
    failed = sent(forge, 1)[0]
    assert (failed["status_code"], failed["status"]) == (500, "Invalid HTTP Response: 500")
    receiver.status = 202
    deliveries.redeliver(forge.store, failed)
    again = sent(forge, 2)[1]
    assert (again["status_code"], again["redelivery"], again["guid"]) == (202, 1, failed["guid"])
    shown = deliveries.document(again, receiver.url)
    assert shown["response"]["payload"] == "noted"
    assert shown["request"]["headers"]["X-GitHub-Delivery"] == failed["guid"]
    assert [each.guid for each in receiver.came] == [failed["guid"]] * 2


def test_a_receiver_that_is_gone_is_in_the_history(forge: Services, ada: Row) -> None:
    forge.store.run("UPDATE apps SET webhook_url = 'http://127.0.0.1:9/'")
    events.ping(forge.store, app_of(forge))
    row = sent(forge, 1)[0]
    assert row["status_code"] == 0 and row["status"].startswith("failed to connect")


def test_faults_drop_and_duplicate_deliveries(forge: Services, receiver: Receiver, ada: Row) -> None:
    add_fault(forge.store, {"target": "delivery", "drop": True})
    events.ping(forge.store, app_of(forge))
    assert sent(forge, 1)[0]["status_code"] == 0
    assert receiver.came == []
    add_fault(forge.store, {"target": "delivery", "duplicate": True})
    events.ping(forge.store, app_of(forge))
    first, second = receiver.wait(lambda each: each.event == "ping", count=2)
    assert first.guid == second.guid and second.signed


def test_what_waited_when_the_forge_was_stopped_is_sent_at_its_start(
    tmp_path: Path, settings: Settings, receiver: Receiver
) -> None:
    with serving(tmp_path / "forge", settings) as forge:
        account, _ = add_repository(forge.store)
        add_app(forge.store, account, receiver.url, receiver.secret, [])
        app, store = app_of(forge), forge.store
    events.ping(store, app)
    store.run("UPDATE hook_deliveries SET state = 'sending'")
    assert receiver.came == []
    with serving(tmp_path / "forge", settings):
        assert receiver.named("ping").signed

"""Faults on purpose: what a client must live through really happens, once, and is then over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forge import Forge, running_forge
from support.receiver import Receiver, receiving
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

ISSUES = "/repos/ada/calc/issues"


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with running_forge(tmp_path / "forge", settings) as running:
        running.repository("ada", "calc")
        yield running


@pytest.fixture
def receiver(forge: Forge) -> Iterator[Receiver]:
    with receiving() as running:
        app, _ = forge.app("hearer", {"issues": "read"}, ["issues"], running.url, running.secret)
        forge.install(app, "ada")
        running.named("installation", "created")
        yield running


def titles(forge: Forge) -> list[str]:
    return sorted(each["title"] for each in forge.get(ISSUES))


def test_a_status_as_often_as_was_asked(forge: Forge) -> None:
    fault = {"path": "/repos/*", "method": "GET", "status": 502, "headers": {"Retry-After": "7"}, "times": 2}
    forge.admin("POST", "faults", fault)
    token = forge.token("ada")
    forge.do("POST", ISSUES, token=token, json={"title": "Not met"}, status=201)
    forge.get("/rate_limit")
    seen = [forge.request("GET", ISSUES) for _ in range(3)]
    assert [status for status, _, _ in seen] == [502, 502, 200]
    assert seen[0][2]["retry-after"] == "7"
    assert forge.admin("GET", "faults") == []


def test_a_late_fault_strikes_when_the_work_is_done(forge: Forge) -> None:
    token = forge.token("ada")
    for kind in ({"status": 500}, {"reset": True}):
        for late in (False, True):
            forge.admin("POST", "faults", {"method": "POST", "late": late, **kind})
            title = f"{next(iter(kind))} {late}"
            if "reset" in kind:
                with pytest.raises(ConnectionError):
                    forge.request("POST", ISSUES, token=token, json={"title": title})
            else:
                forge.do("POST", ISSUES, token=token, json={"title": title}, status=500)
    assert titles(forge) == ["reset True", "status True"]


def test_a_delay(forge: Forge) -> None:
    forge.admin("POST", "faults", {"delay": 0.4})
    started = time.monotonic()
    forge.get(ISSUES)
    assert time.monotonic() - started >= 0.4


def test_faults_that_say_nothing_are_refused(forge: Forge) -> None:
    wrong: list[dict[str, object]] = [
        {},
        {"status": 500, "times": 0},
        {"status": 500, "target": "moon"},
        {"status": "x"},
        {"status": 99},
        {"delay": -1},
        {"delay": "long"},
        {"status": 500, "path": 5},
        {"drop": True},
        {"target": "delivery", "status": 500},
    ]
    for fault in wrong:
        status, _, _ = forge.request("POST", "/_forge/faults", token=forge.admin_token, json=fault)
        assert status == 422, fault
    forge.admin("POST", "faults", {"status": 500, "times": 9})
    forge.admin("DELETE", "faults")
    forge.get(ISSUES)


def test_deliveries_dropped_doubled_and_out_of_order(forge: Forge, receiver: Receiver) -> None:
    token = forge.token("ada")

    def opened(title: str) -> int:
        made = forge.do("POST", ISSUES, token=token, json={"title": title}, status=201)
        return int(made["number"])

    def numbers() -> list[int]:
        return [each.payload["issue"]["number"] for each in receiver.came if each.event == "issues"]

    forge.admin("POST", "faults", {"target": "delivery", "method": "issues", "drop": True})
    dropped, plain = opened("dropped"), opened("plain")
    receiver.wait(lambda each: each.event == "issues")
    assert numbers() == [plain]
    forge.admin("POST", "faults", {"target": "delivery", "duplicate": True})
    doubled = opened("doubled")
    twice = receiver.wait(lambda each: each.event == "issues" and each.payload["issue"]["number"] == doubled, count=2)
    assert len({each.guid for each in twice}) == 1
    forge.admin("POST", "faults", {"target": "delivery", "reorder": True})
    first, second = opened("first"), opened("second")
    receiver.wait(lambda each: each.event == "issues", count=5)
    assert numbers()[-2:] == [second, first]
    assert dropped not in numbers()

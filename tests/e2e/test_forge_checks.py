"""Check runs, suites and statuses of the forge: who may make them, what they hold, what they tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.forge import Forge
from support.forge_judged import heard, judged_forge
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
REPO = "/repos/ada/calc"
EVENTS = ("check_run", "check_suite", "status")


@pytest.fixture
def forge(tmp_path: Path, settings: Settings) -> Iterator[Forge]:
    with judged_forge(tmp_path / "forge", settings, {"calc.py": "x = 1\n"}) as running:
        yield running


@pytest.fixture
def head(forge: Forge) -> str:
    return str(forge.get(f"{REPO}/branches/main")["commit"]["sha"])


def app_token(forge: Forge, slug: str = "checker") -> str:
    permissions = {"checks": "write", "statuses": "write"}
    app, key = forge.app(slug, permissions)
    return forge.installation_token(app, key, forge.install(app, "ada"))


def events(forge: Forge) -> list[tuple[str, str | None, Any]]:
    return heard(forge, EVENTS)


def annotation(number: int) -> dict[str, Any]:
    return {
        "path": "calc.py", "start_line": number, "end_line": number, "annotation_level": "failure",
        "message": f"line {number}",
    }  # fmt: skip


def test_a_check_run_from_start_to_end(forge: Forge, head: str) -> None:
    token = app_token(forge)
    document = {"name": "tests", "head_sha": head, "status": "in_progress", "external_id": "7"}
    made = forge.do("POST", f"{REPO}/check-runs", token=token, json=document, status=201)
    assert (made["status"], made["conclusion"], made["completed_at"]) == ("in_progress", None, None)
    assert made["app"]["slug"] == "checker" and made["external_id"] == "7"
    path = f"{REPO}/check-runs/{made['id']}"
    for first in (1, 51):
        output = {
            "title": "2 of 3",
            "summary": "# so far",
            "annotations": [annotation(n) for n in range(first, first + 50)],
        }
        forge.do("PATCH", path, token=token, json={"output": output})
    assert forge.get(path)["output"]["annotations_count"] == 100
    _, rows, headers = forge.request("GET", f"{path}/annotations?per_page=60")
    assert [row["message"] for row in rows][:2] == ["line 1", "line 2"] and 'rel="next"' in headers["link"]
    assert rows[0]["blob_href"].endswith(f"/ada/calc/blob/{head}/calc.py")
    done = forge.do("PATCH", path, token=token, json={"conclusion": "failure"})
    assert (done["status"], done["conclusion"], done["output"]["title"]) == ("completed", "failure", "2 of 3")
    forge.do("PATCH", path, token=token, json={"output": {"title": "2 of 3", "summary": "Said again."}})
    suite = forge.get(f"{REPO}/check-suites/{done['check_suite']['id']}")
    assert (suite["status"], suite["conclusion"], suite["head_branch"]) == ("completed", "failure", "main")
    assert [(name, action) for name, action, _ in events(forge)] == [
        ("check_run", "created"), ("check_run", "completed"), ("check_suite", "completed"),
    ]  # fmt: skip
    assert events(forge)[1][2]["check_run"]["conclusion"] == "failure"


def test_the_latest_of_each_name_is_listed(forge: Forge, head: str) -> None:
    token, other = app_token(forge), app_token(forge, "other")
    for who, name, conclusion in (
        (token, "a", "failure"),
        (token, "a", "success"),
        (other, "a", "neutral"),
        (token, "b", "skipped"),
    ):
        document = {"name": name, "head_sha": head, "conclusion": conclusion}
        forge.do("POST", f"{REPO}/check-runs", token=who, json=document, status=201)
    latest = forge.get(f"{REPO}/commits/main/check-runs")
    assert latest["total_count"] == 3
    assert [(row["name"], row["conclusion"]) for row in latest["check_runs"]] == [
        ("a", "success"), ("a", "neutral"), ("b", "skipped"),
    ]  # fmt: skip
    assert forge.get(f"{REPO}/commits/{head}/check-runs?filter=all")["total_count"] == 4
    assert forge.get(f"{REPO}/commits/main/check-runs?check_name=b&status=completed")["total_count"] == 1
    number = latest["check_runs"][0]["app"]["id"]
    assert forge.get(f"{REPO}/commits/main/check-runs?app_id={number}")["total_count"] == 2
    assert forge.get(f"{REPO}/commits/heads/main/check-suites?app_id={number}")["total_count"] == 1


def test_who_may_not_make_or_change_a_run(forge: Forge, head: str) -> None:
    token = app_token(forge)
    document = {"name": "tests", "head_sha": head}
    made = forge.do("POST", f"{REPO}/check-runs", token=token, json=document, status=201)
    person = forge.do("POST", f"{REPO}/check-runs", token=forge.token("ada"), json=document, status=403)
    assert person["message"] == "You must authenticate via a GitHub App."
    other = app_token(forge, "other")
    refused = forge.do("PATCH", f"{REPO}/check-runs/{made['id']}", token=other, json={"status": "queued"}, status=403)
    assert "can only be modified by the GitHub App that created it" in refused["message"]
    app, key = forge.app("reader", {"checks": "read"}, (), "", "")
    reader = forge.installation_token(app, key, forge.install(app, "ada"))
    forge.do("POST", f"{REPO}/check-runs", token=reader, json=document, status=403)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "completed"},
        {"conclusion": "great"},
        {"conclusion": "stale"},
        {"status": "done"},
        {"completed_at": "yesterday", "conclusion": "success"},
        {"output": {"summary": "no title"}},
        {"output": {"title": "t", "summary": "s" * 65_536}},
        {"output": {"title": "t", "summary": "s", "text": "s" * 65_536}},
        {"output": {"title": "t", "summary": "s", "annotations": [annotation(1)] * 51}},
        {"output": {"title": "t", "summary": "s", "annotations": [{**annotation(1), "annotation_level": "bad"}]}},
        {"output": {"title": "t", "summary": "s", "annotations": [{"path": "x"}]}},
        {"actions": [{"label": "l", "description": "d", "identifier": "i" * 21}]},
        {"head_sha": "0" * 40},
        {"name": " "},
    ],
)
def test_what_is_no_check_run(forge: Forge, head: str, change: dict[str, Any]) -> None:
    document = {"name": "tests", "head_sha": head, **change}
    forge.do("POST", f"{REPO}/check-runs", token=app_token(forge), json=document, status=422)
    assert forge.get(f"{REPO}/commits/main/check-runs")["total_count"] == 0


def test_statuses(forge: Forge, head: str) -> None:
    token = app_token(forge)
    assert forge.get(f"{REPO}/commits/main/status")["state"] == "pending"
    for context, state in (("ci", "failure"), ("ci", "success"), ("lint", "success")):
        document = {"context": context, "state": state, "target_url": "https://ci.example/1", "description": "d"}
        forge.do("POST", f"{REPO}/statuses/{head}", token=token, json=document, status=201)
    combined = forge.get(f"{REPO}/commits/main/status")
    assert (combined["state"], combined["total_count"]) == ("success", 2)
    assert [row["state"] for row in forge.get(f"{REPO}/commits/main/statuses")] == ["success", "success", "failure"]
    told = [payload for name, _, payload in events(forge) if name == "status"]
    assert [row["state"] for row in told] == ["failure", "success", "success"]
    assert told[0]["branches"][0]["name"] == "main" and told[0]["commit"]["sha"] == head
    forge.do("POST", f"{REPO}/statuses/{head}", token=token, json={"state": "fine"}, status=422)
    forge.do("POST", f"{REPO}/statuses/{'1' * 40}", token=token, json={"state": "success"}, status=422)

"""The bot's flows, from a signed delivery to what stands on the issue, with `tdev serve` and a GitHub on loopback."""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.bot_server import Server
from support.deliveries import payload
from support.small_github import NAME, OWNER, SmallGitHub
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
SHA = "b" * 40


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """Private and public key of the App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def github(keys: tuple[str, str]) -> Iterator[SmallGitHub]:
    """A GitHub on loopback."""
    server = SmallGitHub(keys[1])
    yield server
    server.close()


@pytest.fixture
def serve(settings: Settings, keys: tuple[str, str], github: SmallGitHub) -> Iterator[Callable[..., Server]]:
    """Starts the bot; those that still run at the end are stopped."""
    started: list[Server] = []

    def start(**more: str) -> Server:
        environment = {"TDEV_GITHUB_API_URL": github.url, "TDEV_POLL_SECONDS": "0.2", **more}
        started.append(Server(settings, keys[0], **environment))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.fixture
def bot(serve: Callable[..., Server]) -> Server:
    """One running bot."""
    return serve()


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def comment(
    text: str, number: int = 12, *, identity: int = 0, actor: str = "mona", pull: bool = False
) -> dict[str, Any]:
    """A comment's payload."""
    data = payload("issue_comment", "evolve-pull-request" if pull else "evolve")
    data["comment"] |= {"id": identity or random.randrange(1, 10**9), "body": text}
    data["comment"]["user"]["login"] = data["sender"]["login"] = actor
    data["issue"]["number"] = number
    return data


def settled(bot: Server) -> bool:
    """All deliveries are dealt with."""
    return all(state != "waiting" for _, _, state in bot.rows())


def pull_of(run_id: str, number: int = 40, branch: str = "tdev/auto/rooms", **more: Any) -> dict[str, Any]:
    """A pull request as GitHub lists it."""
    return {
        "number": number,
        "state": "open",
        "html_url": f"https://github.example/{OWNER}/{NAME}/pull/{number}",
        "user": {"login": "tdev-test[bot]", "type": "Bot"},
        "body": f"Run `{run_id}`",
        "head": {"ref": branch, "sha": SHA, "repo": {"full_name": f"{OWNER}/{NAME}"}},
        **more,
    }


def finish(github: SmallGitHub, conclusion: str = "success") -> None:
    """The last run ends."""
    with github.lock:
        github.runs[-1].update(status="completed", conclusion=conclusion)


def test_a_label_becomes_a_run_with_a_sticky_comment_that_follows_it(bot: Server, github: SmallGitHub) -> None:
    began = time.monotonic()
    assert bot.deliver("issues", "labeled-build") == 200
    until(lambda: github.reactions == {("12", "eyes")})
    assert time.monotonic() - began <= 1.0
    until(lambda: len(github.runs) == 1 and settled(bot))
    inputs = github.runs[0]["inputs"]
    assert inputs["kind"] == "build" and inputs["goal"].startswith("Meeting rooms\n\n## Resources")
    assert (inputs["number"], inputs["requested_by"], inputs["base"], inputs["branch"]) == ("12", "mona", "main", "")
    assert github.runs[0]["ref"] == "main" and len(github.own("run")) == 1

    with github.lock:
        github.runs[0]["status"] = "in_progress"
        steps = [
            {"name": "research", "status": "completed", "conclusion": "success"},
            {"name": "plan", "status": "in_progress", "conclusion": None},
        ]
        github.jobs = [{"name": "build", "status": "in_progress", "conclusion": None, "steps": steps}]
    until(lambda: "- [x] research\n- [ ] plan ⏳" in github.own("run")[0])
    until(lambda: "is at work" in github.own("run")[0])

    with github.lock:
        github.pulls = [pull_of(inputs["run_id"])]
        github.checks = [{"name": "tdev/tests", "status": "completed", "conclusion": "success", "output": {}}]
        github.runs[0].update(status="completed", conclusion="success")
    report = payload("workflow_run", "completed")
    report["workflow_run"]["id"] = github.runs[0]["id"]
    assert bot.deliver_data("workflow_run", report) == 200
    until(lambda: "**Pull request #40**" in github.own("run")[0])
    assert "| tdev/tests | ✅ success |" in github.own("run")[0] and "build done" in github.own("run")[0]
    assert len(github.comments) == 1


def test_the_end_of_a_run_is_found_by_asking_when_no_event_comes(bot: Server, github: SmallGitHub) -> None:
    bot.deliver("issues", "labeled-evolve")
    until(lambda: len(github.runs) == 1)
    finish(github, "failure")
    until(lambda: "evolve failed" in github.own("run")[0])


def test_ten_deliveries_at_once_make_one_run_and_one_comment(bot: Server, github: SmallGitHub) -> None:
    delivery = str(uuid.uuid4())
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: bot.deliver("issues", "labeled-build", delivery), range(10)))
        statuses += list(pool.map(lambda _: bot.deliver("issues", "labeled-build"), range(10)))
    assert statuses == [200] * 20
    until(lambda: settled(bot))
    assert len(github.runs) == len(github.comments) == 1


def test_who_may_not_gets_one_polite_answer(bot: Server, github: SmallGitHub) -> None:
    for actor in ("stranger", "stranger", "nobody-we-know"):
        bot.deliver_data("issue_comment", comment("/tdev build", actor=actor))
    until(lambda: len(bot.rows()) == 3 and settled(bot))
    assert [text.count("Only people with write access") for text in github.own("answer")] == [1, 1]
    assert github.runs == [] and github.reactions == set()


def test_a_marker_that_somebody_else_wrote_is_not_taken_for_ours(bot: Server, github: SmallGitHub) -> None:
    bot.deliver("issue_comment", "unknown")
    until(lambda: len(github.own("answer")) == 1 and settled(bot))
    answer = github.own("answer")[0]
    assert "There is no command evolv. Did you mean `/tdev evolve`?" in answer
    with github.lock:
        github.comments[0]["user"]["login"] = "stranger"
    assert bot.deliver_data("issue_comment", comment("/tdev help")) == 200
    until(lambda: len(github.comments) == 2)


def test_status_stop_retry_and_explain(bot: Server, github: SmallGitHub) -> None:
    def told(text: str) -> str:
        before = len(github.own("answer"))
        assert bot.deliver_data("issue_comment", comment(text)) == 200
        until(lambda: len(github.own("answer")) > before and settled(bot))
        return github.own("answer")[-1]

    for word in ("status", "stop", "retry", "explain", "answer 1. yes"):
        assert "There was no run here yet" in told(f"/tdev {word}"), word
    bot.deliver_data("issue_comment", comment("/tdev evolve modernise"))
    until(lambda: len(github.runs) == 1 and settled(bot))
    assert "is waiting for its turn" in told("/tdev status") or "is at work" in told("/tdev status")
    assert "is at work here already" in told("/tdev evolve types")
    assert "is at work here already" in told("/tdev retry")
    assert "is being stopped" in told("/tdev stop")
    until(lambda: "evolve stopped" in github.own("run")[0])
    assert "has ended already" in told("/tdev stop")
    assert "no pull request" in told("/tdev explain")

    bot.deliver_data("issue_comment", comment("/tdev retry"))
    until(lambda: len(github.runs) == 2 and settled(bot))
    first, second = (run["inputs"] for run in github.runs)
    assert first["goal"] == second["goal"] == "modernise" and first["run_id"] != second["run_id"]
    with github.lock:
        github.pulls = [pull_of(second["run_id"])]
        output = {"title": "2 tests fail, @mona", "summary": "closes #1"}
        github.checks = [{"name": "tdev/tests", "status": "completed", "conclusion": "failure", "output": output}]
    finish(github)
    until(lambda: "Pull request #40" in github.own("run")[-1])
    said = told("/tdev explain")
    assert "2 tests fail" in said and "@mona" not in said and "closes #1" not in said

    bot.deliver_data("issue_comment", comment("/tdev answer\n1. yes\n2. no"))
    until(lambda: len(github.runs) == 3)
    assert github.runs[2]["inputs"]["goal"] == "modernise\n\n1. yes\n2. no"


def test_evolve_on_pull_requests(bot: Server, github: SmallGitHub) -> None:
    github.pulls = [
        pull_of("", 13, "feature"),
        pull_of("", 14, "tdev/auto/rooms"),
        pull_of("", 15, "theirs", head={"ref": "theirs", "sha": SHA, "repo": {"full_name": "other/rooms"}}),
        pull_of("", 16, "gone", head={"ref": "gone", "sha": SHA, "repo": None}),
        pull_of("", 17, "feature", state="closed"),
    ]
    for number in (13, 14, 15, 16, 17):
        bot.deliver_data("issue_comment", comment("/tdev evolve", number, pull=True))
    bot.deliver_data("issue_comment", comment("/tdev build", 13, pull=True))
    until(lambda: len(bot.rows()) == 6 and settled(bot))
    inputs = [(run["inputs"]["base"], run["inputs"]["branch"], run["ref"]) for run in github.runs]
    assert inputs == [("feature", "", "main"), ("tdev/auto/rooms", "tdev/auto/rooms", "main")]
    answers = "\n".join(github.own("answer"))
    assert answers.count("in another repository") == 2
    assert answers.count("is closed") == 1 and answers.count("not from a pull request") == 1


def test_limits_hold_and_a_missing_workflow_is_said(serve: Callable[..., Server], github: SmallGitHub) -> None:
    bot = serve(TDEV_RUNS_PER_HOUR="2")
    github.workflow_missing = True
    for number in (1, 2, 3):
        bot.deliver_data("issue_comment", comment("/tdev evolve types", number))
    bot.deliver_data("issue_comment", comment("/tdev build\n" + "x" * 61_000, 4))
    until(lambda: len(bot.rows()) == 4 and settled(bot))
    assert ["could not be started" in text for text in github.own("run")] == [True, True]
    first, second = github.own("answer")
    assert "2 runs were begun here within the last hour" in first and "at most 60,000 fit" in second


@pytest.mark.parametrize(
    ("status", "more"), [(500, {}), (502, {}), (403, {"Retry-After": "0"}), (429, {"Retry-After": "0"})]
)
def test_faults_that_pass_delay_but_double_nothing(
    bot: Server, github: SmallGitHub, status: int, more: dict[str, str]
) -> None:
    seen: set[str] = set()

    def once(method: str, path: str) -> tuple[int, dict[str, str]] | None:
        call = f"{method} {path}"
        if call in seen:
            return None
        seen.add(call)
        return status, more

    github.fault = once
    bot.deliver("issues", "labeled-build")
    until(lambda: len(github.runs) == 1 and settled(bot))
    finish(github)
    until(lambda: "build done" in github.own("run")[0])
    assert len(github.runs) == len(github.comments) == 1


def test_a_token_that_expires_or_is_revoked_is_replaced(bot: Server, github: SmallGitHub) -> None:
    github.token_seconds = 30
    bot.deliver_data("issue_comment", comment("/tdev help"))
    until(lambda: len(github.comments) == 1 and settled(bot))
    asked = len(github.tokens)
    assert asked > 1, "a token that is about to expire is not used again"
    github.token_seconds = 3600
    bot.deliver_data("issue_comment", comment("/tdev help"))
    until(lambda: len(github.comments) == 2 and settled(bot))
    with github.lock:
        github.tokens.clear()
    bot.deliver_data("issue_comment", comment("/tdev help"))
    until(lambda: len(github.comments) == 3)


def test_lost_deliveries_are_asked_for_once_the_bot_is_back(serve: Callable[..., Server], github: SmallGitHub) -> None:
    def delivery(number: int, guid: str, event: str, status: int) -> dict[str, Any]:
        return {"id": number, "guid": guid, "event": event, "status_code": status, "status": "x"}

    github.deliveries = [
        delivery(9, "lost", "issues", 502),
        delivery(8, "foreign", "push", 502),
        delivery(7, "arrived", "issues", 200),
        delivery(6, "arrived", "issues", 500),
        *(delivery(number, "hopeless", "issues", 500) for number in (5, 4, 3, 2)),
        delivery(1, "lost", "issues", 0),
    ]
    serve()
    until(lambda: github.redelivered == [9])


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments_the_run_still_ends_and_nothing_is_doubled(
    serve: Callable[..., Server], github: SmallGitHub, seed: int
) -> None:
    """The bot is killed right after GitHub did what it asked for, before it could write that down: five times."""
    chance = random.Random(seed)
    running: list[Server] = []
    kills = 5
    left = [chance.randrange(1, 5)]

    def kill(method: str, path: str) -> None:
        nonlocal kills
        left[0] -= 1
        if kills and left[0] <= 0 and running and running[-1].process.poll() is None:
            kills -= 1
            left[0] = chance.randrange(1, 5)
            os.kill(running[-1].process.pid, signal.SIGKILL)
            running[-1].process.wait()

    github.run_details = seed % 2 == 0
    github.after = kill
    running.append(serve())
    delivery = str(uuid.uuid4())
    bot = running[-1]
    assert bot.deliver("issues", "labeled-build", delivery) == 200
    ended = False
    limit = time.monotonic() + 60
    while not ended:
        assert time.monotonic() < limit
        if running[-1].process.poll() is not None:
            running.append(serve())
        with github.lock:
            if github.runs:
                github.runs[0].update(status="completed", conclusion="success")
                if not github.pulls:
                    github.pulls = [pull_of(github.runs[0]["inputs"]["run_id"])]
            ended = kills == 0 and any("Pull request #40" in text for text in github.own("run"))
        time.sleep(0.02)
    github.after = lambda method, path: None
    if running[-1].process.poll() is not None:
        running.append(serve())
    assert running[-1].deliver("issues", "labeled-build", delivery) == 200
    until(lambda: settled(running[-1]))
    assert len(github.runs) == 1 and len(github.comments) == 1

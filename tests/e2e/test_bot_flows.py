"""The bot's flows on a whole forge: from a label or a comment to what stands on the issue, and what is answered."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.bot_world import BOT, FILES, NAME, OWNER, ByHand, Hand, World, until, world
from support.github_description import Conformity
from tdev.core.artifacts import FILE_OF, Model, Patch, Publication
from tdev.core.artifacts.attempt import Attempt
from tdev.core.comment import answer_marker
from tdev.core.intent import act
from tdev.core.pull_request import marker
from tdev.forge.edge import Exchange
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
SHA = "b" * 40


@pytest.fixture
def runner() -> ByHand:
    """Moved on by the test."""
    return ByHand()


@pytest.fixture
def here(settings: Settings, runner: ByHand, shared_state: Path) -> Iterator[World]:
    """A forge, and one running bot, whose requests are held against GitHub's description at the end."""
    conformity = Conformity(shared_state)

    def observe(exchange: Exchange) -> None:
        if exchange.request_headers.get("User-Agent", "").startswith("tdev/"):
            conformity.observe(exchange)

    with world(settings, runner, observe=observe) as running:
        running.serve()
        yield running
    assert conformity.exchanges and conformity.failures() == []


def job(runner: ByHand, number: int = 1) -> Hand:
    """The job that was begun as so manieth."""
    until(lambda: len(runner.jobs) >= number)
    return runner.jobs[number - 1]


def kept(folder: Path, **files: Model) -> Path:
    """A run directory as a job uploads it."""
    archive = folder / "run.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for model in files.values():
            opened.writestr(FILE_OF[type(model)], model.model_dump_json())
        opened.writestr("../escape", "x")
    return archive


PATCH = Patch(
    base_sha=SHA,
    head_sha="c" * 40,
    engine="claude",
    attempts=(Attempt(task="T1", number=1, kept=True, reason="kept", cost_usd=0.25, seconds=3),),
)


def test_a_label_becomes_a_run_whose_comment_ends_with_result_cost_and_links(
    here: World, runner: ByHand, tmp_path: Path
) -> None:
    number = here.issue()
    here.label(number, "tdev:build")
    until(lambda: here.reactions(number) == ["eyes"])
    work = job(runner)
    run_id = work.inputs["run_id"]
    assert dict(work.inputs) == {
        "run_id": run_id,
        "kind": "build",
        "goal": "Meeting rooms\n\n## Resources",
        "base": "main",
        "branch": "",
        "plan_only": "false",
        "number": str(number),
        "requested_by": "mona",
    }
    assert work.ref == "refs/heads/main"
    work.step("research", "success")
    work.step("plan")
    until(lambda: "- [x] research\n- [ ] plan ⏳" in here.comments(number, "run")[0])
    assert "is at work" in here.comments(number, "run")[0]
    work.end_step("success")
    head = here.branch("tdev/auto/rooms")
    pull = here.pull("tdev/auto/rooms", body=marker(run_id), who=BOT)
    here.check(head, "tdev/tests", "success", title="12 tests pass")
    work.keep("tdev-run", kept(tmp_path, patch=PATCH))
    work.finish()
    until(lambda: "build done" in here.comments(number, "run")[0])
    text = here.comments(number)[0]
    assert "- [x] research\n- [x] plan\n" in text
    assert f"**Pull request #{pull}**: {here.forge.url}/{OWNER}/{NAME}/pull/{pull}" in text
    assert "| tdev/tests | ✅ success | 12 tests pass |" in text
    assert "cost: 0.2500 USD; 3.0 s at the code" in text and f"[log]({here.forge.url}" in text
    assert len(here.comments(number)) == len(here.runs()) == 1


def test_a_run_without_a_pull_request_says_which_step_failed_and_why(
    here: World, runner: ByHand, tmp_path: Path
) -> None:
    number = here.issue()
    here.label(number, "tdev:evolve")
    work = job(runner)
    work.step("code", "success")
    work.step("gate", "failure")
    archive = kept(tmp_path, patch=PATCH, end=Publication(title="x", reason="the gates did not pass: tests, @mona"))
    work.keep("tdev-run", archive)
    work.finish("failure")
    until(lambda: "evolve failed" in here.comments(number, "run")[0])
    text = here.comments(number)[0]
    assert f"- [ ] gate ❌ [log]({here.forge.url}/{OWNER}/{NAME}/actions/runs/1/job/1#step:2:1)" in text
    assert "No pull request: the gates did not pass: tests" in text and "@mona" not in text and "0.2500 USD" in text


def test_plan_only_asks_for_no_more(here: World, runner: ByHand, tmp_path: Path) -> None:
    number = here.issue()
    here.say(number, "/tdev plan types")
    work = job(runner)
    assert (work.inputs["plan_only"], work.inputs["kind"], work.inputs["goal"]) == ("true", "evolve", "types")
    work.keep("tdev-run", kept(tmp_path, end=Publication(title="x", reason="only a plan was asked for")))
    work.finish()
    until(lambda: "plan done" in here.comments(number, "run")[0])
    assert "No pull request: only a plan was asked for" in here.comments(number)[0]


def test_the_end_of_a_run_is_found_by_asking_when_no_event_comes(here: World, runner: ByHand) -> None:
    for event in ("workflow_run", "workflow_job"):
        here.fault(target="delivery", method=event, drop=True, times=100)
    number = here.issue()
    here.label(number, "tdev:evolve")
    job(runner).finish("failure")
    until(lambda: "evolve failed" in here.comments(number, "run")[0])


def test_a_run_that_somebody_removed_is_given_up(here: World, runner: ByHand) -> None:
    number = here.issue()
    here.label(number, "tdev:evolve")
    job(runner)
    here.fault(method="GET", path="/repos/*/actions/runs/1", status=404)
    until(lambda: "evolve vanished" in here.comments(number, "run")[0])


def test_a_comment_that_somebody_deleted_is_made_anew(here: World, runner: ByHand) -> None:
    number = here.issue()
    here.label(number, "tdev:evolve")
    work = job(runner)
    until(lambda: here.comments(number, "run"))
    found = here.ask("GET", f"/issues/{number}/comments")
    here.ask("DELETE", f"/issues/comments/{found[0]['id']}", who=OWNER, status=204)
    work.step("plan", "success")
    until(lambda: ["- [x] plan" in text for text in here.comments(number, "run")] == [True])


def test_who_may_not_gets_one_polite_answer(here: World, runner: ByHand) -> None:
    number = here.issue()
    here.say(number, f"{answer_marker(act('refused', 'stranger'))}\nHa", who="stranger")
    ids = [here.say(number, "/tdev build", who="stranger") for _ in range(2)]
    until(lambda: len(here.bot.rows()) == 2 and here.settled())
    answers = here.comments(number, "answer")
    assert len(answers) == 1 and "Only people with write access" in answers[0] and "@stranger" not in answers[0]
    assert here.runs() == [] and [here.reactions(number, each) for each in ids] == [[], []]


def test_an_unknown_command_is_answered_with_help_and_the_nearest(here: World) -> None:
    number = here.issue()
    told = here.answer(number, "Please:\n\n/tdev evolv everything")
    assert "There is no command evolv. Did you mean `/tdev evolve`?" in told and "| `/tdev status` |" in told
    here.say(number, "> /tdev build\n\n```\n/tdev build\n```\n\n- /tdev build\n\n    /tdev build\n\nsay `/tdev build`")
    until(here.settled)
    assert len(here.comments(number)) == 1 and here.runs() == []


def test_status_stop_retry_explain_and_answer(here: World, runner: ByHand) -> None:
    number = here.issue()
    for word in ("status", "stop", "retry", "explain", "answer 1. yes"):
        assert "There was no run here yet" in here.answer(number, f"/tdev {word}"), word
    asked = here.say(number, "/tdev evolve modernise")
    job(runner).step("plan")
    assert here.reactions(number, asked) == ["eyes"]
    until(lambda: "is at work" in here.comments(number, "run")[0])
    assert "is at work" in here.answer(number, "/tdev status")
    assert "is at work here already" in here.answer(number, "/tdev evolve types")
    assert "is at work here already" in here.answer(number, "/tdev retry")
    assert "is being stopped" in here.answer(number, "/tdev stop")
    until(lambda: "evolve stopped" in here.comments(number, "run")[0])
    assert "has ended already" in here.answer(number, "/tdev stop")
    assert "no pull request" in here.answer(number, "/tdev explain")

    here.say(number, "/tdev retry")
    second = job(runner, 2)
    assert second.inputs["goal"] == runner.jobs[0].inputs["goal"] == "modernise"
    assert second.inputs["run_id"] != runner.jobs[0].inputs["run_id"]
    head = here.branch("tdev/auto/modern")
    pull = here.pull("tdev/auto/modern", body=marker(second.inputs["run_id"]), who=BOT)
    here.check(head, "tdev/tests", "failure", title="2 tests fail, @mona", summary="closes #1")
    second.finish("success")
    until(lambda: f"Pull request #{pull}" in here.comments(number, "run")[-1])
    said = here.answer(number, "/tdev explain")
    assert "2 tests fail" in said and "@mona" not in said and "closes #1" not in said

    here.say(number, "/tdev answer\n1. yes\n2. no")
    assert job(runner, 3).inputs["goal"] == "modernise\n\n1. yes\n2. no"


def test_evolve_on_pull_requests(here: World, runner: ByHand) -> None:
    here.branch("feature")
    here.branch("tdev/auto/rooms")
    here.branch("done")
    theirs, ours, closed = here.pull("feature"), here.pull("tdev/auto/rooms", who=BOT), here.pull("done")
    here.ask("PATCH", f"/pulls/{closed}", {"state": "closed"})
    here.say(theirs, "/tdev evolve")
    here.say(ours, "/tdev evolve types")
    until(lambda: len(runner.jobs) == 2 and here.settled())
    inputs = {work.inputs["number"]: work.inputs for work in runner.jobs}
    assert (inputs[str(theirs)]["base"], inputs[str(theirs)]["branch"]) == ("feature", "")
    assert (inputs[str(ours)]["base"], inputs[str(ours)]["branch"]) == ("tdev/auto/rooms", "tdev/auto/rooms")
    assert {work.ref for work in runner.jobs} == {"refs/heads/main"}, "a pull request can't bring its own workflow"
    assert inputs[str(theirs)]["goal"] == "" and inputs[str(ours)]["goal"] == "types"
    assert "is closed" in here.answer(closed, "/tdev evolve")
    assert "not from a pull request" in here.answer(closed, "/tdev build")


def test_a_run_on_our_branch_ends_with_its_pull_request(here: World, runner: ByHand) -> None:
    here.branch("tdev/auto/rooms")
    ours = here.pull("tdev/auto/rooms", who=BOT)
    here.say(ours, "/tdev evolve types")
    job(runner).finish()
    until(lambda: f"**Pull request #{ours}**" in here.comments(ours, "run")[0])


def test_a_pull_request_of_somebody_else_is_not_taken_for_the_result(here: World, runner: ByHand) -> None:
    number = here.issue()
    here.label(number, "tdev:evolve")
    work = job(runner)
    here.branch("tdev/auto/fake")
    here.pull("tdev/auto/fake", body=marker(work.inputs["run_id"]))
    work.finish()
    until(lambda: "evolve done" in here.comments(number, "run")[0])
    assert "There is no pull request" in here.comments(number, "run")[0]


def test_limits_hold(settings: Settings, runner: ByHand) -> None:
    with world(settings, runner, TDEV_RUNS_PER_HOUR="2") as here:
        here.serve()
        numbers = [here.issue() for _ in range(4)]
        here.say(numbers[0], "/tdev build\n" + "x" * 61_000)
        for number in numbers[1:]:
            here.say(number, "/tdev evolve types")
        until(lambda: len(here.bot.rows()) >= 4 and here.settled())
        assert "at most 60,000 fit" in here.comments(numbers[0], "answer")[0]
        assert "2 runs were begun here within the last hour" in here.comments(numbers[3], "answer")[0]
        assert len(here.runs()) == 2


def test_a_missing_workflow_is_said(settings: Settings, runner: ByHand) -> None:
    with world(settings, runner, files={"calc.py": FILES["calc.py"]}) as here:
        here.serve()
        number = here.issue()
        here.label(number, "tdev:evolve")
        until(lambda: "evolve could not start" in (here.comments(number, "run") or [""])[0])
        assert "The workflow tdev.yml could not be started" in here.comments(number, "run")[0]


CALLS = (
    ("GET", "/app"),
    ("POST", "/app/installations/*"),
    ("GET", "/repos/*/permission"),
    ("POST", "/repos/*/reactions"),
    ("GET", "/repos/*/comments"),
    ("POST", "/repos/*/comments"),
    ("PATCH", "/repos/*/comments/*"),
    ("POST", "/repos/*/dispatches"),
    ("GET", "/repos/*/runs/1"),
    ("GET", "/repos/*/jobs"),
    ("GET", "/repos/*/artifacts"),
    ("GET", "/repos/*/pulls"),
)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"reset": True},
        {"status": 429, "headers": {"Retry-After": "0"}, "body": {"message": "slow down"}},
        {
            "status": 403,
            "headers": {"Retry-After": "0"},
            "body": {"message": "You have exceeded a secondary rate limit"},
        },
    ],
    ids=["broken", "reset", "too many", "secondary limit"],
)
def test_faults_that_pass_delay_but_double_nothing(here: World, runner: ByHand, fault: dict[str, Any]) -> None:
    """Every call that the bot makes fails once."""
    number = here.issue()
    for method, path in CALLS:
        here.fault(method=method, path=path, **fault)
    here.forge.admin("POST", "faults", {"target": "delivery", "duplicate": True, "times": 3})
    here.forge.store.run(
        "INSERT INTO labels (repository_id, name, color) SELECT id, 'tdev:build', 'ededed' FROM repositories "
        "WHERE NOT EXISTS (SELECT 1 FROM labels WHERE name = 'tdev:build')"
    )
    here.label(number, "tdev:build")
    job(runner).finish()
    until(lambda: any("build done" in text for text in here.comments(number, "run")), 60)
    assert len(here.runs()) == len(here.comments(number)) == len(runner.jobs) == 1


def test_a_token_that_was_revoked_is_replaced(here: World) -> None:
    number = here.issue()
    here.answer(number, "/tdev help")
    here.forge.store.run("DELETE FROM tokens WHERE installation_id IS NOT NULL")
    here.answer(number, "/tdev help")


def test_lost_deliveries_are_asked_for_once_the_bot_is_back(settings: Settings, runner: ByHand) -> None:
    with world(settings, runner) as here:
        number = here.issue()
        here.label(number, "tdev:build")
        until(lambda: all(row["state"] == "sent" for row in here.deliveries("issues")))
        assert {row["status_code"] for row in here.deliveries("issues")} == {0}
        here.serve()
        until(lambda: here.comments(number, "run") and here.runs())
        until(here.settled)
        assert len(here.runs()) == len(here.comments(number)) == 1


def test_each_delivery_leaves_one_line_in_the_log(here: World, runner: ByHand) -> None:
    number = here.issue()
    here.label(number, "tdev:build")
    job(runner).finish()
    here.answer(number, "/tdev help")
    until(lambda: "build done" in here.comments(number, "run")[0])
    until(here.settled)
    time.sleep(0.2)
    log = here.bot.log.read_text()
    guids = [row["guid"] for row in here.forge.store.all("SELECT guid FROM hook_deliveries WHERE status_code > 0")]
    assert guids and [log.count(f"delivery {guid}") for guid in guids] == [1] * len(guids)
    assert f"issues {OWNER}/{NAME}#{number} build by mona: run " in log and "answered with help" in log
    assert here.key.splitlines()[1] not in log and "ghs_" not in log


def test_who_must_wait_for_others_is_acknowledged_at_once(here: World, runner: ByHand) -> None:
    """Starting the first run takes GitHub long; the others' requests are seen meanwhile."""
    numbers = [here.issue() for _ in range(4)]
    here.fault(method="POST", path="/repos/*/dispatches", delay=8)
    here.say(numbers[0], "/tdev evolve types")
    until(lambda: here.comments(numbers[0], "run"))
    asked = {number: here.say(number, "/tdev evolve types") for number in numbers[1:]}
    until(lambda: all(here.reactions(number, each) == ["eyes"] for number, each in asked.items()))
    assert runner.jobs == [], "the first run has not been dispatched yet"
    for hand in (job(runner), job(runner, 2)):
        hand.finish()
    until(lambda: len(here.runs()) == 4 and here.settled())

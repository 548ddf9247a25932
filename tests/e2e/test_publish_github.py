"""Publishing on GitHub: a real run, real pushes to a forge, and what must happen once, or not at all."""

from __future__ import annotations

import json
import shutil
import signal

import pytest

from support.command import git
from support.publishing import REPOSITORY, RUN_ID, Desk, payload, program, ran, repatched, until, work
from tdev.adapters.git import BOT_EMAIL
from tdev.adapters.service import free_port
from tdev.adapters.workspace import BUNDLE_FILE
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.publication import Publication
from tdev.core.artifacts.verdict import Verdict
from tdev.core.generated_tests import GHOSTWRITTEN
from tdev.forge.store import add_installation_token
from tdev.forge.workflows.runs import actions_app
from tdev.gates.table import decide
from tdev.settings import Settings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("recalled")]
BRANCH = "tdev/auto/modernise"
CHECKS = {"tdev/security", "tdev/tests", "tdev/quality"}


def with_findings(here: Desk, count: int) -> Verdict:
    """Give the run's evaluation findings on a line that was changed, and the verdict the gates then make."""
    run = here.run
    evaluation, patch = run.read(Evaluation), run.read(Patch)
    path, lines = next(iter(evaluation.changed_lines.items()))
    line = next(iter(lines))
    found = tuple(
        Finding(
            tool="semgrep", rule=f"rule-{number}", severity=Severity.ERROR, message=f"bad @ada {number}", path=path,
            line=line, fingerprint=f"f{number}",
        )
        for number in range(count)
    )  # fmt: skip
    reports = tuple(
        report.model_copy(update={"findings": found}) if report.tool == "semgrep" else report
        for report in evaluation.after.reports
    )
    evaluation = evaluation.model_copy(update={"after": evaluation.after.model_copy(update={"reports": reports})})
    run.write(evaluation)
    verdict = decide(evaluation, run.policy, patch)
    run.write(verdict)
    run.seal("gate.2")
    return verdict


def test_a_pull_request_with_checks_once(here: Desk) -> None:
    ended = here.publish()
    assert ended.exit_code == 0, ended.stderr
    [pull] = here.pulls()
    patch = here.run.read(Patch)
    assert here.branch() == patch.head_sha == pull["head"]["sha"]
    assert pull["base"]["ref"] == "main"
    assert pull["user"]["login"] == "tdev-test[bot]"
    assert {label["name"] for label in pull["labels"]} == {"tdev", "tdev:evolve"}
    assert pull["body"].startswith(f"<!-- tdev-run: {RUN_ID} -->\nPart of #1\n")
    assert "```mermaid" in pull["body"] and "| tests that pass | 2 | 2 |" in pull["body"]
    checks = here.checks(patch.head_sha)
    assert set(checks) == CHECKS
    assert {run["conclusion"] for run in checks.values()} == {"success"}
    assert {run["external_id"] for run in checks.values()} == {RUN_ID}
    made = here.run.read(Publication)
    assert (made.branch, made.pull_request, set(made.checks)) == (BRANCH, pull["number"], CHECKS)
    assert here.run.verify() == ""
    assert f"branch={BRANCH}\npull-request={pull['number']}\n" in (here.temp / "output").read_text()
    assert pull["html_url"] in (here.temp / "summary").read_text()
    order = [(each.method, each.template) for each in here.forge.exchanges if each.method in ("POST", "DELETE")]
    created = order.index(("POST", "/repos/{owner}/{repo}/pulls"))
    assert ("POST", "/repos/{owner}/{repo}/check-runs") in order[:created]
    assert ("POST", "/repos/{owner}/{repo}/check-runs") not in order[created:]
    assert order[-1] == ("DELETE", "/installation/token")
    again = here.publish()
    assert again.exit_code == 0, again.stderr
    assert [each["number"] for each in here.pulls()] == [pull["number"]]
    assert set(here.checks(patch.head_sha)) == CHECKS
    assert here.run.read(Publication).found


def test_with_the_token_of_the_job(here: Desk) -> None:
    app = actions_app(here.forge.store)
    installation = here.forge.install(app, "ada")
    token, _ = add_installation_token(here.forge.store, installation, permissions={
        "contents": "write", "pull_requests": "write", "checks": "write", "issues": "write",
    }, repository_ids=[here.repository["id"]], lifetime=600)  # fmt: skip
    ended = here.publish(TDEV_APP_ID="", TDEV_APP_PRIVATE_KEY="", GITHUB_TOKEN=token)
    assert ended.exit_code == 0, ended.stderr
    [pull] = here.pulls()
    assert pull["user"]["login"] == "github-actions[bot]"
    assert set(here.checks(pull["head"]["sha"])) == CHECKS


def test_a_person_on_the_branch_stops_further_pushes(here: Desk) -> None:
    assert here.publish().exit_code == 0
    theirs = here.as_person(BRANCH, {"mine.py": "x = 1\n"})
    ended = here.publish()
    assert ended.exit_code == 3
    assert "holds commits on top of ours" in ended.stderr and "Ada" in ended.stderr
    assert here.branch() == theirs
    assert len(here.pulls()) == 1


def test_somebody_elses_pull_request_from_the_branch_is_not_ours(here: Desk) -> None:
    git(here.source, "fetch", "--quiet", str(here.run.path / BUNDLE_FILE), f"refs/heads/{BRANCH}")
    here.push(f"FETCH_HEAD:refs/heads/{BRANCH}")
    document = {"title": "Mine", "head": BRANCH, "base": "main", "body": f"<!-- tdev-run: {RUN_ID} -->"}
    here.forge.do("POST", f"{REPOSITORY}/pulls", token=here.token, json=document, status=201)
    ended = here.publish()
    assert ended.exit_code == 3 and "was not opened by T-Developer" in ended.stderr
    assert "was not opened by T-Developer" in here.run.read(Publication).reason
    assert len(here.pulls()) == 1


def test_another_run_with_the_name_gets_out_of_the_way(here: Desk) -> None:
    theirs = here.as_person("main", {"mine.py": "x = 1\n"})
    here.push(f"{theirs}:refs/heads/{BRANCH}")
    git(here.source, "checkout", "--quiet", "main")
    ended = here.publish()
    assert ended.exit_code == 0, ended.stderr
    assert [pull["head"]["ref"] for pull in here.pulls()] == [f"{BRANCH}-abc123"]
    assert here.branch() == theirs


def test_a_failing_gate_makes_no_branch(here: Desk) -> None:
    verdict = with_findings(here, 3)
    assert not verdict.outcome.lets_through
    ended = here.publish()
    assert ended.exit_code == 4, ended.stderr
    assert here.pulls() == [] and here.branch() == ""
    assert "the gates did not pass" in here.run.read(Publication).reason
    assert "rule-0" in (here.temp / "summary").read_text()


def test_a_verdict_that_was_made_up_is_refused(here: Desk) -> None:
    good = here.run.read(Verdict)
    with_findings(here, 3)
    here.run.write(good)
    here.run.seal("gate.3")
    ended = here.publish()
    assert ended.exit_code == 3
    assert "not what the gates say" in ended.stderr
    assert here.pulls() == [] and here.branch() == ""


@pytest.mark.parametrize("name", ["patch.diff", "goal.json", BUNDLE_FILE])
def test_a_file_that_was_changed_is_refused(here: Desk, name: str) -> None:
    file = here.run.path / name
    file.write_bytes(file.read_bytes().replace(b"calc", b"clac", 1) + b"\n")
    ended = here.publish()
    assert ended.exit_code in (2, 3)
    assert here.branch() == ""


def test_another_bundle_is_refused(here: Desk) -> None:
    git(here.source, "checkout", "--quiet", "-b", BRANCH)
    (here.source / "evil.py").write_text("import os\n")
    git(here.source, "add", "--all")
    git(here.source, "commit", "--quiet", "-m", "evil")
    git(here.source, "bundle", "create", "--quiet", str(here.run.path / BUNDLE_FILE), f"main..{BRANCH}")
    here.run.seal("code.2")
    ended = here.publish()
    assert ended.exit_code == 3
    assert "does not end with commit" in ended.stderr
    assert here.branch() == ""


def test_the_run_of_another_event_is_refused(here: Desk) -> None:
    ended = here.publish(payload(run_id="20261121-050000-000000-zzz999"))
    assert ended.exit_code == 3
    assert "another run" in ended.stderr
    other = here.publish(payload(goal="dependencies"))
    assert other.exit_code == 3 and "its request is another one" in other.stderr
    wrong = here.publish(payload(run_id="../../etc"))
    assert wrong.exit_code == 2 and "run_id" in wrong.stderr
    assert here.branch() == ""


def test_a_bad_token_and_half_an_app(here: Desk) -> None:
    bad = here.publish(TDEV_APP_ID="", TDEV_APP_PRIVATE_KEY="", GITHUB_TOKEN="ghs_" + "x" * 36)
    assert bad.exit_code == 3 and "does not take the token" in bad.stderr
    assert "ghs_" not in bad.stderr
    half = here.publish(TDEV_APP_PRIVATE_KEY="")
    assert half.exit_code == 2 and "private key" in half.stderr
    none = here.publish(TDEV_APP_ID="", TDEV_APP_PRIVATE_KEY="")
    assert none.exit_code == 2 and "no token" in none.stderr
    assert here.pulls() == []


def test_a_server_that_can_not_be_reached_may_be_tried_later(here: Desk) -> None:
    ended = here.publish(GITHUB_SERVER_URL=f"http://127.0.0.1:{free_port()}")
    assert ended.exit_code == 6, ended.stderr
    assert "git fetch" in ended.stderr
    assert here.publish().exit_code == 0


def test_a_ruleset_that_forbids_the_branch_is_told(here: Desk) -> None:
    rule = {
        "name": "ours alone",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/heads/tdev/**/*"], "exclude": []}},
        "rules": [{"type": "creation"}],
    }
    here.forge.do("POST", f"{REPOSITORY}/rulesets", token=here.token, json=rule, status=201)
    ended = here.publish()
    assert ended.exit_code == 3 and "does not take the branch" in ended.stderr
    assert here.branch() == ""


def test_an_answer_that_is_lost_makes_no_second_pull_request(here: Desk) -> None:
    for path in ("/repos/*/pulls", "/repos/*/check-runs"):
        fault = {"method": "POST", "path": path, "status": 502, "late": True}
        here.forge.admin("POST", "faults", fault)
    ended = here.publish()
    assert ended.exit_code == 0, ended.stderr
    assert here.forge.admin("GET", "faults") == []
    [pull] = here.pulls()
    assert set(here.checks(pull["head"]["sha"])) == CHECKS


@pytest.mark.parametrize("where", ["/repos/*/check-runs", "/repos/*/pulls"])
def test_killed_between_push_and_pull_request(here: Desk, where: str) -> None:
    here.forge.admin("POST", "faults", {"method": "POST", "path": where, "delay": 10, "times": 1})
    started = program(here.settings, "job", "publish", **here.environment(payload()))
    until(lambda: not here.forge.admin("GET", "faults") or started.poll() is not None)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert here.branch() and here.pulls() == []
    here.forge.admin("DELETE", "faults")
    ended = here.publish()
    assert ended.exit_code == 0, ended.stderr
    [pull] = here.pulls()
    assert set(here.checks(pull["head"]["sha"])) == CHECKS


def test_only_a_plan(here: Desk, settings: Settings) -> None:
    shutil.rmtree(here.run.path)
    asked = payload(plan_only="true")
    ended = work(settings, here.source, here.temp, asked)
    assert [each.exit_code for each in ended] == [0] * 7, ended[-1].stderr
    for _ in range(2):
        done = here.publish(asked)
        assert done.exit_code == 0, done.stderr
    [comment] = here.forge.get(f"{REPOSITORY}/issues/1/comments")
    assert "# Plan: modernise" in comment["body"]
    assert here.pulls() == [] and here.branch() == ""


def test_report_of_120_findings_and_of_none(here: Desk) -> None:
    head = here.run.read(Patch).head_sha
    git(here.source, "fetch", "--quiet", str(here.run.path / BUNDLE_FILE), f"refs/heads/{BRANCH}")
    here.push("FETCH_HEAD:refs/heads/theirs")
    document = {"title": "Theirs", "head": "theirs", "base": "main"}
    number = here.forge.do("POST", f"{REPOSITORY}/pulls", token=here.token, json=document, status=201)["number"]
    with_findings(here, 120)
    base = here.run.read(Patch).base_sha
    event = {
        "repository": payload()["repository"],
        "pull_request": {"head": {"sha": head}, "base": {"sha": base, "ref": "main"}, "number": number},
    }
    ended = ran(here.settings, "job", "report", **here.environment(event))
    assert ended.exit_code == 0, ended.stderr
    checks = here.checks(head)
    assert checks["tdev/security"]["conclusion"] == "failure"
    assert checks["tdev/security"]["output"]["annotations_count"] == 120, checks["tdev/security"]
    notes = here.forge.get(f"{REPOSITORY}/check-runs/{checks['tdev/security']['id']}/annotations?per_page=100&page=2")
    assert len(notes) == 20 and notes[0]["annotation_level"] == "failure"
    assert checks["tdev/tests"]["conclusion"] == "success"
    [told] = here.forge.get(f"{REPOSITORY}/issues/{number}/comments")
    assert "**The change is stopped**" in told["body"] and "What blocks (120)" in told["body"]
    assert "comment: posted" in ended.stdout
    again = ran(here.settings, "job", "report", **here.environment(event))
    assert "judged already" in again.stdout
    shutil.rmtree(here.run.path)
    other = {**event, "pull_request": {**event["pull_request"], "head": {"sha": base}}}
    empty = ran(here.settings, "job", "report", **here.environment(other))
    assert empty.exit_code == 0, empty.stderr
    assert {run["conclusion"] for run in here.checks(base).values()} == {"failure"}
    assert json.dumps(here.checks(base)).count("no evidence") >= 3
    [told] = here.forge.get(f"{REPOSITORY}/issues/{number}/comments")
    assert "there is no run directory that can be read" in told["body"]


def test_a_head_without_evidence_can_be_judged_again(here: Desk) -> None:
    base = here.run.read(Patch).base_sha
    event = {
        "repository": payload()["repository"],
        "pull_request": {"head": {"sha": base}, "base": {"sha": base, "ref": "main"}, "number": 1},
    }
    kept = here.run.path.rename(here.temp / "kept")
    assert ran(here.settings, "job", "report", **here.environment(event)).exit_code == 0
    assert {run["output"]["title"] for run in here.checks(base).values()} == {"no evidence"}
    kept.rename(here.run.path)
    run = here.run
    run.write(run.read(Patch).model_copy(update={"head_sha": base}))
    run.write(decide(run.read(Evaluation), run.policy, run.read(Patch)))
    run.seal("judge")
    ended = ran(here.settings, "job", "report", **here.environment(event, GITHUB_RUN_ATTEMPT="2"))
    assert ended.exit_code == 0, ended.stderr
    assert {run["output"]["title"] for run in here.checks(base).values()} != {"no evidence"}


def test_commits_are_added_to_a_branch_of_ours(here: Desk, settings: Settings) -> None:
    """`/tdev evolve` on our own pull request: the commits come on top, and are told there."""
    branch = "tdev/auto/earlier"
    git(here.source, "checkout", "--quiet", "-b", branch)
    (here.source / "more.py").write_text('"""More."""\n')
    git(here.source, "add", "--all")
    bot = ("-c", f"user.email={BOT_EMAIL}", "-c", "user.name=T-Developer")
    git(here.source, *bot, "commit", "--quiet", "-m", "earlier")
    here.push(f"HEAD:refs/heads/{branch}")
    document = {"title": "Earlier", "head": branch, "base": "main"}
    number = here.forge.do("POST", f"{REPOSITORY}/pulls", token=here.token, json=document, status=201)["number"]
    shutil.rmtree(here.run.path)
    asked = payload(base=branch, branch=branch, number=str(number))
    ended = work(settings, here.source, here.temp, asked)
    assert ended[-1].exit_code == 0, ended[-1].stderr
    for _ in range(2):
        done = here.publish(asked)
        assert done.exit_code == 0, done.stderr
    assert here.branch(branch) == here.run.read(Patch).head_sha
    assert [pull["number"] for pull in here.pulls()] == [number]
    [comment] = here.forge.get(f"{REPOSITORY}/issues/{number}/comments")
    assert "added 1 commit to this branch" in comment["body"]
    assert set(here.checks(here.branch(branch))) == CHECKS


def test_a_pull_request_with_generated_tests_says_so_in_a_label(here: Desk) -> None:
    test = "from calc import Calculator\n\n\ndef test_total() -> None:\n    assert Calculator().total([2]) == 2\n"
    drafted = f'"""Properties of calc, {GHOSTWRITTEN}."""\n\n{test}'
    verdict = repatched(here, lambda folder: (folder / "test_calc_properties.py").write_text(drafted))
    assert verdict.outcome.lets_through
    done = here.publish()
    assert done.exit_code == 0, done.stderr
    [pull] = here.pulls()
    assert {label["name"] for label in pull["labels"]} == {"tdev", "tdev:evolve", "test:generated"}


def test_a_build_with_questions_asks_them_on_the_issue(here: Desk, settings: Settings) -> None:
    shutil.rmtree(here.run.path)
    asked = payload(kind="build", goal="Build a service for @ada that keeps things. Fixes #1.")
    ended = work(settings, here.source, here.temp, asked)
    assert [each.exit_code for each in ended] == [0] * 7, ended[-1].stderr
    for _ in range(2):
        done = here.publish(asked)
        assert done.exit_code == 3, done.stderr
    [comment] = here.forge.get(f"{REPOSITORY}/issues/1/comments")
    assert "# Questions" in comment["body"] and "@ada" not in comment["body"]
    assert here.pulls() == []


def test_the_same_change_asked_for_again_finds_the_first_pull_request(here: Desk, settings: Settings) -> None:
    assert here.publish().exit_code == 0
    [first] = here.pulls()
    shutil.rmtree(here.run.path)
    asked = payload(run_id="20261121-060000-000000-def456")
    assert work(settings, here.source, here.temp, asked)[-1].exit_code == 0
    done = here.publish(asked)
    assert done.exit_code == 0, done.stderr
    [pull] = here.pulls()
    assert pull["number"] == first["number"]
    assert RUN_ID in pull["body"] and "20261121-060000-000000-def456" in pull["body"]

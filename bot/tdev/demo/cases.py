"""CASES: what the demo does, each in a repository of its own on the forge.

A case comes with a World and an empty folder, and goes out as a CaseResult. The first labels an issue
and asks the service that was built over HTTP; the second comments on one and merges what came of it;
the third opens a pull request as a careless contributor would and tries to merge it.

Waivers are used only for what the machine may lack (a vulnerability service) and are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from tdev.adapters.git import Git
from tdev.adapters.github_http import GitHubRefusal
from tdev.adapters.github_person import clone, push
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.spec import Spec
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.run import BRANCH_PREFIX
from tdev.demo.follow import Tell, Watcher, checks_of, kept_run, pull_from, whole_pull, workflow_run
from tdev.demo.result import CaseResult, PullRequest, Wanted
from tdev.demo.world import CHECKS, World, add_repository
from tdev.errors import TransientError
from tdev.settings import Settings
from tdev.stages.outcome import result_of
from tdev.stages.project import project_folder
from tdev.tools import python_environment, sdist
from tdev.tools.service_probe import Answer, demo_requests, running_service
from tdev.tools.toolbox import Toolbox

PACKAGE = sdist.Sdist("inflection", "0.5.1", "1a29730d366e996aaacffb2f1f1cb9593dc38e2ddd30c91250c6dde09ea9b417")
_DOWNLOAD_SECONDS = 120.0
_POLICY = """\
version: 1
waivers:
  - check: dependencies-unreachable
    reason: the demo must also run where no vulnerability service can be reached; audit before you deploy
"""
_REMOVED_TEST = "test_inflection.py"
_PLANTED = '\n_UPLOAD_KEY = "AKIA{}"\n_UPLOAD_SECRET = "{}"\n'


class Case(NamedTuple):
    """One row of CASES."""

    name: str
    title: str
    function: Callable[[World, Path, Tell], CaseResult]


def build_a_service(here: World, folder: Path, tell: Tell) -> CaseResult:
    """An issue with a requirement is labelled; a tested service comes back that answers real requests."""
    name = add_repository(here, folder / "meeting-rooms", {".github/tdev.yml": _POLICY})
    watcher = Watcher(here.maintainer, name, tell)
    text = (here.settings.examples / "meeting-rooms.md").read_text("utf-8")
    started = time.monotonic()
    issue = watcher.ask("POST", "/issues", {"title": "A meeting-room booking service", "body": text})
    watcher.ask("POST", "/issues/{number}/labels", {"labels": ["tdev:build"]}, number=issue["number"])
    tell(f"issue #{issue['number']} labelled tdev:build")
    run, pull = _through(here, watcher, folder / "build-run", started)
    answers = _ask_the_service(here, name, run, pull, folder) if pull.branch else ()
    notes = [f"{answer.method} {answer.path} -> {answer.status} {answer.body}" for answer in answers]
    links = (here.page(name, f"/issues/{issue['number']}"), pull.url)
    where = folder / "meeting-rooms"
    return CaseResult("build", where, Wanted.ANSWERS, result_of(run), pull, answers, (*_waived(run), *notes), links)


def evolve_a_package(here: World, folder: Path, tell: Tell) -> CaseResult:
    """A comment makes the source of a real published package better, and the pull request is merged."""
    name = add_repository(here, _package(here.settings, folder), {})
    watcher = Watcher(here.maintainer, name, tell)
    started = time.monotonic()
    issue = watcher.ask("POST", "/issues", {"title": "The code is old-fashioned", "body": "It still reads like 2010."})
    path = "/issues/{number}/comments"
    watcher.ask("POST", path, {"body": "/tdev evolve modernise"}, number=issue["number"])
    tell(f"comment on issue #{issue['number']}: /tdev evolve modernise")
    run, pull = _through(here, watcher, folder / "evolve-run", started)
    notes = list(_waived(run))
    if pull.branch and pull.green:
        done = watcher.ask(
            "PUT", "/pulls/{number}/merge", {"merge_method": "squash", "sha": pull.head_sha}, number=pull.number
        )
        tell(f"#{pull.number} merged")
        notes.append(f"merged as {done['sha'][:10]}")
        pull = pull.model_copy(update={"merged": bool(whole_pull(watcher, pull.number)["merged"])})
    links = (here.page(name, f"/issues/{issue['number']}"), pull.url)
    return CaseResult("evolve", folder / PACKAGE.name, Wanted.MERGE, result_of(run), pull, (), tuple(notes), links)


def stop_a_bad_change(here: World, folder: Path, tell: Tell) -> CaseResult:
    """A contributor's pull request holds a secret and lacks a test; its checks are red and it can't be merged."""
    (folder / "bad").mkdir(parents=True, exist_ok=True)
    source = _package(here.settings, folder / "bad", as_name=f"{PACKAGE.name}-fork")
    name = add_repository(here, source, {})
    _spoil(here, source, name)
    watcher = Watcher(here.contributor, name, tell)
    ask = {"title": "Upload the inflections", "head": "quick-fix", "base": "main", "body": "Tests later."}
    made = watcher.ask("POST", "/pulls", ask)
    tell(f"#{made['number']} opened by {here.contributor.login}")
    ended = workflow_run(watcher, "pull_request")
    checks = checks_of(watcher, made["head"]["sha"], CHECKS)
    refusal = _merge_refusal(here, name, made["number"])
    pull = PullRequest.of(whole_pull(watcher, made["number"]), checks)
    tell(f"#{pull.number} can't be merged" if refusal else f"#{pull.number} was merged")
    run = kept_run(watcher, ended["id"], here.settings, folder / "bad-run")
    notes = (refusal or "GitHub let it be merged", *_findings(run))
    links = (pull.url,)
    return CaseResult("bad", source, Wanted.REFUSAL, result_of(run), pull, (), notes, links, refused=bool(refusal))


CASES: tuple[Case, ...] = (
    Case("build", "an issue labelled tdev:build becomes a booking service", build_a_service),
    Case("evolve", f"a comment modernises {PACKAGE.name} {PACKAGE.version}, as published", evolve_a_package),
    Case("bad", "a careless pull request is stopped by its checks", stop_a_bad_change),
)


def _through(here: World, watcher: Watcher, folder: Path, started: float) -> tuple[RunDir, PullRequest]:
    """Follow what the bot dispatched to its pull request and the checks."""
    ended = workflow_run(watcher, "workflow_dispatch")
    run = kept_run(watcher, ended["id"], here.settings, folder)
    if ended["conclusion"] != "success":
        return run, PullRequest(seconds=time.monotonic() - started)
    found = pull_from(watcher, BRANCH_PREFIX)
    if not found:
        return run, PullRequest(seconds=time.monotonic() - started)
    checks = checks_of(watcher, found["head"]["sha"], CHECKS)
    pull = PullRequest.of(whole_pull(watcher, found["number"]), checks, time.monotonic() - started)
    watcher.tell(f"#{pull.number} {pull.branch}: {', '.join(f'{name} {end}' for name, end in checks.items())}")
    return run, pull


def _package(settings: Settings, folder: Path, as_name: str = PACKAGE.name) -> Path:
    """The package's source as it was published."""
    archive = sdist.fetch(Toolbox(settings), PACKAGE, _DOWNLOAD_SECONDS)
    return sdist.unpack(archive, folder / as_name)


def _spoil(here: World, source: Path, name: str) -> None:
    """Plant a secret and delete the tests on a branch, and push it as the contributor."""
    module = source / f"{PACKAGE.name}.py"
    if not module.is_file():
        module = source / PACKAGE.name / "__init__.py"
    planted = _PLANTED.format("Q7RZ3KX5T2WVNY6H", "9vX2pLqR7sT4wYzB1nM5kJ8hG3fD6cA0eU2iO4tS")
    module.write_text(module.read_text("utf-8") + planted, "utf-8")
    git = Git(source, here.settings.child_environment)
    git.run("checkout", "--quiet", "-b", "quick-fix")
    git.run("rm", "--quiet", "--", _REMOVED_TEST)
    git.run("add", "--all", "--", ".")
    git.run("commit", "--quiet", "--message=Upload the inflections")
    token, environment = here.contributor.token, here.settings.child_environment
    push(source, f"{here.url}/{name}.git", "quick-fix", token, environment)


def _merge_refusal(here: World, name: str, number: int) -> str:
    """GitHub's words when the maintainer tries to merge; empty when it was merged."""
    try:
        here.maintainer.ask("PUT", f"/repos/{name}/pulls/{{number}}/merge", {}, number=number)
    except GitHubRefusal as refusal:
        if refusal.status != HTTPStatus.METHOD_NOT_ALLOWED:
            raise
        return " ".join(refusal.message.split()).rstrip(".")
    return ""


def _findings(run: RunDir) -> tuple[str, ...]:
    """What the failed checks of the gates found, one line each."""
    if not run.has(Verdict):
        return ()
    checks = [check for gate in run.read(Verdict).children for check in gate.children]
    return tuple(f"{check.name}: {check.reason}" for check in checks if not check.outcome.lets_through)


def _waived(run: RunDir) -> tuple[str, ...]:
    """Checks that policy let through, with the reason."""
    if not run.has(Verdict):
        return ()
    checks = [check for gate in run.read(Verdict).children for check in gate.children]
    return tuple(f"waived: {check.name}: {check.reason}" for check in checks if check.outcome is Outcome.WAIVED)


def _ask_the_service(here: World, name: str, run: RunDir, pull: PullRequest, folder: Path) -> tuple[Answer, ...]:
    """Clone the pull request's branch, start what it holds, and ask it a few things over HTTP."""
    checkout = folder / "service"
    clone(checkout, f"{here.url}/{name}.git", pull.branch, here.maintainer.token, here.settings.child_environment)
    if Git(checkout, here.settings.child_environment).commit_of("HEAD") != pull.head_sha:
        raise TransientError(f"The branch {pull.branch} is not where pull request #{pull.number} says.")
    project = checkout / project_folder(run)
    environment = python_environment.ensure(
        here.settings, project, folder / "service-environment", run.policy.limits.tool_seconds
    )
    spec = run.read(Spec)
    with running_service(here.settings, environment, project, spec) as base_url:
        return tuple(demo_requests(base_url, spec))

"""CASES: what the demo does, each on a repository it makes in the folder it is given.

A case comes with its settings and an empty folder, and goes out as a CaseResult. The first builds
from a file in examples/ and then asks the running service over HTTP; the second fetches a package's
source as it was published, pinned by hash, and needs the package index once.

Waivers are used only for what the machine may lack (a vulnerability service) and are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.cli.progress import shown
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.spec import Spec
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.settings import Settings
from tdev.stages.loop import drive
from tdev.stages.outcome import RunResult
from tdev.stages.start import Request, start
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


@dataclass(frozen=True)
class CaseResult:
    """How one case went."""

    name: str
    """Case."""
    repository: Path
    """Where the branch is."""
    result: RunResult
    """The run."""
    requests: tuple[Answer, ...] = ()
    """What the running service answered."""
    notes: tuple[str, ...] = ()
    """What a reader should know, e.g. waived checks."""

    @property
    def ok(self) -> bool:
        """A branch was made, its gates passed, and every request was answered as expected."""
        return self.result.outcome == "published" and all(answer.ok for answer in self.requests)


class Case(NamedTuple):
    """One row of CASES."""

    name: str
    title: str
    function: Callable[[Settings, Path, bool], CaseResult]


def build_a_service(settings: Settings, folder: Path, quiet: bool) -> CaseResult:
    """A requirement becomes a tested service that answers real requests."""
    repository = _repository(settings, folder / "meeting-rooms", {".github/tdev.yml": _POLICY})
    text = (settings.examples / "meeting-rooms.md").read_text("utf-8")
    run, result = _drive(settings, Request(GoalKind.BUILD, text, repository, engine="recipes"), quiet=quiet)
    answers = _ask_the_service(run, result) if result.branch else ()
    notes = [f"{answer.method} {answer.path} -> {answer.status} {answer.body}" for answer in answers]
    return CaseResult("build", repository, result, tuple(answers), (*_waived(run), *notes))


def evolve_a_package(settings: Settings, folder: Path, quiet: bool) -> CaseResult:
    """The source of a real published package becomes better."""
    archive = sdist.fetch(Toolbox(settings), PACKAGE, _DOWNLOAD_SECONDS)
    repository = _repository(settings, sdist.unpack(archive, folder / PACKAGE.name), {})
    run, result = _drive(settings, Request(GoalKind.EVOLVE, "modernise", repository, engine="recipes"), quiet=quiet)
    return CaseResult("evolve", repository, result, notes=_waived(run))


CASES: tuple[Case, ...] = (
    Case("build", "a meeting-room booking service, from its requirement", build_a_service),
    Case("evolve", f"modernise {PACKAGE.name} {PACKAGE.version}, as published", evolve_a_package),
)


def _repository(settings: Settings, folder: Path, files: dict[str, str]) -> Path:
    """A git repository of the folder's content and the files given, with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    git = Git(folder, settings.child_environment)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("add", "--all", "--", ".")
    git.run("commit", "--quiet", "--allow-empty", "--message=As it was")
    return folder


def _drive(settings: Settings, request: Request, *, quiet: bool) -> tuple[RunDir, RunResult]:
    run = start(settings, request)
    with shown(run, quiet=quiet):
        return run, drive(run)


def _waived(run: RunDir) -> tuple[str, ...]:
    """Checks that policy let through, with the reason."""
    if not run.has(Verdict):
        return ()
    checks = [check for gate in run.read(Verdict).children for check in gate.children]
    return tuple(f"waived: {check.name}: {check.reason}" for check in checks if check.outcome is Outcome.WAIVED)


def _ask_the_service(run: RunDir, result: RunResult) -> list[Answer]:
    """Start what the branch holds, from a checkout of that branch, and ask it a few things over HTTP."""
    checkout = workspace.head_checkout(run, "demo")
    try:
        environment = python_environment.ensure(
            run.settings, checkout, run.work / "demo-environment", run.policy.limits.tool_seconds
        )
        spec = run.read(Spec)
        with running_service(run.settings, environment, checkout, spec) as base_url:
            return demo_requests(base_url, spec)
    finally:
        run.remove_work()

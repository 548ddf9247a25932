"""Runners: what carries out the jobs of a dispatched workflow.

A Runner gets an Order (a folder of the job's own, the commit, the inputs, the environment of a job) and
tells a Report of its steps and what they print; it ends with a conclusion and artifacts. `StagesRunner`
runs `tdev` command lines, those workflow_steps finds in the input `commands` or in the workflow file. No shell is
involved. A workflow that wants anything else fails with a sentence in its log.

The variables and files are those of GitHub's page "Variables reference"; GITHUB_OUTPUT, GITHUB_ENV and
GITHUB_PATH are files that nothing reads afterwards. A runner that interprets `steps` is left out.
"""

from __future__ import annotations

import base64
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tdev.errors import TdevError
from tdev.forge.program import run_logged
from tdev.forge.store import Json
from tdev.forge.workflow_steps import Step, steps_of

JOB_SECONDS = 6 * 3600.0
_QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True)
class Order:
    """One job to be done."""

    folder: Path
    """Empty, the job's own."""
    clone_url: str
    """Where the repository is fetched from."""
    ref: str
    """Full name of the reference the run is for."""
    sha: str
    """Its commit."""
    token: str = field(repr=False)
    """The job's token (GITHUB_TOKEN)."""
    workflow: Mapping[str, Any]
    """The workflow file."""
    inputs: Mapping[str, str]
    environment: Mapping[str, str] = field(repr=False)
    """GITHUB_* and ACTIONS_* variables that do not depend on the folder."""
    event: Json
    """The payload of the event that started the run."""
    seconds: float = JOB_SECONDS
    """How long one step may take."""


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    conclusion: str
    """`success` or `failure`."""
    artifacts: tuple[tuple[str, Path], ...] = ()
    """Name and folder of each artifact to keep."""


class Report(Protocol):
    """Where a runner tells what it does."""

    def begin(self, name: str) -> None:
        """A step begins."""

    def end(self, conclusion: str) -> None:
        """The step that began last has ended."""

    def write(self, text: bytes) -> None:
        """The step prints something."""


class Runner(Protocol):
    """Carries out jobs."""

    name: str
    """What the job's document calls it."""

    async def run(self, order: Order, report: Report) -> Ended:
        """Carry out a job to its end; it is cancelled when the run is."""


@dataclass(frozen=True)
class StagesRunner:
    """Runs the `tdev` command lines of a workflow."""

    environment: Mapping[str, str] = field(repr=False)
    """What every program may see: Settings.child_environment, and what installers and models need."""
    state: Path
    """A `TDEV_HOME` whose installed tools and caches the jobs share; runs and work are each job's own."""
    name: str = "stages"

    async def run(self, order: Order, report: Report) -> Ended:
        """Check out the commit and run each command line until one fails."""
        environment = self._prepare(order)
        workspace = Path(environment["GITHUB_WORKSPACE"])
        try:
            steps = steps_of(order.workflow, order.inputs)
        except ValueError as error:
            report.begin("Set up job")
            report.write(f"{error}\n".encode())
            report.end("failure")
            return Ended("failure")
        report.begin("Check out")
        checked_out = await _check_out(order, workspace, environment, report)
        report.end("success" if checked_out else "failure")
        conclusion = "success" if checked_out else "failure"
        for step in steps:
            report.begin(step.name)
            if conclusion == "success":
                conclusion = await _step(step, workspace, environment, report, order.seconds)
                report.end(conclusion)
            else:
                report.end("skipped")
        return Ended(conclusion, self._artifacts(order.folder))

    def _prepare(self, order: Order) -> dict[str, str]:
        """Make the job's folders and files; returns its environment."""
        places = {name: order.folder / name for name in ("workspace", "temp", "home", "temp/artifacts")}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        for shared in ("tools", "cache"):
            target = self.state / shared
            target.mkdir(parents=True, exist_ok=True)
            (places["home"] / shared).symlink_to(target)
        files = {name: places["temp"] / name.lower() for name in _FILES}
        for file in files.values():
            file.touch()
        event = places["temp"] / "event.json"
        event.write_text(json.dumps(order.event))
        return {
            **self.environment,
            **order.environment,
            **{name: str(file) for name, file in files.items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_TOKEN": order.token,
            "GITHUB_WORKSPACE": str(places["workspace"]),
            "HOME": str(places["temp"]),
            "RUNNER_ARCH": "X64",
            "RUNNER_ENVIRONMENT": "self-hosted",
            "RUNNER_NAME": self.name,
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(places["temp"]),
            "TDEV_HOME": str(places["home"]),
        }

    def _artifacts(self, folder: Path) -> tuple[tuple[str, Path], ...]:
        """Every folder in $RUNNER_TEMP/artifacts, and every run directory as `tdev-run-<id>`."""
        uploads = [(place.name, place) for place in sorted((folder / "temp" / "artifacts").iterdir()) if place.is_dir()]
        runs = folder / "home" / "runs"
        found = sorted(place for place in runs.iterdir() if place.is_dir()) if runs.is_dir() else []
        return (*uploads, *((f"tdev-run-{place.name}", place) for place in found))


async def _step(step: Step, folder: Path, environment: Mapping[str, str], report: Report, seconds: float) -> str:
    """Carry out the commands of one step until one fails; `success` or `failure`."""
    for words in step.commands:
        report.write(f"{shlex.join(words)}\n".encode())
        argv = (sys.executable, "-m", "tdev.cli.main", *words[1:])
        if not await _succeeds(argv, folder, {**step.environment, **environment}, report, seconds):
            return "failure"
    return "success"


async def _succeeds(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str], report: Report, seconds: float
) -> bool:
    """Run one program to its end; the log says why it did not succeed."""
    try:
        code = await run_logged(argv, cwd=folder, environment=environment, write=report.write, timeout=seconds)
    except TdevError as error:
        report.write(f"##[error]{error}\n".encode())
        return False
    if code != 0:
        why = f"Process completed with exit code {code}." if code is not None else f"Stopped after {seconds:g} s."
        report.write(f"##[error]{why}\n".encode())
    return code == 0


async def _check_out(order: Order, folder: Path, environment: Mapping[str, str], report: Report) -> bool:
    """Clone the repository over HTTP with the job's token, and leave its commit checked out on its branch."""
    quiet = {**environment, **_QUIET, **_with_token(order)}
    branch = order.ref.removeprefix("refs/heads/")
    steps: list[tuple[str, ...]] = [("git", "clone", "--quiet", "--no-checkout", order.clone_url, ".")]
    if order.ref.startswith("refs/heads/"):
        steps.append(("git", "checkout", "--quiet", "-B", branch, order.sha))
    else:
        steps.append(("git", "checkout", "--quiet", "--detach", order.sha))
    for argv in steps:
        if not await _succeeds(argv, folder, quiet, report, order.seconds):
            return False
    return True


def _with_token(order: Order) -> dict[str, str]:
    """The token as a header for the forge alone, out of the command line and of the repository's configuration."""
    basic = base64.b64encode(f"x-access-token:{order.token}".encode()).decode()
    origin = "/".join(order.clone_url.split("/")[:3])
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{origin}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }

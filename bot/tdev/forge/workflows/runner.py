"""Runners: what carries out the jobs of a run.

A Runner gets an Order (a folder of the job's own, the job of the workflow file, the contexts its expressions see, the
environment) and tells a Report of its steps and what they print; it ends with a conclusion and the job's outputs.
`StagesRunner` runs `tdev` command lines without a shell, and does the actions that steps.py names itself; own_steps.py
does T-Developer's own.

The variables and files are those of GitHub's page "Variables reference". GITHUB_OUTPUT is read after each step;
GITHUB_ENV, GITHUB_PATH and GITHUB_STEP_SUMMARY are files that nothing reads. A step sees the variables that the file
gives it and no others: GITHUB_TOKEN too must be named.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tdev import __version__
from tdev.errors import TdevError
from tdev.forge.program import run_logged
from tdev.forge.store import Json
from tdev.forge.workflows import artifact_steps, own_project, own_steps
from tdev.forge.workflows.checkout import check_out, within
from tdev.forge.workflows.expressions import holds, interpolate
from tdev.forge.workflows.file import JobFile
from tdev.forge.workflows.steps import CONFINE, SETUP, Step, filled, outputs_in, steps_of

_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
_OWN = ("GITHUB_", "RUNNER_", "ACTIONS_")
_AFTER_CANCEL = 300.0
_MAX_OUTPUT = 1024 * 1024


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
    job: JobFile
    contexts: Mapping[str, Any] = field(repr=False)
    """`github`, `inputs`, `secrets`, `vars` and `needs`."""
    environment: Mapping[str, str] = field(repr=False)
    """GITHUB_* and ACTIONS_* variables that do not depend on the folder."""
    event: Json
    """The payload of the event that started the run."""


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    conclusion: str
    """`success`, `failure` or `cancelled`."""
    outputs: Mapping[str, str] = field(default_factory=dict)


class Report(Protocol):
    """Where a runner tells what it does, and the forge's storage of artifacts."""

    cancelled: asyncio.Event
    """Set when somebody cancels the run."""

    def begin(self, name: str) -> None:
        """A step begins."""

    def end(self, conclusion: str) -> None:
        """The step that began last has ended."""

    def write(self, text: bytes) -> None:
        """The step prints something."""

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """Keep an archive as an artifact of the run; Refused when the attempt has one of that name."""

    def artifact(self, name: str) -> Path | None:
        """The archive of an artifact of the run."""


class Runner(Protocol):
    """Carries out jobs."""

    @property
    def name(self) -> str:
        """What the job's document calls it."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """Secrets of the machine, for workflows that name them where their repository has none of the name."""

    async def run(self, order: Order, report: Report) -> Ended:
        """Carry out a job to its end."""


@dataclass(frozen=True)
class StagesRunner:
    """Runs the `tdev` command lines of a job."""

    environment: Mapping[str, str] = field(repr=False)
    """What every program may see: Settings.child_environment and what installers need; no credentials."""
    state: Path
    """A `TDEV_HOME` whose installed tools and caches the jobs share; runs and work are each job's own."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets of the machine, such as a model's key: only a step that names one gets it."""
    name: str = "stages"

    async def run(self, order: Order, report: Report) -> Ended:
        """Carry out each step whose condition holds."""
        report.begin("Set up job")
        try:
            steps = steps_of(order.job, own_project.text)
            work = Work(self, order, report, self._prepare(order))
        except ValueError as error:
            report.write(f"##[error]{error}\n".encode())
            report.end("failure")
            return Ended("failure")
        report.end("success")
        try:
            async with asyncio.timeout(order.job.minutes * 60):
                for step in steps:
                    await work.carry_out(step)
        except TimeoutError:
            report.write(f"##[error]The job has exceeded the maximum time of {order.job.minutes:g} min.\n".encode())
            report.end("cancelled")
            await own_steps.after(work)
            return Ended("cancelled")
        await own_steps.after(work)
        return Ended(work.status, work.outputs())

    def _prepare(self, order: Order) -> dict[str, str]:
        """Make the job's folders and files; returns its environment."""
        places = {name: order.folder / name for name in ("workspace", "temp", "home", "user")}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        self.share(places["home"])
        event = order.folder / "event.json"
        event.write_text(json.dumps(order.event))
        return {
            **order.environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_WORKSPACE": str(places["workspace"]),
            "HOME": str(places["user"]),
            "RUNNER_ARCH": "X64",
            "RUNNER_ENVIRONMENT": "self-hosted",
            "RUNNER_NAME": self.name,
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(places["temp"]),
            "TDEV_HOME": str(places["home"]),
        }

    def share(self, home: Path) -> None:
        """Let a TDEV_HOME of a job use the tools and caches all jobs share."""
        home.mkdir(parents=True, exist_ok=True)
        for name in ("tools", "cache"):
            target, link = self.state / name, home / name
            target.mkdir(parents=True, exist_ok=True)
            if not link.exists() and not link.is_symlink():
                link.symlink_to(target)


@dataclass
class Work:
    """A job at work: what its steps have come to so far."""

    runner: StagesRunner
    order: Order
    report: Report
    standard: Mapping[str, str]
    """The job's variables that the file does not decide."""
    failed: bool = False
    results: dict[str, Json] = field(default_factory=dict)
    """Of the steps with an id: outcome, conclusion, outputs."""
    began: Iterator[int] = field(default_factory=itertools.count)
    """Numbers the steps."""
    env: Mapping[str, str] | None = None
    """Variables of the steps of a composite action; None for a job, whose own are evaluated for each step."""
    made: dict[str, str] = field(default_factory=dict)
    """Outputs of the composite action that is at work."""
    afterwards: list[own_steps.Afterwards] = field(default_factory=list)
    """What is to be run at the end of the job, last first."""

    @property
    def status(self) -> str:
        """How the job stands."""
        if self.report.cancelled.is_set():
            return "cancelled"
        return "failure" if self.failed else "success"

    def contexts(self, env: Mapping[str, str]) -> dict[str, Any]:
        """What expressions of a step see."""
        temp, workspace = self.standard["RUNNER_TEMP"], self.standard["GITHUB_WORKSPACE"]
        return {
            **self.order.contexts,
            "github": {**self.order.contexts["github"], "workspace": workspace, "token": self.order.token},
            "runner": {"temp": temp, "os": "Linux", "arch": "X64", "name": self.runner.name},
            "steps": self.results,
            "job": {"status": self.status},
            "env": env,
        }

    def outputs(self) -> dict[str, str]:
        """The outputs of the job."""
        contexts = self.contexts({})
        return {name: interpolate(text, contexts) for name, text in self.order.job.outputs.items()}

    async def carry_out(self, step: Step) -> None:
        """Carry out a step, unless its condition does not hold."""
        env = self._env(self.order.job.env, {}) if self.env is None else self.env
        env = {**env, **self._env(step.env, env)}
        contexts = self.contexts(env)
        self.report.begin(interpolate(step.name, contexts))
        if not holds(step.condition, contexts, self.status):
            self._ended(step, "skipped", "skipped", {})
            return
        places, self.made = self.files(), {}
        outcome = await self._outcome(step, contexts, env, places)
        forgiven = outcome == "failure" and interpolate(step.goes_on, contexts) == "true"
        self._ended(step, outcome, "success" if forgiven else outcome, self.made or _outputs(places["GITHUB_OUTPUT"]))

    def _env(self, declared: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
        """Variables with their values."""
        contexts = self.contexts(before)
        return {name: interpolate(text, contexts) for name, text in declared.items()}

    def files(self) -> dict[str, Path]:
        """New, empty files for what a step may tell the runner."""
        folder = self.order.folder / "commands" / str(next(self.began))
        folder.mkdir(parents=True)
        files = {name: folder / name.lower() for name in _FILES}
        for file in files.values():
            file.touch()
        return files

    def _ended(self, step: Step, outcome: str, conclusion: str, outputs: Mapping[str, str]) -> None:
        """Write down how a step ended."""
        self.report.end(conclusion)
        self.failed = self.failed or conclusion == "failure"
        if step.id:
            self.results[step.id] = {"outcome": outcome, "conclusion": conclusion, "outputs": outputs}

    async def _outcome(
        self, step: Step, contexts: Mapping[str, Any], env: Mapping[str, str], places: Mapping[str, Path]
    ) -> str:
        """`success`, `failure`, or `cancelled` when somebody cancels the run meanwhile."""
        seconds = min(step.minutes * 60, _AFTER_CANCEL) if self.report.cancelled.is_set() else step.minutes * 60
        work = asyncio.create_task(self._done(step, contexts, env, places))
        stop = None if self.report.cancelled.is_set() else asyncio.create_task(self.report.cancelled.wait())
        try:
            waiting = {work, stop} if stop else {work}
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return "success" if work.result() else "failure"
            if stop and stop.done():
                self.report.write(b"##[error]The operation was canceled.\n")
                return "cancelled"
            self.report.write(f"##[error]The step has timed out after {seconds / 60:g} min.\n".encode())
            return "failure"
        finally:
            for task in (work, stop):
                if task and not task.done():
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    async def _done(
        self, step: Step, contexts: Mapping[str, Any], env: Mapping[str, str], places: Mapping[str, Path]
    ) -> bool:
        """Do what a step says; whether it succeeded. The log says why it did not."""
        try:
            if step.action:
                given = {name: interpolate(text, contexts) for name, text in step.given.items()}
                if step.own:
                    return await own_steps.carry_out(self, step.own, given, contexts, env, places)
                await _ACTIONS[step.action](self, given)
                return True
            return await self._commands(step, contexts, env, places)
        except (TdevError, OSError) as error:
            self.report.write(f"##[error]{error}\n".encode())
            return False

    async def _commands(
        self, step: Step, contexts: Mapping[str, Any], env: Mapping[str, str], places: Mapping[str, Path]
    ) -> bool:
        """Run the command lines of a step until one fails."""
        folder = within(Path(self.standard["GITHUB_WORKSPACE"]), interpolate(step.folder, contexts))
        environment = self.environment(env, places)
        for words in step.commands:
            line = filled(words, environment)
            self.report.write(f"{shlex.join(line)}\n".encode())
            argv = (sys.executable, "-P", "-m", "tdev.cli.main", *line[1:])
            if not (await self.program(argv, folder, environment))[0]:
                return False
        return True

    def environment(self, env: Mapping[str, str], places: Mapping[str, Path]) -> dict[str, str]:
        """The variables of a step's programs; what belongs to the runner can't be set by the file."""
        own = {name: value for name, value in self.standard.items() if name.startswith(_OWN)}
        token = {"GITHUB_TOKEN": env["GITHUB_TOKEN"]} if "GITHUB_TOKEN" in env else {}
        files = {name: str(file) for name, file in places.items()}
        environment = {**self.runner.environment, **self.standard, **env, **own, **files, **token}
        home = Path(environment["TDEV_HOME"])
        if home.absolute().is_relative_to(self.order.folder) and home.resolve().is_relative_to(self.order.folder):
            self.runner.share(home)
        return environment

    async def program(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[bool, bytes]:
        """Run one program; whether it succeeded, and what it printed, which the log has too."""
        printed = bytearray()

        def write(text: bytes) -> None:
            if len(printed) < _MAX_OUTPUT:
                printed.extend(text)
            self.report.write(text)

        seconds = self.order.job.minutes * 60
        code = await run_logged(argv, cwd=folder, environment=environment, write=write, timeout=seconds)
        if code != 0:
            self.report.write(f"##[error]Process completed with exit code {code}.\n".encode())
        return code == 0, bytes(printed)

    async def check_out(self, given: Mapping[str, str]) -> None:
        """actions/checkout."""
        base = {**self.runner.environment, "HOME": self.standard["HOME"]}

        async def git(argv: tuple[str, ...], folder: Path, more: Mapping[str, str]) -> tuple[bool, str]:
            done, printed = await self.program(argv, folder, {**base, **more})
            return done, printed.decode("utf-8", "replace")

        order = self.order
        await check_out(
            given, clone_url=order.clone_url, repository=order.contexts["github"]["repository"], ref=order.ref,
            sha=order.sha, token=order.token, folder=Path(self.standard["GITHUB_WORKSPACE"]), git=git,
        )  # fmt: skip

    async def set_up(self, given: Mapping[str, str]) -> None:
        """Our own setup action: `tdev` is here already, as the runner runs on it."""
        self.report.write(f"tdev {__version__} runs this job; nothing is installed.\n".encode())

    async def confine(self, given: Mapping[str, str]) -> None:
        """Our own action that takes sudo from a runner of GitHub's: this one is none."""
        self.report.write(b"Nothing is changed: this is no runner that GitHub hosts.\n")

    async def upload(self, given: Mapping[str, str]) -> None:
        """actions/upload-artifact."""
        await artifact_steps.upload(given, Path(self.standard["GITHUB_WORKSPACE"]), self.order.folder, self.report)

    async def download(self, given: Mapping[str, str]) -> None:
        """actions/download-artifact, by name."""
        await artifact_steps.download(given, Path(self.standard["GITHUB_WORKSPACE"]), self.order.folder, self.report)


def _outputs(file: Path) -> dict[str, str]:
    """What a step wrote to GITHUB_OUTPUT; nothing where that is no file of a sensible size."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _MAX_OUTPUT:
        return {}
    return outputs_in(file.read_text("utf-8", "replace"))


_ACTIONS = {
    SETUP: Work.set_up,
    CONFINE: Work.confine,
    "actions/checkout": Work.check_out,
    "actions/upload-artifact": Work.upload,
    "actions/download-artifact": Work.download,
}

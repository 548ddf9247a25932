"""The forge's second runner: each job is carried out by act, a real interpreter of workflow files, without Docker.

Comes in: an Order. Goes out: the same calls of Report and the same Ended as from the forge's own runner. act gets one
job at a time (act_workflow.py), so each has its own token, secrets and OIDC variables, and the forge decides which jobs
run. Steps run on this machine (`-self-hosted`) in shells; actions are those of act_actions.py, and nothing is asked of
the internet. Secrets reach act through a pipe, only those the job names, and steps only where the file says so.

Where act differs from GitHub is told in docs/forge.md.
"""

from __future__ import annotations

import asyncio
import json
import secrets as random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from tdev.forge.program import talking
from tdev.forge.workflows import act_actions, act_ask
from tdev.forge.workflows.act_log import ActLog
from tdev.forge.workflows.act_orphans import VARIABLE, end_orphans
from tdev.forge.workflows.act_process import followed, read_once
from tdev.forge.workflows.act_service import serving
from tdev.forge.workflows.act_workflow import OUTPUTS, act_id, check_data, files, secrets_named
from tdev.forge.workflows.runner import Ended, Order, Report, StagesRunner

_SHIM = '#!/bin/sh\nexec "{python}" {words} "$@"\n'


@dataclass(frozen=True)
class ActRunner:
    """Runs jobs in act."""

    own: StagesRunner
    """Whose environment, shared state and machine secrets are used."""
    program: Path
    """act itself."""
    actions: Path = field(default_factory=act_actions.stand_ins)
    """The stand-ins for actions."""
    real_setup: bool = False
    """Our own `setup` really installs `tdev` in each job."""

    @property
    def name(self) -> str:
        """What the job's document calls it."""
        return "act"

    @property
    def secrets(self) -> Mapping[str, str]:
        """Secrets of the machine, for workflows that name them where their repository has none of the name."""
        return self.own.secrets

    async def run(self, order: Order, report: Report) -> Ended:
        """Carry out a job to its end."""
        report.begin("Set up job")
        tracking = f"github_{random.token_hex(16)}"
        try:
            async with serving(order, report, self._git_environment(order)) as variables:
                order = replace(order, environment={**order.environment, **variables, VARIABLE: tracking})
                return await self._carry_out(order, report)
        except ValueError as error:
            report.write(f"##[error]{error}\n".encode())
            report.end("failure")
            return Ended("failure")
        finally:
            await asyncio.to_thread(end_orphans, tracking)

    async def _carry_out(self, order: Order, report: Report) -> Ended:
        """Write what act needs, run it, and read how the job ended; ValueError for what act can't do."""
        if order.job.refused:
            raise ValueError(order.job.refused)
        act_actions.stage(order.folder / "actions", self.actions, real_setup=self.real_setup)
        check_data(order.job, order.contexts, order.event, tuple(act_actions.texts(order.folder / "actions")))
        argv = self._argv(order)
        log = ActLog(report, act_id(order.job))
        secrets = self._secrets(order)
        try:
            async with (
                asyncio.timeout(order.job.minutes * 60),
                read_once(order.folder / "secrets.yml", yaml.safe_dump(secrets, allow_unicode=True)),
                talking(
                    argv, cwd=order.folder, environment=self._environment(order), errors=asyncio.subprocess.PIPE
                ) as act,
            ):
                code = await followed(act, log, report.cancelled)
        except TimeoutError:
            report.write(f"##[error]The job has exceeded the maximum time of {order.job.minutes:g} min.\n".encode())
            report.end("cancelled")
            return Ended("cancelled")
        return _ended(order, report, log, code)

    def _argv(self, order: Order) -> tuple[str, ...]:
        """The command line, after writing the files it names."""
        folder, github = order.folder, order.contexts["github"]
        workflows = {f"workflow/{path}": text for path, text in files(order.job, order.contexts).items()}
        variables = {name: str(value) for name, value in order.contexts["vars"].items()}
        documents = {
            **workflows,
            "event.json": json.dumps(order.event),
            "environment.yml": yaml.safe_dump(self._variables(order), allow_unicode=True),
            "vars.yml": yaml.safe_dump(variables, allow_unicode=True),
        }
        for path, text in documents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        _shims(folder / "bin")
        labels = ("self-hosted", *order.job.labels)
        local = act_actions.local_repositories(order.job, folder / "actions")
        return (
            str(self.program), github["event_name"], "--json", "--verbose",
            "--directory", str(folder / "workflow"), "--workflows", str(folder / "workflow" / "main.yml"),
            "--eventpath", str(folder / "event.json"), "--env-file", str(folder / "environment.yml"),
            "--var-file", str(folder / "vars.yml"), "--secret-file", str(folder / "secrets.yml"),
            "--input-file", "none", "--action-cache-path", str(folder / "act"), "--actor", github["actor"],
            "--no-cache-server", "--no-skip-checkout", "--concurrent-jobs", "1",
            *(word for label in labels for word in ("--platform", f"{label}=-self-hosted")),
            *(word for name, place in local.items() for word in ("--local-repository", f"{name}={place}")),
            *(() if local else ("--use-new-action-cache",)),
        )  # fmt: skip

    def _secrets(self, order: Order) -> dict[str, str]:
        """The secrets that the job or an action of ours names; the token is always there, as `github.token`."""
        named = secrets_named(order.job, tuple(act_actions.texts(order.folder / "actions")))
        given = {name.upper(): str(value) for name, value in order.contexts["secrets"].items()}
        return {**{name: value for name, value in given.items() if name in named}, "GITHUB_TOKEN": order.token}

    def _variables(self, order: Order) -> dict[str, str]:
        """What act itself and all steps know, besides what act sets."""
        return {
            **order.environment,
            "SHA_REF": order.sha,  # what act reads `github.sha` from
            "RUNNER_ENVIRONMENT": "self-hosted",
            "RUNNER_NAME": self.name,
        }

    def _environment(self, order: Order) -> dict[str, str]:
        """The environment of act, which steps get as well."""
        for name in ("home", "user"):
            (order.folder / name).mkdir(parents=True, exist_ok=True)
        self.own.share(order.folder / "home")
        path = self.own.environment.get("PATH", "/usr/bin:/bin")
        return {
            **self.own.environment,
            "ACT_DISABLE_VERSION_CHECK": "1",
            "HOME": str(order.folder / "user"),
            "NO_COLOR": "1",
            "PATH": f"{order.folder / 'bin'}:{path}",
            "TDEV_HOME": str(order.folder / "home"),
            "TERM": "dumb",
            OUTPUTS: str(order.folder / "outputs.json"),
        }

    def _git_environment(self, order: Order) -> dict[str, str]:
        """What git sees that checks out for the job."""
        return {**self.own.environment, "HOME": str(order.folder / "user")}


def _shims(folder: Path) -> None:
    """Make the programs `tdev` and `forge-step` of the job."""
    folder.mkdir()
    words = {"tdev": "-P -m tdev.cli.main", "forge-step": f'-I "{act_ask.__file__}"'}
    for name, line in words.items():
        (folder / name).write_text(_SHIM.format(python=sys.executable, words=line))
        (folder / name).chmod(0o755)


def _ended(order: Order, report: Report, log: ActLog, code: int | None) -> Ended:
    """How the job ended; without a word from act, or without the outputs it should have, it has failed.

    act's exit code must agree, unless a job that is needed has failed and so decides it.
    """
    report.end("failure")
    if report.cancelled.is_set():
        report.write(b"##[error]The operation was canceled.\n")
        return Ended("cancelled", _outputs(order) or {})
    if log.result not in ("success", "failure"):
        report.write(f"##[error]act ended without carrying out the job. {log.others_failed}\n".encode())
        return Ended("failure")
    unmixed = all(need["result"] in ("success", "skipped") for need in order.contexts["needs"].values())
    if log.result == "success" and code != 0 and unmixed:
        report.write(f"##[error]act said success and ended with {code}. {log.others_failed}\n".encode())
        return Ended("failure")
    made = _outputs(order)
    if order.job.outputs and made is None:
        report.write(f"##[error]act did not tell the outputs of the job. {log.others_failed}\n".encode())
        return Ended("failure")
    return Ended(log.result, made or {})


def _outputs(order: Order) -> dict[str, str] | None:
    """The outputs that act wrote down; None where it did not."""
    try:
        told = json.loads((order.folder / "outputs.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {str(name): str(value) for name, value in told.items() if name in order.job.outputs}

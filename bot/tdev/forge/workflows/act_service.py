"""What stand-ins for actions ask of the runner: check out, keep an artifact, give one back.

On GitHub actions talk to services of the runner's; under act the stand-ins in tests/actions/ do. Comes in, over
loopback and with the job's own password: an action's name, its inputs and the workspace. Goes out: what its log says,
with status 422 where it could not. It is done by the code of the forge's own runner, within the job's folder.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import hdrs, web

from tdev.adapters.service import LOOPBACK
from tdev.errors import Refused, TdevError
from tdev.forge.program import run_logged
from tdev.forge.workflows import artifact_steps
from tdev.forge.workflows.checkout import check_out, within
from tdev.forge.workflows.runner import Order, Report

_MINUTE = 60.0
_LARGEST = 1024 * 1024


@dataclass
class _Desk:
    """The service of one job; as artifact_steps.Storage it hands artifacts to the report."""

    order: Order
    report: Report
    environment: Mapping[str, str]
    """What git sees."""
    password: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    async def answer(self, request: web.Request) -> web.Response:
        """Do what one request asks for."""
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self.password}".encode()):
            raise web.HTTPUnauthorized
        asked = await request.json()
        printed = _Printed(self.report)
        try:
            workspace = within(self.order.folder, str(asked["workspace"]))
            inputs = {str(name): str(value) for name, value in asked["inputs"].items() if value not in (None, "")}
            await self._do(request.match_info["action"], inputs, workspace, printed)
        except (TdevError, OSError) as error:
            printed.write(f"::error::{error}\n".encode())
            return web.Response(status=422, body=bytes(printed.text))
        return web.Response(body=bytes(printed.text))

    async def _do(self, action: str, inputs: Mapping[str, str], workspace: Path, printed: _Printed) -> None:
        """Do one action; Refused for one that is not known."""
        if action == "checkout":
            await self._check_out(inputs, workspace, printed)
        elif action == "upload-artifact":
            await artifact_steps.upload(inputs, workspace, self.order.folder, printed)
        elif action == "download-artifact":
            await artifact_steps.download(inputs, workspace, self.order.folder, printed)
        else:
            raise Refused(f"The runner does nothing for {action}.")

    async def _check_out(self, inputs: Mapping[str, str], workspace: Path, printed: _Printed) -> None:
        """actions/checkout."""
        if inputs.get("persist-credentials") == "true":
            raise Refused("No token is left in a checkout.", next_step="Say `persist-credentials: false`.")
        order = self.order

        async def git(argv: tuple[str, ...], folder: Path, more: Mapping[str, str]) -> tuple[bool, str]:
            text = bytearray()

            def write(part: bytes) -> None:
                text.extend(part)
                printed.write(part)

            seconds = order.job.minutes * _MINUTE
            code = await run_logged(
                argv, cwd=folder, environment={**self.environment, **more}, write=write, timeout=seconds
            )  # fmt: skip
            return code == 0, text.decode("utf-8", "replace")

        await check_out(
            inputs, clone_url=order.clone_url, repository=order.contexts["github"]["repository"], ref=order.ref,
            sha=order.sha, token=order.token, folder=workspace, git=git,
        )  # fmt: skip


@dataclass
class _Printed:
    """What an action prints, for its step's log; artifacts go to the report."""

    report: Report
    text: bytearray = field(default_factory=bytearray)

    def write(self, text: bytes) -> None:
        """Add to it."""
        self.text.extend(text.replace(b"##[warning]", b"::warning::"))

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """Keep an archive as an artifact of the run."""
        self.report.keep(name, archive, days, overwrite=overwrite)

    def artifact(self, name: str) -> Path | None:
        """The archive of an artifact of the run."""
        return self.report.artifact(name)


@contextlib.asynccontextmanager
async def serving(order: Order, report: Report, environment: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
    """While the block runs the job's stand-ins are answered; yields the variables that they need."""
    desk = _Desk(order, report, environment)
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_post("/{action}", desk.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, 0)
        await site.start()
        port = runner.addresses[0][1]
        yield {"ACTIONS_RESULTS_URL": f"http://{LOOPBACK}:{port}/", "ACTIONS_RUNTIME_TOKEN": desk.password}
    finally:
        await runner.cleanup()

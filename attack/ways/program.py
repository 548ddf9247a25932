"""From inside: a program in the Cell that Claude Code has, with the model's proxy, and a key in it, within reach."""

from __future__ import annotations

import time
from dataclasses import replace

from attack import upstream
from attack.model import Aftermath, Program, Scene
from attack.prelude import program_file
from attack.scene import KEY_VARIABLE, policy_of
from tdev.adapters.sandbox.cells import repository_cell
from tdev.adapters.sandbox.run import run
from tdev.proxies.model import model_proxy

_FILE = "hostile.py"
MODEL_PORT = 8790
"""Where the model's proxy is inside."""


def carry_out(scene: Scene, way: Program) -> Aftermath:
    """Run the program; what came of it so far."""
    aftermath = Aftermath(scene)
    scene.places["proxy"] = str(MODEL_PORT)
    (scene.checkout / _FILE).write_text(str(scene.filled(program_file(way.source))), "utf-8")
    started = time.monotonic()
    with upstream.serving(dict(way.usage), way.answer) as up:
        aftermath.upstream = up
        settings = replace(scene.settings, credentials={KEY_VARIABLE: scene.places["key"]}, model_base_url=up.url)
        scene.settings = settings
        socket = scene.root / "model.socket"
        with model_proxy(settings, policy_of(scene).model, scene.attack.usd, socket) as proxy:
            environment = {
                **proxy.provider.client_environment(MODEL_PORT),
                "PATH": "/usr/bin:/bin",
                "HOME": str(scene.checkout.parent / "home"),
            }
            ports = {MODEL_PORT: socket}
            cell = repository_cell(
                settings, scene.checkout, environment=environment, ports_to=ports, limits=policy_of(scene).sandbox
            )
            done = run(settings, cell, (scene.places["python"], "-I", _FILE), timeout=scene.attack.seconds)
            aftermath.usd = proxy.usage().usd
    aftermath.output = done.stdout + done.stderr
    aftermath.seconds = time.monotonic() - started
    (scene.checkout / _FILE).unlink()
    return aftermath

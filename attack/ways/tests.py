"""Through a test run: a hostile test module is run as every test of a repository is run."""

from __future__ import annotations

import time

from attack.model import Aftermath, Scene
from attack.scene import interpreter, policy_of
from tdev.tools.pytest import run_tests
from tdev.tools.python_environment import PythonEnvironment


def carry_out(scene: Scene) -> Aftermath:
    """Run the tests of the checkout; what came of it so far."""
    aftermath = Aftermath(scene)
    environment = PythonEnvironment(python=interpreter(), fingerprint="attack")
    started = time.monotonic()
    aftermath.tests = run_tests(
        environment,
        scene.checkout,
        scene.settings,
        scene.attack.seconds,
        coverage=False,
        paths=("tests",),
        limits=policy_of(scene).sandbox,
    )
    aftermath.seconds = time.monotonic() - started
    return aftermath

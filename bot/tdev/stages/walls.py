"""Which sandbox a run's programs are in, said where the run can be read: an event, and a line while it works."""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.adapters.sandbox.table import NONE, chosen

UNWALLED = "WARNING: TDEV_SANDBOX=none, so the repository's code and the model's run without walls on this machine"


def tell_walls(run: RunDir) -> None:
    """Note the sandbox of the run; raises ConfigurationError when none works."""
    sandbox = chosen(run.settings)
    version = sandbox.version()
    text = UNWALLED if sandbox is NONE else f"sandbox {sandbox.name} {version}"
    run.emit("tdev.sandbox", text, sandbox=sandbox.name, version=version)

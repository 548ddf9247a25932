"""What carries out the demo's jobs: act where this machine has it, else the forge's own runner."""

from __future__ import annotations

from tdev.errors import ConfigurationError
from tdev.forge.workflows.act_actions import stand_ins
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

ACT, OWN = "act", "own"


def chosen_runner(settings: Settings, asked: str | None) -> tuple[str, str]:
    """`act` or `own`, and why, for people. Nothing is built for it: act counts where it was built before."""
    if asked:
        return asked, "as --runner says"
    try:
        stand_ins()
    except ConfigurationError:
        return OWN, "act needs a checkout of T-Developer"
    if Toolbox(settings).installed(ACT):
        return ACT, f"act {Toolbox(settings).version(ACT)} is installed"
    return OWN, "act is not installed (`tdev tools install act`, with Go, brings it)"

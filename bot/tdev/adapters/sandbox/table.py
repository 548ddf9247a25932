"""The sandboxes, in the order in which they are tried."""

from __future__ import annotations

from tdev.adapters.sandbox.bubblewrap import Bubblewrap
from tdev.adapters.sandbox.docker import Docker
from tdev.adapters.sandbox.runtime import SandboxRuntime
from tdev.adapters.sandbox.sandbox import Sandbox
from tdev.adapters.sandbox.without import Without
from tdev.errors import ConfigurationError
from tdev.settings import Settings

BUBBLEWRAP = Bubblewrap()
SANDBOXES: tuple[Sandbox, ...] = (BUBBLEWRAP, SandboxRuntime(), Docker())
NONE = Without()


def chosen(settings: Settings) -> Sandbox:
    """The sandbox that `settings.sandbox` names; for `auto` the first that works.

    Raises ConfigurationError when it is not known or does not work. `none` is only taken when it is named.
    """
    if settings.sandbox == NONE.name:
        return NONE
    if settings.sandbox == "auto":
        return _first()
    named = next((one for one in SANDBOXES if one.name == settings.sandbox), None)
    if named is None:
        names = ", ".join(["auto", *(one.name for one in SANDBOXES), NONE.name])
        raise ConfigurationError(f"TDEV_SANDBOX={settings.sandbox!r} is not one of {names}.")
    if why := named.missing():
        raise ConfigurationError(f"TDEV_SANDBOX={named.name}: {why}.", next_step="`tdev doctor` says what is missing.")
    return named


def _first() -> Sandbox:
    reasons = []
    for one in SANDBOXES:
        why = one.missing()
        if not why:
            return one
        reasons.append(f"{one.name}: {why}")
    raise ConfigurationError(
        f"No sandbox for repository code works on this machine ({'; '.join(reasons)}).",
        next_step="Install bubblewrap, or see `tdev doctor`.",
    )

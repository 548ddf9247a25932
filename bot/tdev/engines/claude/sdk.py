"""claude-agent-sdk, imported without the package mcp: that takes most of a second, and nothing of it is used here.

The SDK needs mcp for servers inside its own process; ours are outside (doors.py), and Claude Code itself speaks to
them. So stand-ins hold mcp's place while the SDK is imported, and are gone afterwards. Where that does not work, as it
may not with another release, the SDK is imported as it is.

Called once, by the worker, before it uses the SDK.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

_SDK = "claude_agent_sdk"
_ABSENT = ("mcp", "mcp.types", "mcp.server", "mcp.shared", "mcp.shared.message", "mcp.shared.memory")


def load() -> None:
    """Import the SDK."""
    try:
        with _absent():
            importlib.import_module(_SDK)
    except (ImportError, AttributeError, TypeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == _SDK]:
            del sys.modules[name]
        importlib.import_module(_SDK)


@contextlib.contextmanager
def _absent() -> Iterator[None]:
    """Stand-ins in mcp's place; nothing is done where it is already imported."""
    if "mcp" in sys.modules:
        yield
        return
    try:
        for name in _ABSENT:
            module = sys.modules[name] = _StandIn(name)
            above, _, last = name.rpartition(".")
            if above:
                setattr(sys.modules[above], last, module)
        yield
    finally:
        for name in _ABSENT:
            sys.modules.pop(name, None)


class _StandIn(ModuleType):
    """A module that has whatever it is asked for."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing


class _Nothing:
    """A class that others may be made of, and that is never used."""

    def __init_subclass__(cls, **_: object) -> None:
        """Take any words."""

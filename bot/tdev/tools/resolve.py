"""Exact versions for requirements that leave the version open, as an installer would choose them today.

Called by dependencies.py for requirements such as `flask>=2`. Comes in: requirements. Goes out:
versions, each with the requirement it comes from, for a finding must point at a line that somebody
wrote.

The answer depends on the day and on the package index of this machine; both are those of whoever
would install the change now. Source distributions are left out, because asking one for its
requirements would run its code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from uv import find_uv_bin

from tdev.adapters import process
from tdev.adapters.private_folder import private_folder
from tdev.core.manifests import Requirement, normalised
from tdev.settings import Settings

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.+!_-]+)[^#]*(?:#\s*via\s+(?P<via>.*))?$")


@dataclass(frozen=True)
class Resolution:
    """What an installer would choose."""

    origins: Mapping[tuple[str, str], Requirement] = field(default_factory=dict)
    """The requirement that brings it, by name and exact version; what the requirements need is there as well."""
    reason: str = ""
    """Why nothing could be chosen."""


def resolve(
    settings: Settings, requirements: Sequence[Requirement], timeout: float, beside: Sequence[Requirement] = ()
) -> Resolution:
    """Choose versions with uv; nothing is built, so no code of a package is run. `timeout` is in seconds.

    `beside` are exact versions that hold where they are needed.
    """
    if not requirements:
        return Resolution()
    with private_folder("resolve") as folder:
        (folder / "beside.txt").write_text("".join(f"{each.name}{each.specifier}\n" for each in beside), "utf-8")
        done = process.run(
            (
                find_uv_bin(), "pip", "compile", "-", "--no-header", "--annotation-style", "line",
                "--constraint", folder / "beside.txt", "--only-binary", ":all:",
                "--no-progress", "--color", "never", "--quiet",
            ),
            cwd=folder,
            environment={
                **settings.child_environment,
                **settings.installer_environment,
                "UV_PYTHON_DOWNLOADS": "never",
            },
            timeout=timeout,
            stdin="".join(f"{requirement.text}\n" for requirement in requirements).encode(),
        )  # fmt: skip
    if not done.ok:
        why = f"it took more than {timeout:g} s" if done.timed_out else done.tail(4)
        return Resolution(reason=f"no versions could be chosen for the new dependencies: {why}")
    return Resolution(_origins(done.stdout, {requirement.name: requirement for requirement in requirements}))


def _origins(printed: str, asked: Mapping[str, Requirement]) -> dict[tuple[str, str], Requirement]:
    """For every pin the requirement that leads to it."""
    versions: dict[str, str] = {}
    via: dict[str, list[str]] = {}
    for line in printed.splitlines():
        match = _PIN.match(line.strip())
        if match:
            name = normalised(match["name"])
            versions[name] = match["version"]
            via[name] = [normalised(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", match["via"] or "")]
    some = next(iter(asked.values()))
    return {(name, version): _origin(name, via, asked, set()) or some for name, version in versions.items()}


def _origin(
    name: str, via: Mapping[str, Sequence[str]], asked: Mapping[str, Requirement], seen: set[str]
) -> Requirement | None:
    if name in asked:
        return asked[name]
    seen.add(name)
    ways = (_origin(parent, via, asked, seen) for parent in via.get(name, ()) if parent not in seen)
    return next((found for found in ways if found is not None), None)

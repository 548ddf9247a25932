"""What a project tells deptry in its pyproject.toml, as far as unused dependencies go.

Comes in: the file's text, of the base (a change may not choose what it is measured by). Goes out: packages that are
left alone, and modules by package. What is none of this, or of another type, is left out.
https://deptry.com/usage/ lists the settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tdev.core.manifests import normalised
from tdev.core.manifests.documents import parse_toml, table

RULE = "DEP002"
"""deptry's name for a dependency that nothing imports."""


@dataclass(frozen=True)
class DeptrySettings:
    """What a project says of its dependencies."""

    off: bool = False
    """It does not ask for the rule at all."""
    alone: frozenset[str] = frozenset()
    """Normalised names of packages that need not be imported."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Modules by normalised package."""


def deptry_settings(pyproject: str) -> DeptrySettings:
    """The settings in a pyproject.toml; those that hold where nothing is said, for a text that is none."""
    said = table(parse_toml(pyproject), "tool", "deptry")
    names = table(said, "package_module_name_map")
    return DeptrySettings(
        off=RULE in _words(said.get("ignore")),
        alone=frozenset(normalised(name) for name in _words(table(said, "per_rule_ignores").get(RULE))),
        names={normalised(name): _words(modules) for name, modules in names.items()},
    )


def _words(value: object) -> tuple[str, ...]:
    """Texts of a list, or of one text with `|` between them."""
    if isinstance(value, str):
        return tuple(filter(None, re.split(r"\s*\|\s*", value.strip())))
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

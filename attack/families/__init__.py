"""FAMILIES: what is tried, one file per family, each a table."""

from __future__ import annotations

from collections.abc import Mapping

from attack.families import (
    budget,
    configuration,
    escape,
    file_names,
    floods,
    hidden_text,
    key,
    left_behind,
    network,
    poisoned,
    protected,
    proxy,
    publish_secrets,
    push,
    servers,
    shell,
    tests_weakened,
    verdict,
    write_outside,
)
from attack.model import Attack, Family

FAMILIES: tuple[Family, ...] = (
    key.FAMILY,
    network.FAMILY,
    proxy.FAMILY,
    write_outside.FAMILY,
    push.FAMILY,
    protected.FAMILY,
    tests_weakened.FAMILY,
    publish_secrets.FAMILY,
    hidden_text.FAMILY,
    file_names.FAMILY,
    poisoned.FAMILY,
    configuration.FAMILY,
    shell.FAMILY,
    servers.FAMILY,
    escape.FAMILY,
    verdict.FAMILY,
    left_behind.FAMILY,
    floods.FAMILY,
    budget.FAMILY,
)
"""All families, in the order of the report."""

_ATTACKS: Mapping[tuple[str, str], Attack] = {
    (family.name, attack.name): attack for family in FAMILIES for attack in family.attacks
}


def attack_named(family: str, attack: str) -> Attack:
    """The attack of that name; raises KeyError when there is none."""
    return _ATTACKS[family, attack]

"""The families as tables: enough, named well, complete, and each in the short form."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from attack.campaign import trials
from attack.families import FAMILIES, attack_named
from attack.model import Family, Model
from attack.results import LEAST_ATTACKS, LEAST_FAMILIES
from attack.scene import staged
from attack.wall import Wall
from tdev.policy.model import Policy

EVERY = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"@[a-z_0-9]+@")


def test_there_are_enough() -> None:
    assert len(FAMILIES) >= LEAST_FAMILIES and sum(len(family.attacks) for family in FAMILIES) >= LEAST_ATTACKS


def test_names_are_unique() -> None:
    names = Counter((family.name, attack.name) for family in FAMILIES for attack in family.attacks)
    assert [name for name, count in names.items() if count > 1] == []
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


@EVERY
def test_every_row_is_complete(family: Family) -> None:
    assert _NAME.fullmatch(family.name) and family.aim and family.attacks
    for attack in family.attacks:
        assert _NAME.fullmatch(attack.name)
        assert attack.walls and len(set(attack.walls)) == len(attack.walls), attack.name
        assert attack_named(family.name, attack.name) is attack
        Policy.model_validate(attack.policy)
        if isinstance(attack.way, Model):
            assert attack.way.calls or attack.way.turns or attack.harm, f"{attack.name} does nothing"
        else:
            assert "attempt(" in attack.way.source, f"nothing would show that {attack.name} took place"
            assert Wall.TOOLS not in attack.walls, "nobody asks the tools of a test or a program"


def test_the_short_form_has_every_family() -> None:
    short = trials(FAMILIES, short=True)
    assert {trial.family for trial in short} == {family.name for family in FAMILIES}
    assert {trial.off for trial in short} == {None, *Wall}
    assert len(short) < len(trials(FAMILIES)) / 4


def test_every_wall_is_switched_off_in_turn_where_two_claim_an_attack() -> None:
    for family in FAMILIES:
        for attack in family.attacks:
            off = {trial.off for trial in trials([Family(family.name, family.aim, (attack,))])}
            assert off == ({None, *attack.walls} if len(attack.walls) > 1 else {None})


def test_every_place_is_known() -> None:
    known = {"endpoint", "proxy", "model"}
    with staged(attack_named("write-outside", "tool-absolute")) as scene:
        known |= set(scene.places)
    for family in FAMILIES:
        for attack in family.attacks:
            used = {found.strip("@") for found in _PLACE.findall(f"{attack.way}{attack.plant}")}
            assert used <= known, f"{family.name}/{attack.name}"

"""Writes the tables of docs/threat-model.md from the attack suite; with --check, says whether they are current.

A table stands between `<!-- made: NAME -->` and `<!-- end -->`, as in docs/bot.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from made_page import write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from attack.families import FAMILIES  # noqa: E402
from attack.model import Attack  # noqa: E402
from attack.wall import WALLS, Wall  # noqa: E402

FILE = Path(__file__).with_name("threat-model.md")
_BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(words: list[str]) -> int:
    """Write the page, or compare it; 0, or 1 when it is out of date."""
    return write_or_check(FILE, page(FILE.read_text("utf-8")), words, ", ".join(TABLES))


def page(text: str) -> str:
    """The page with its tables made anew."""
    return _BLOCK.sub(lambda found: "\n".join((found[1].rstrip(), *TABLES[found[2]](), found[3])), text)


def walls() -> Iterator[str]:
    """What belongs to each wall."""
    yield from ("| wall | what belongs to it |", "|---|---|")
    yield from (f"| {wall.value} | {text} |" for wall, text in WALLS.items())


def families() -> Iterator[str]:
    """One row per family: aim, walls, how many attacks, and how many of them two walls claim."""
    yield from (
        "| family | what a hostile model would gain | walls | attacks | held by two or more |",
        "|---|---|---|---:|---:|",
    )
    for family in FAMILIES:
        names = ", ".join(wall.value for wall in family.walls)
        twice = sum(len(attack.walls) > 1 for attack in family.attacks)
        yield f"| [{family.name}](#{family.name}) | {family.aim} | {names} | {len(family.attacks)} | {twice} |"
    total = sum(len(family.attacks) for family in FAMILIES)
    twice = sum(len(attack.walls) > 1 for family in FAMILIES for attack in family.attacks)
    yield f"| **{len(FAMILIES)} families** | | | **{total}** | **{twice}** |"


def attacks() -> Iterator[str]:
    """The names of all attacks, by family and by the walls that claim them."""
    for family in FAMILIES:
        yield from ("", f"### {family.name}", "")
        by_walls: dict[tuple[Wall, ...], list[Attack]] = {}
        for attack in family.attacks:
            by_walls.setdefault(attack.walls, []).append(attack)
        for claimed, group in by_walls.items():
            names = ", ".join(f"`{attack.name}`" for attack in group)
            yield f"- **{' or '.join(wall.value for wall in claimed)}**: {names}"
    yield ""


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {"walls": walls, "families": families, "attacks": attacks}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

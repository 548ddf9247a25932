"""What the dependency files alone, and their history, say about age. No index is asked.

An exact pin is old when git says its line was written long ago: nobody is asked whether a newer version exists, so
research gives the same answer offline and in every run on the same day.
Known vulnerabilities are another matter: tools/dependencies.py looks them up, and only for what a change brings.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.insight.material import Material, Place
from tdev.core.insight.python_versions import end_of_life
from tdev.core.manifests import requirements

OLD_DAYS = 365
"""A pin that nobody has touched for longer is worth a review."""


def old_dependencies(material: Material) -> Iterator[Place]:
    """Exact pins older than OLD_DAYS, requirement files without any version, and an interpreter out of support."""
    for path, text in sorted(material.manifests.items()):
        file_of_pins = path.endswith((".txt", ".lock"))
        for one in requirements(path, text):
            written = material.pinned_on.get((path, one.line))
            days = (material.today - written).days if written else 0
            if one.version and days > OLD_DAYS:
                detail = f"{one.written} {one.version}, pinned {days} days ago"
                yield Place("old-dependency", path, one.line, detail, 0.5, days)
            elif file_of_pins and not one.specifier:
                yield Place("old-dependency", path, one.line, f"{one.written}, which has no version", 0.25)
    yield from _interpreter(material)


def _interpreter(material: Material) -> Iterator[Place]:
    """The oldest Python promised, when it no longer gets security fixes."""
    floor = material.floor
    last = end_of_life(floor.version) if floor else None
    if floor is None or last is None or last >= material.today:
        return
    version = ".".join(str(part) for part in floor.version)
    ended = "long ago" if last.year < 2000 else f"on {last.isoformat()}"
    detail = f"Python {version}, whose security fixes ended {ended}"
    yield Place("old-dependency", floor.path, floor.line, detail, 1.0, 10_000)

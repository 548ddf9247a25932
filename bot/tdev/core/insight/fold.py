"""From places to insights: duplicates folded, ranked by a formula (docs/research.md), cut at a limit.

A place is one line; an insight is what a person would do in one go. So places of a kind are gathered by file, and by
folder where a folder has many such files; functions that are too long or complex stay one insight per file.
The order is total (priority, kind, path): the same commit and policy give the same file, byte for byte.
Ids depend on kind and path only. Folding by folder therefore changes the id when a folder crosses the limit.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from tdev.core.artifacts.insights import Evidence, Insight
from tdev.core.insight.kinds import KINDS
from tdev.core.insight.material import Material, Place
from tdev.core.recipes import RECIPES

FILES_PER_FOLDER = 8
"""More files of one folder with the same kind of insight are folded into one for the folder."""
EVIDENCE = 50
"""Most places listed in one insight; the title has the full count."""
_ALWAYS_BY_FILE = frozenset({"complex-function", "long-function", "old-dependency"})
_TITLE_LENGTH = 120
_DETAIL_LENGTH = 200


def fold(places: Iterable[Place], material: Material) -> tuple[tuple[Insight, ...], bool]:
    """The insights, highest priority first, and whether the policy's limit cut the list."""
    insights = [_insight(kind, path, group, material) for (kind, path), group in _groups(places).items()]
    insights.sort(key=lambda insight: (-insight.priority, insight.kind, insight.path))
    return tuple(insights[: material.limits.insights]), len(insights) > material.limits.insights


def _groups(places: Iterable[Place]) -> dict[tuple[str, str], list[Place]]:
    """Places by kind and file, or by kind and folder where one folder has many such files."""
    files: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in dict.fromkeys(places):
        files[place.kind, place.path].append(place)
    folders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, path in files:
        if kind not in _ALWAYS_BY_FILE:
            folders[kind, path.rpartition("/")[0] or "."].append(path)
    groups = dict(files)
    for (kind, folder), paths in folders.items():
        if (kind == "untested-module" and len(paths) > 1) or len(paths) > FILES_PER_FOLDER:
            groups[kind, folder] = [place for path in paths for place in groups.pop((kind, path))]
    return groups


def _insight(kind: str, path: str, places: list[Place], material: Material) -> Insight:
    """One insight over all its places."""
    order = sorted(places, key=lambda place: (-place.weight, place.path, place.line))
    hours = sum(place.hours for place in places)
    return Insight(
        id="i-" + hashlib.sha256(f"{kind}\n{path}".encode("utf-8", "replace")).hexdigest()[:12],
        kind=kind,
        title=_title(kind, path, order),
        path=path,
        evidence=tuple(
            Evidence(path=place.path, line=place.line, detail=place.detail[:_DETAIL_LENGTH])
            for place in order[:EVIDENCE]
        ),
        effort_hours=round(max(hours, 0.1), 2),
        priority=priority(kind, order, hours, material),
        recipe=next((recipe.name for recipe in RECIPES if kind in recipe.insights), ""),
    )


def _title(kind: str, path: str, order: list[Place]) -> str:
    """One line, cut where it grows too long."""
    template = KINDS[kind].one if len(order) == 1 else KINDS[kind].many
    shown = "the top folder" if path == "." else path
    title = template.format(detail=order[0].detail, path=shown, count=len(order))
    return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1].rstrip() + "…"


def priority(kind: str, places: list[Place], hours: float, material: Material) -> float:
    """Severity times (0.5 + 0.2 spread + 0.2 exposure + 0.1 ease), each of them 0..1; rounded to 4 places."""
    paths = {place.path for place in places}
    spread = _share(len(places), 5)
    commits = _share(max(material.commits.get(path, 0) for path in paths), 5)
    size = _share(max(material.lines.get(path, 0) for path in paths), 500)
    ease = 1 - _share(hours, 2)
    return round(KINDS[kind].severity * (0.5 + 0.2 * spread + 0.2 * (commits + size) / 2 + 0.1 * ease), 4)


def _share(value: float, half: float) -> float:
    """0 for nothing, 0.5 at `half`, towards 1 beyond."""
    return value / (value + half)

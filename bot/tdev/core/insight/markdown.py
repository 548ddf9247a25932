"""insights.md: what research saw, for people.

stages/research.py writes the page beside insights.json; nothing reads it back.
Paths and names come from the repository: they are escaped for Markdown and percent-encoded in links, so a file
called `](http://...)` shows its name and links nowhere. Lists are cut, and say by how much.
"""

from __future__ import annotations

from collections import Counter

from tdev.core.artifacts.insights import Evidence, Insight, Insights

_SHOWN = 50
_PLACES = 3
_TAIL = 20


def insights_markdown(name: str, sha: str, insights: Insights) -> str:
    """The whole page."""
    parts = [
        f"# What research saw in {_plain(name)}",
        f"Commit `{sha[:12]}`. {insights.files_scanned} Python files were scanned, {insights.files_cached} of them "
        "answered by the cache. How insights are found and ranked: docs/research.md.",
        *_languages(insights),
        *_summary(insights),
        *_list(insights),
        *_places("Python files that could not be read", insights.unreadable),
        *_places("Not looked at", insights.skipped),
    ]
    return "\n\n".join(parts) + "\n"


def _languages(insights: Insights) -> list[str]:
    if not insights.languages:
        return ["The commit holds no file in a language that is known here."]
    rows = [f"| {one.language} | {one.files:,} | {one.lines:,} |" for one in insights.languages]
    note = "" if any(one.language == "Python" for one in insights.languages) else " There is no Python here."
    table = "\n".join(["| Language | Files | Lines |", "|---|---:|---:|", *rows])
    return ["## Languages", f"Python is judged, other languages are only counted.{note}", table]


def _summary(insights: Insights) -> list[str]:
    if not insights.insights:
        return ["## Insights", "None."]
    kinds = Counter(insight.kind for insight in insights.insights)
    hours = {kind: sum(one.effort_hours for one in insights.insights if one.kind == kind) for kind in kinds}
    rows = [f"| {kind} | {count} | {hours[kind]:.1f} |" for kind, count in kinds.most_common()]
    cut = ["The policy's limit `research.insights` cut the list."] if insights.truncated else []
    return ["## Insights", "\n".join(["| Kind | Insights | Hours |", "|---|---:|---:|", *rows]), *cut]


def _list(insights: Insights) -> list[str]:
    shown = insights.insights[:_SHOWN]
    lines = [_entry(number, insight) for number, insight in enumerate(shown, 1)]
    more = len(insights.insights) - len(shown)
    tail = [f"… and {more} more in insights.json."] if more else []
    return ["\n".join(lines), *tail] if lines else []


def _entry(number: int, insight: Insight) -> str:
    recipe = f", recipe `{insight.recipe}`" if insight.recipe else ""
    head = f"{number}. **{insight.priority:.2f}** {_plain(insight.title)} ({insight.effort_hours:g} h{recipe})"
    places = [f"   - {_link(one)}: {_plain(one.detail)}" for one in insight.evidence[:_PLACES]]
    more = len(insight.evidence) - _PLACES
    tail = [f"   - … and {more} more"] if more > 0 else []
    return "\n".join([head, *places, *tail])


def _places(title: str, places: tuple[Evidence, ...]) -> list[str]:
    if not places:
        return []
    rows = [f"- {_link(one)}: {_plain(one.detail)}" for one in places[:_TAIL]]
    more = len(places) - len(rows)
    return [f"## {title}", "\n".join([*rows, *([f"- … and {more} more"] if more else [])])]


def _link(place: Evidence) -> str:
    """`path:line`, linked to the path."""
    shown = f"{place.path}:{place.line}" if place.line else place.path
    anchor = f"#L{place.line}" if place.line else ""
    target = "".join(f"%{ord(sign):02X}" if sign in "<>%\\\n\r" else sign for sign in place.path)
    return f"[{_plain(shown)}](<{target}{anchor}>)"


def _plain(text: str) -> str:
    """Text from the repository, so that none of it acts as Markdown or HTML."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|@!~&" else sign for sign in flat)

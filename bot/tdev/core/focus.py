"""What a plan says a change is about, and what of the change lies elsewhere.

Tests, documents and changelogs go with any change, so they are never elsewhere. A plan with a task that names no place
is about the whole project.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdev.core.artifacts.plan import Task, TaskState, leaves_of
from tdev.core.scan.paths import is_test_path

_DOCUMENTS = (".md", ".rst", ".txt", ".adoc")


def named_places(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Files and folders that the tasks which were done name; empty = no limit."""
    done = [task for task in leaves_of(tasks) if task.state is TaskState.DONE]
    if not done or any(not task.paths for task in done):
        return ()
    return tuple(dict.fromkeys(path.strip("/") for task in done for path in task.paths))


def outside(paths: Iterable[str], places: Iterable[str]) -> tuple[str, ...]:
    """Those changed files that lie in none of the places."""
    named = tuple(places)
    if not named or "." in named:
        return ()
    return tuple(path for path in paths if not _goes_along(path) and not any(_within(path, one) for one in named))


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def _goes_along(path: str) -> bool:
    return is_test_path(path) or path.endswith(_DOCUMENTS) or path.startswith(("docs/", "doc/"))

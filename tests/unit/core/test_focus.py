from __future__ import annotations

from tdev.core.artifacts.plan import Task, TaskState
from tdev.core.focus import named_places, outside


def task(number: int, *paths: str, state: TaskState = TaskState.DONE) -> Task:
    return Task(id=f"T{number}", title="Do it", paths=paths, estimate_hours=1, risk=1, state=state)


def test_places_are_those_of_tasks_that_were_done() -> None:
    assert named_places([task(1, "a.py"), task(2, "src/"), task(3, "b.py", state=TaskState.FAILED)]) == ("a.py", "src")
    assert named_places([task(1, "a.py"), task(2)]) == ()
    assert named_places([]) == ()


def test_tests_and_documents_go_with_any_change() -> None:
    paths = ["a.py", "src/x/b.py", "srcs/c.py", "tests/test_a.py", "README.md", "docs/conf.py", "setup.cfg"]
    assert outside(paths, ("a.py", "src")) == ("srcs/c.py", "setup.cfg")
    assert outside(paths, ()) == ()
    assert outside(paths, (".",)) == ()

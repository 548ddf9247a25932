"""Where the tasks of a plan stand."""

from __future__ import annotations

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.task_states import next_task, next_top_id, with_state, with_task


def task(identity: str, parent: str = "") -> Task:
    return Task(id=identity, parent=parent, title=identity, estimate_hours=1, risk=1)


PLAN = Plan(tasks=(task("T1"), task("T1.1", "T1"), task("T1.2", "T1"), task("T2")))


def test_groups_are_not_worked_on() -> None:
    assert [leaf.id for leaf in leaves_of(PLAN.tasks)] == ["T1.1", "T1.2", "T2"]


def test_tasks_come_in_order_until_all_have_ended() -> None:
    plan, seen = PLAN, []
    while (following := next_task(plan)) is not None:
        seen.append(following.id)
        plan = with_state(plan, following.id, TaskState.DONE, "because")
    assert seen == ["T1.1", "T1.2", "T2"]
    assert plan.tasks[3].reason == "because"


def test_a_new_task_gets_the_next_number() -> None:
    assert next_top_id(PLAN) == "T3"
    assert next_top_id(Plan()) == "T1"
    longer = with_task(PLAN, task("T3"))
    assert longer.tasks[-1].id == "T3"
    assert longer.revision == PLAN.revision + 1

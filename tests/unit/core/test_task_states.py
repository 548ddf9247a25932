"""Where the tasks of a plan stand."""

from __future__ import annotations

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.plan import build_plan
from tdev.core.task_states import next_top_id, put_behind, ready_tasks, with_state, with_task


def task(identity: str, parent: str = "") -> Task:
    return Task(id=identity, parent=parent, title=identity, estimate_hours=1, risk=1)


PLAN = Plan(tasks=(task("T1"), task("T1.1", "T1"), task("T1.2", "T1"), task("T2")))


def test_groups_are_not_worked_on() -> None:
    assert [leaf.id for leaf in leaves_of(PLAN.tasks)] == ["T1.1", "T1.2", "T2"]


def test_tasks_come_in_order_until_all_have_ended() -> None:
    plan, seen = PLAN, []
    while ready := ready_tasks(plan, 1):
        seen.append(ready[0].id)
        plan = with_state(plan, ready[0].id, TaskState.DONE, "because")
    assert seen == ["T1.1", "T1.2", "T2"]
    assert plan.tasks[3].reason == "because"


def test_a_new_task_gets_the_next_number() -> None:
    assert next_top_id(PLAN) == "T3"
    assert next_top_id(Plan()) == "T1"
    longer = with_task(PLAN, task("T3"))
    assert longer.tasks[-1].id == "T3"
    assert longer.revision == PLAN.revision + 1


def test_tasks_that_wait_for_others_are_not_ready() -> None:
    late = task("T3").model_copy(update={"after": ("T1",)})
    plan = build_plan((*PLAN.tasks, late))
    assert [each.id for each in ready_tasks(plan, 9)] == ["T1.1", "T1.2", "T2"]
    assert [each.id for each in ready_tasks(plan, 2)] == ["T1.1", "T1.2"]
    for name in ("T1.1", "T1.2"):
        plan = with_state(plan, name, TaskState.DONE)
    assert [each.id for each in ready_tasks(plan, 9)] == ["T2", "T3"]


def test_a_task_that_must_be_alone_waits_for_its_turn_and_then_is() -> None:
    assert [each.id for each in ready_tasks(PLAN, 9, {"T1.2"})] == ["T1.1", "T2"]
    assert [each.id for each in ready_tasks(PLAN, 9, {"T1.1"})] == ["T1.1"]


def test_a_task_put_behind_others_waits_for_them() -> None:
    plan = put_behind(build_plan(PLAN.tasks), "T1.1", ["T2"])
    assert [each.id for each in ready_tasks(plan, 9)] == ["T1.2", "T2"]
    assert plan.revision == 1

"""The plan as a graph: order, critical path, parallel groups, cycles, planning anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.plan import build_plan, replan
from tdev.core.task_states import ready_tasks, with_state
from tdev.errors import Refused


def task(name: str, hours: float = 1.0, **more: object) -> Task:
    return Task.model_validate({"id": name, "title": f"Do {name}", "estimate_hours": hours, "risk": 1, **more})


@st.composite
def graphs(draw: st.DrawFn) -> list[Task]:
    """Random forests of one or two levels whose needs and afters point to earlier first-level tasks or leaves."""
    tasks: list[Task] = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        earlier = [each.id for each in tasks]
        names = st.lists(st.sampled_from(earlier), max_size=3, unique=True) if earlier else st.just([])
        hours = st.floats(0.1, 4.0).map(lambda value: round(value, 2))
        top = task(
            f"T{number}", draw(hours), needs=tuple(draw(names)), after=tuple(draw(names)), risk=draw(st.integers(1, 5))
        )
        tasks.append(top)
        for part in range(1, draw(st.sampled_from([0, 0, 2, 3])) + 1):
            tasks.append(task(f"{top.id}.{part}", draw(hours), parent=top.id, needs=tuple(draw(names))))
    return draw(st.permutations(tasks))


def leaves_below(plan: Plan, name: str) -> set[str]:
    return {leaf.id for leaf in leaves_of(plan.tasks) if leaf.id == name or leaf.id.startswith(f"{name}.")}


@given(graphs())
def test_the_order_satisfies_every_need(tasks: list[Task]) -> None:
    plan = build_plan(tasks)
    place = {each.id: number for number, each in enumerate(plan.tasks)}
    assert sorted(place) == sorted(each.id for each in tasks)
    for each in plan.tasks:
        if each.parent:
            assert place[each.parent] < place[each.id]
        for name in (*each.needs, *each.after):
            for before in leaves_below(plan, name):
                assert all(place[before] < place[leaf] for leaf in leaves_below(plan, each.id))


@given(graphs())
def test_groups_partition_the_leaves_and_never_hold_a_task_with_what_it_waits_for(tasks: list[Task]) -> None:
    plan = build_plan(tasks)
    flat = [name for group in plan.parallel_groups for name in group]
    assert sorted(flat) == sorted(leaf.id for leaf in leaves_of(plan.tasks))
    level = {name: number for number, group in enumerate(plan.parallel_groups) for name in group}
    for each in plan.tasks:
        for name in (*each.needs, *each.after):
            for before in leaves_below(plan, name):
                assert all(level[before] < level[leaf] for leaf in leaves_below(plan, each.id))


@given(graphs())
def test_the_critical_path_is_the_longest_chain(tasks: list[Task]) -> None:
    plan = build_plan(tasks)
    hours = {leaf.id: leaf.estimate_hours for leaf in leaves_of(plan.tasks)}
    level = {name: number for number, group in enumerate(plan.parallel_groups) for name in group}
    assert plan.critical_hours <= plan.total_hours + 0.01
    assert plan.total_hours == pytest.approx(sum(hours.values()), abs=0.01)
    assert plan.critical_hours >= max(hours.values()) - 0.01
    assert plan.critical_hours == pytest.approx(sum(hours[name] for name in plan.critical_path), abs=0.01)
    levels = [level[name] for name in plan.critical_path]
    assert levels == sorted(set(levels))
    assert plan.critical_hours >= sum(min(hours[name] for name in group) for group in plan.parallel_groups) - 0.01


@given(graphs())
def test_the_same_tasks_give_the_same_plan(tasks: list[Task]) -> None:
    assert build_plan(tasks) == build_plan(list(tasks))
    again = build_plan(build_plan(tasks).tasks)
    assert again == build_plan(again.tasks)


@given(graphs(), st.data())
def test_after_a_failure_what_is_left_can_still_be_done(tasks: list[Task], data: st.DataObject) -> None:
    plan = build_plan(tasks)
    steps = 0
    while (ready := ready_tasks(plan, 1)) and steps < 100:
        current = ready[0]
        steps += 1
        done = {leaf.id: leaf.state for leaf in leaves_of(plan.tasks)}
        for name in current.needs:
            assert all(done[leaf] in (TaskState.DONE, TaskState.UNCHANGED) for leaf in leaves_below(plan, name))
        if data.draw(st.booleans()):
            before = plan
            plan = replan(plan, current.id, "it broke\na test")
            assert plan.revision == before.revision + 1
            assert f"{current.title}: it broke a test" in plan.not_done
            assert plan.total_hours < before.total_hours
        else:
            plan = with_state(plan, current.id, TaskState.DONE)
    assert all(leaf.state is not TaskState.PENDING for leaf in leaves_of(plan.tasks))
    left = build_plan(plan.tasks)
    assert (left.critical_path, left.total_hours, left.parallel_groups) == ((), 0.0, ())


def test_the_order_given_is_kept_where_nothing_speaks_against_it() -> None:
    plan = build_plan([task("T3"), task("T1"), task("T2", needs=("T4",)), task("T4")])
    assert [each.id for each in plan.tasks] == ["T3", "T1", "T4", "T2"]


def test_a_cycle_is_named() -> None:
    with pytest.raises(Refused, match=r"T1 -> T2 -> T1|T2 -> T1 -> T2"):
        build_plan([task("T1", needs=("T2",)), task("T2", after=("T1",))])


def test_a_cycle_through_a_group_is_named() -> None:
    tasks = [
        task("T1", needs=("T2",)),
        task("T1.1", parent="T1"),
        task("T1.2", parent="T1"),
        task("T2", after=("T1.1",)),
    ]
    with pytest.raises(Refused, match=r"T1\.1.*T2"):
        build_plan(tasks)


def test_a_part_that_needs_its_own_group_is_a_cycle() -> None:
    with pytest.raises(Refused, match=r"T1\.1 -> T1\.1"):
        build_plan([task("T1"), task("T1.1", parent="T1", needs=("T1",)), task("T1.2", parent="T1")])


@pytest.mark.parametrize("field", ["needs", "after"])
def test_an_unknown_need_is_named(field: str) -> None:
    with pytest.raises(Refused, match="Task T1 names T9"):
        build_plan([task("T1", **{field: ("T9",)})])


def test_an_unknown_parent_is_named() -> None:
    with pytest.raises(Refused, match=r"Task T1\.1 names T1"):
        build_plan([task("T1.1", parent="T1")])


def test_groups_inside_each_other_are_named() -> None:
    with pytest.raises(Refused, match="T1 -> T2 -> T1"):
        build_plan([task("T1", parent="T2"), task("T2", parent="T1")])


def test_an_id_given_twice_is_named() -> None:
    with pytest.raises(Refused, match="called T1"):
        build_plan([task("T1"), task("T1")])


def test_a_leaf_of_more_than_four_hours_is_no_plan_but_a_group_may_be_longer() -> None:
    with pytest.raises(ValueError, match=r"T1 takes 4\.5 h"):
        build_plan([task("T1", 4.5)])
    plan = build_plan([task("T1"), task("T1.1", 4, parent="T1", risk=3), task("T1.2", 4, parent="T1")])
    assert (plan.tasks[0].estimate_hours, plan.tasks[0].risk, plan.total_hours) == (8.0, 3, 8.0)


def test_no_tasks_are_an_empty_plan() -> None:
    plan = build_plan([], not_done=("a", "a", "b"))
    assert plan == Plan(not_done=("a", "b"))


def test_what_needs_a_failed_task_is_dropped_and_what_only_comes_after_it_is_kept() -> None:
    plan = build_plan(
        [
            task("T1"),
            task("T2", needs=("T1",)),
            task("T3", after=("T1",)),
            task("T4", needs=("T2",)),
            task("T5", after=("T4",)),
        ]
    )
    left = replan(plan, "T1", "the tests broke")
    states = {each.id: each.state for each in left.tasks}
    assert states["T1"] is TaskState.FAILED
    assert states["T2"] is states["T4"] is TaskState.DROPPED
    assert states["T3"] is states["T5"] is TaskState.PENDING
    assert left.revision == 1
    assert left.not_done == (
        "Do T1: the tests broke",
        "Do T2: it needs T1 (Do T1), which failed",
        "Do T4: it needs T2 (Do T2), which was dropped",
    )
    assert left.parallel_groups == (("T3", "T5"),)


def test_a_need_of_a_group_fails_with_any_of_its_parts() -> None:
    plan = build_plan([task("T1"), task("T1.1", parent="T1"), task("T1.2", parent="T1"), task("T2", needs=("T1",))])
    left = replan(plan, "T1.2", "no")
    assert {each.id: each.state.value for each in left.tasks if each.id != "T1"} == {
        "T1.1": "pending",
        "T1.2": "failed",
        "T2": "dropped",
    }


def test_a_failed_group_fails_its_pending_parts() -> None:
    plan = build_plan([task("T1"), task("T1.1", parent="T1"), task("T1.2", parent="T1"), task("T2", after=("T1",))])
    plan = with_state(plan, "T1.1", TaskState.DONE)
    left = replan(plan, "T1", "no")
    states = {each.id: each.state.value for each in leaves_of(left.tasks)}
    assert states == {"T1.1": "done", "T1.2": "failed", "T2": "pending"}


def test_done_work_between_two_tasks_keeps_them_apart() -> None:
    plan = build_plan([task("T1"), task("T2", after=("T1",)), task("T3", after=("T2",))])
    middle = [each.model_copy(update={"state": TaskState.DONE}) if each.id == "T2" else each for each in plan.tasks]
    left = build_plan(middle)
    assert left.parallel_groups == (("T1",), ("T3",))
    assert left.critical_path == ("T1", "T3")


def test_a_task_that_is_not_there_can_not_fail() -> None:
    with pytest.raises(Refused, match="no task T7"):
        replan(build_plan([task("T1")]), "T7", "")


def test_a_long_reason_is_one_line() -> None:
    left = replan(build_plan([task("T1")]), "T1", "x\n" * 5000)
    assert len(left.tasks[0].reason) <= 600
    assert "\n" not in left.tasks[0].reason

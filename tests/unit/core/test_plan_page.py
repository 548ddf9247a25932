"""plan.md."""

from __future__ import annotations

from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.plan import build_plan, replan
from tdev.core.plan_page import plan_markdown


def goal(title: str) -> Goal:
    return Goal(
        run_id="r",
        goal_id="g",
        trace_id="a" * 32,
        kind=GoalKind.EVOLVE,
        text=title,
        title=title,
        slug="x",
        repository=Repository(path="/x", name="x", base_sha="a" * 40),
        engine="recipes",
        engine_reason="asked for",
        created_at="2026-01-01T00:00:00Z",
    )


def task(name: str, **more: object) -> Task:
    return Task.model_validate({"id": name, "title": f"Do {name}", "estimate_hours": 1.5, "risk": 2, **more})


def test_the_page_shows_tree_table_path_drawing_and_what_is_left_out() -> None:
    plan = build_plan(
        [
            task("T1"),
            task("T1.1", parent="T1", recipe="types", paths=("a", "b", "c", "d")),
            task("T1.2", parent="T1"),
            task("T2", needs=("T1.1",), after=("T1.2",)),
        ],
        not_done=("dead-code: needs a model",),
    )
    page = plan_markdown(goal("improve"), plan)
    assert "3 tasks, 4.5 h for a person, 3 h on the critical path" in page
    assert "- **T1** Do T1\n  - **T1.1** Do T1.1\n" in page
    assert "| T1.1 | Do T1.1 | recipe `types` | a, b, c and 1 more |  | 1.5 | 2 | pending |" in page
    assert "| T2 | Do T2 | model | the whole project | T1.1, (T1.2) | 1.5 | 2 | pending |" in page
    assert "T1.1 → T2: 3 h of 4.5 h." in page
    assert "1. T1.1, T1.2\n2. T2\n" in page
    assert "```mermaid\nflowchart LR" in page
    assert "- dead-code: needs a model" in page


def test_an_empty_plan_says_so_and_what_was_left_out() -> None:
    page = plan_markdown(goal("improve"), build_plan([], not_done=("x: y",)))
    assert "There is nothing to do." in page
    assert "- x: y" in page
    assert "mermaid" not in page


def test_a_failed_task_is_shown_as_such() -> None:
    page = plan_markdown(goal("improve"), replan(build_plan([task("T1"), task("T2", needs=("T1",))]), "T1", "broke"))
    assert "revision 1" in page
    assert "| failed |" in page
    assert "| dropped |" in page


def test_text_from_outside_can_not_break_the_page() -> None:
    plan = build_plan([task("T1", paths=("a|b\n# c",)).model_copy(update={"title": "x | y\n# @octocat <b>"})])
    page = plan_markdown(goal("a\n# b | @me"), plan)
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert [heading.split()[1] for heading in headings] == ["Plan:", "Tasks", "Critical"]
    assert "@octocat" not in page
    row = next(line for line in page.splitlines() if line.startswith("| T1 "))
    assert row.replace(r"\|", "").count("|") == 9


def test_the_page_says_what_made_the_plan_also_after_a_failure() -> None:
    by_model = build_plan([task("T1"), task("T2")], planned_by="model")
    assert "planned by the model." in plan_markdown(goal("improve"), replan(by_model, "T1", "broke"))
    assert "planned by rules." in plan_markdown(goal("improve"), build_plan([task("T1")]))

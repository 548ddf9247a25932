"""The sticky comment and the answers."""

from __future__ import annotations

from tdev.core.command import Name
from tdev.core.comment import Check, Result, Step, View, explanation, help_text, run_marker, steps_of, sticky

VIEW = View(run_id="20260301-100600-000000-abcdef", what="build", actor="mona")


def test_a_run_that_waits() -> None:
    text = sticky(VIEW)
    assert "build is waiting for its turn" in text and "- [ ] waiting for a runner" in text and "@" not in text


def test_steps_become_a_checklist() -> None:
    jobs: list[dict[str, object]] = [
        {
            "name": "agent",
            "status": "in_progress",
            "steps": [
                {"name": "Set up job", "status": "completed", "conclusion": "success"},
                {"name": "research", "status": "completed", "conclusion": "success"},
                {"name": "plan", "status": "completed", "conclusion": "failure"},
                {"name": "code", "status": "in_progress", "conclusion": None},
            ],
        },
        {"name": "publish", "status": "queued", "steps": []},
        {"name": "evolve", "status": "completed", "conclusion": "skipped", "steps": []},
    ]
    lines = sticky(View(VIEW.run_id, "build", "mona", steps=steps_of(jobs))).splitlines()
    assert [line for line in lines if line.startswith("- [")] == [
        "- [x] research",
        "- [ ] plan ❌",
        "- [ ] code ⏳",
        "- [ ] publish",
    ]


def test_the_end_shows_the_pull_request_and_what_came_from_outside_does_nothing() -> None:
    result = Result(4, "https://x/pull/4", "tdev/auto/rooms", (Check("tdev/tests", "failure", "@mona | closes #3"),))
    view = View(
        VIEW.run_id,
        "build",
        "mona",
        "completed",
        "success",
        steps=(Step("@all <b>", "completed", "success"),),
        result=result,
    )
    text = sticky(view)
    assert "**Pull request #4**" in text and "build done" in text
    assert "@mona" not in text and "@all" not in text and "<b>" not in text and "closes #3" not in text
    assert "@mona" not in explanation(result)
    assert "There is no pull request" in sticky(View(VIEW.run_id, "build", "mona", "completed", "success"))


def test_markers_differ_and_help_names_all() -> None:
    assert run_marker("a") != run_marker("b")
    text = help_text("evolv", Name.EVOLVE)
    assert "Did you mean `/tdev evolve`" in text and all(f"`/tdev {name.value}`" in text for name in Name)

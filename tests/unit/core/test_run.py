"""Run ids, goal ids and slugs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.run import branch_name, goal_id, is_run_id, new_run_id, new_trace_id, slug


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=9999)),
)
def test_run_ids_sort_by_time(moment: datetime, later: timedelta) -> None:
    first, second = moment.replace(tzinfo=UTC), moment.replace(tzinfo=UTC) + later
    assert new_run_id(first) < new_run_id(second)


def test_a_run_id_is_no_path() -> None:
    assert is_run_id(new_run_id())
    for text in ("", "..", "../../etc", "20261121-015506-123456-abc/..", "20261121-015506-123456-ABCDEF"):
        assert not is_run_id(text)


@given(st.text())
def test_a_slug_is_always_fit_for_a_branch(text: str) -> None:
    made = slug(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 48
    assert branch_name(made).startswith("tdev/auto/")


def test_slugs_of_other_scripts_differ() -> None:
    assert slug("회의실 예약") != slug("회의실 취소")
    assert slug("Café  del Mar!") == "cafe-del-mar"


def test_a_goal_id_ignores_white_space_only() -> None:
    assert goal_id("evolve", "add  types\n", "/r") == goal_id("evolve", "add types", "/r")
    assert goal_id("evolve", "add types", "/r") != goal_id("build", "add types", "/r")
    assert goal_id("evolve", "add types", "/r") != goal_id("evolve", "add types", "/s")


def test_trace_ids_are_w3c() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", new_trace_id())

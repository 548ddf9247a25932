"""Which drafts stay: those that add something, the shorter of two that add the same."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.useful_tests import Worth, worth_keeping


def names(*drafts: Worth) -> list[str]:
    return [one.name for one in worth_keeping(drafts)]


def worth(name: str, size: int, lines: tuple[int, ...] = (), kills: tuple[int, ...] = ()) -> Worth:
    return Worth(name, size, frozenset(lines), frozenset(kills))


def test_of_two_that_add_the_same_the_shorter_stays_in_any_order() -> None:
    drafts = [worth("property", 90, (3, 4), (0,)), worth("call", 40, (3, 4), (0,)), worth("other", 200, (5,))]
    for order in permutations(drafts):
        assert names(*order) == ["call", "other"]


def test_what_adds_nothing_is_dropped() -> None:
    assert names(worth("idle", 10), worth("again", 20)) == []


def test_what_another_covers_wholly_is_dropped_even_when_it_is_shorter() -> None:
    assert names(worth("part", 5, (3,)), worth("whole", 90, (3, 4))) == ["whole"]


def test_a_mutant_is_worth_as_much_as_a_line() -> None:
    kept = worth_keeping([worth("runs", 10, (3,)), worth("kills", 10, (), (7,)), worth("both", 10, (3,), (8,))])
    assert [one.name for one in kept] == ["both", "kills"]


def test_of_two_as_short_the_first_stays() -> None:
    drafts = [worth("b", 10, (3,)), worth("a", 10, (3,))]
    assert names(*drafts) == ["b"] and names(*reversed(drafts)) == ["a"]


def test_each_is_kept_with_what_it_adds_to_those_before_it() -> None:
    first, second = worth_keeping([worth("a", 10, (1, 2)), worth("b", 10, (2, 3))])
    assert (first.name, first.lines) == ("a", {1, 2}) and (second.name, second.lines) == ("b", {3})


SETS = st.frozensets(st.integers(0, 6), max_size=5)


@given(st.lists(st.tuples(st.integers(1, 99), SETS, SETS), max_size=8))
def test_nothing_that_a_draft_adds_is_lost_and_each_that_stays_adds_something(given: list) -> None:  # type: ignore[type-arg]
    drafts = [Worth(str(number), *one) for number, one in enumerate(given)]
    kept = worth_keeping(drafts)
    assert all(one.lines or one.kills for one in kept)
    for part in ("lines", "kills"):
        added = [item for one in kept for item in getattr(one, part)]
        assert set(added) == {item for one in drafts for item in getattr(one, part)}
        assert len(added) == len(set(added))

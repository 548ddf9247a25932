"""Work gathered along the folders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdev.core.path_groups import Place, overlap, path_groups

names = st.sampled_from(["a", "b", "c", "d"])
files = st.lists(names, min_size=0, max_size=3).map(lambda folders: "/".join([*folders, "m.py"]))
places = st.lists(
    st.builds(
        Place,
        path=files,
        hours=st.floats(0.05, 3.0),
        priority=st.floats(0, 1),
        insight=st.integers(1, 9).map(str),
    ),
    max_size=30,
)


@given(places)
def test_every_place_is_in_one_group_and_none_is_too_long_but_single_files(found: list[Place]) -> None:
    groups = path_groups(found, 4.0)
    assert abs(sum(group.hours for group in groups) - sum(place.hours for place in found)) < 1e-6
    for group in groups:
        if group.hours > 4.0 + 1e-6:
            assert len(group.paths) == 1
            assert group.paths[0].endswith(".py")
    for place in found:
        holding = [group for group in groups if overlap(group.paths, (place.path,))]
        assert len(holding) == 1
        assert place.insight in holding[0].insights


@given(places)
def test_groups_do_not_overlap_and_the_order_of_places_does_not_matter(found: list[Place]) -> None:
    groups = path_groups(found, 4.0)
    for number, group in enumerate(groups):
        assert all(not overlap(group.paths, other.paths) for other in groups[number + 1 :])
    if len(groups) > 1:
        assert [group.paths for group in path_groups(found[::-1], 4.0)] == [group.paths for group in groups]


def test_little_work_is_one_group_about_the_whole() -> None:
    assert path_groups([Place("a/b.py", 1, 0.2, "i"), Place("c.py", 2, 0.7, "j")], 4.0)[0] == ((), 3, 0.7, ("i", "j"))


def test_folders_that_fit_stay_whole_and_small_neighbours_are_packed() -> None:
    found = [Place(f"src/{name}/m{number}.py", 0.5, 0.5, name) for name in "abc" for number in range(4)]
    found += [Place("setup.py", 0.5, 0.5, "s")]
    assert [group.paths for group in path_groups(found, 4.0)] == [("src/a", "src/b"), ("src/c",), ("setup.py",)]


def test_overlap() -> None:
    assert overlap((), ("a",))
    assert overlap(("a",), ("a/b.py",))
    assert overlap(("a/b.py",), ("a",))
    assert overlap((".",), ("a",))
    assert not overlap(("a",), ("ab",))


def test_nothing_to_do_is_no_group() -> None:
    assert path_groups([], 4.0) == ()
